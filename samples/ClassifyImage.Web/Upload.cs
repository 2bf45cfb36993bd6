using CudnnResNet.Images;

namespace ClassifyImage.Web;

/// <summary>The image in a request: the body itself, or the one file of a form.</summary>
internal static class Upload
{
    /// <summary>8 MiB, and 20 million pixels.</summary>
    public static readonly ImageLimits Limits = new(Bytes: 8 << 20, Pixels: 20_000_000);

    /// <summary>The image and what a form adds to it.</summary>
    public const long MaxRequestBytes = (8 << 20) + (64 << 10);

    /// <summary>Requests that are read or answered at a time; with their bodies in memory, half a gigabyte.</summary>
    public const int MaxRequests = 64;

    /// <summary>What a client has to send after <see cref="Grace"/>, on average.</summary>
    public const int MinBytesPerSecond = 4096;

    /// <summary>Before that it may take its time.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Reads the image.</summary>
    /// <exception cref="ImageException">There is none, more than one, or one that is too large.</exception>
    public static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        try
        {
            if (Is("multipart/form-data")) return await ReadFormAsync(request);
            if (Is("image/") || Is("application/octet-stream")) return await ReadAsync(request.Body, request);
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw new ImageException(ImageFault.TooLarge, $"is in a request that is too large; allowed are {MaxRequestBytes:N0} bytes, {Limits.Bytes:N0} of them the image", error);
        }
        throw new ImageException(ImageFault.UnknownFormat, $"has the content type '{request.ContentType}'; allowed are image/*, application/octet-stream and multipart/form-data");

        bool Is(string type) => request.ContentType?.StartsWith(type, StringComparison.OrdinalIgnoreCase) == true;
    }

    private static async Task<byte[]> ReadFormAsync(HttpRequest request)
    {
        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
        }
        catch (Exception error) when (error is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw new ImageException(ImageFault.Damaged, $"is in a form that cannot be read: {error.Message}", error);
        }
        if (form.Files.Count != 1) throw new ImageException(ImageFault.Unreadable, $"is to be the one file of the form, which has {form.Files.Count}");
        await using var stream = form.Files[0].OpenReadStream();
        return await ReadAsync(stream, request);
    }

    /// <summary>Reads to the end, which Kestrel sees to that it comes.</summary>
    private static async Task<byte[]> ReadAsync(Stream stream, HttpRequest request)
    {
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, request.HttpContext.RequestAborted);
        return bytes.ToArray();
    }
}
