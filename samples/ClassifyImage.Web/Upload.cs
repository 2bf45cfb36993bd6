using CudnnResNet.Images;

namespace ClassifyImage.Web;

/// <summary>The image in a request: the body itself, or the one file of a form.</summary>
internal static class Upload
{
    /// <summary>8 MiB, and 20 million pixels.</summary>
    public static readonly ImageLimits Limits = new(Bytes: 8 << 20, Pixels: 20_000_000);

    /// <summary>The image and what a form adds to it.</summary>
    public const long MaxRequestBytes = (8 << 20) + (64 << 10);

    /// <summary>Reads the image.</summary>
    /// <exception cref="ImageException">There is none, more than one, or one that is too large.</exception>
    /// <exception cref="BadHttpRequestException">The request is beyond Kestrel's limits (413), or not HTTP (400).</exception>
    public static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        if (request.HasFormContentType) return await ReadFormAsync(request);
        // What curl sends as a form without fields is no form with a file: the content type has to be an image's.
        if (request.ContentType is { } type && !type.StartsWith("image/", StringComparison.OrdinalIgnoreCase) && !type.StartsWith("application/octet-stream", StringComparison.OrdinalIgnoreCase))
            throw new ImageException(ImageFault.UnknownFormat, $"has the content type '{type}'; allowed are image/*, application/octet-stream and multipart/form-data");
        return await ReadAsync(request.Body, request.HttpContext.RequestAborted);
    }

    private static async Task<byte[]> ReadFormAsync(HttpRequest request)
    {
        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
        }
        catch (InvalidDataException error)
        {
            throw new ImageException(ImageFault.Damaged, $"is in a form that cannot be read: {error.Message}", error);
        }
        if (form.Files.Count != 1) throw new ImageException(ImageFault.Unreadable, $"is to be the one file of the form, which has {form.Files.Count}");
        await using var stream = form.Files[0].OpenReadStream();
        return await ReadAsync(stream, request.HttpContext.RequestAborted);
    }

    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancellation); // bounded by MaxRequestBytes
        return bytes.ToArray();
    }
}
