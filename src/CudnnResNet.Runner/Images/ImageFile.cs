using CudnnResNet.Images;

namespace CudnnResNet.Runner.Images;

/// <summary>An image that the command line names.</summary>
internal static class ImageFile
{
    /// <summary>64 MiB, and 100 million pixels: more than phones' cameras make.</summary>
    public static readonly ImageLimits Limits = new(Bytes: 64 << 20, Pixels: 100_000_000);

    /// <summary>Reads and decodes a file.</summary>
    /// <exception cref="ImageException">It is not an image that is allowed; the message names the file.</exception>
    public static DecodedImage Load(string path)
    {
        try
        {
            return ImageDecoder.Decode(Read(path), Limits);
        }
        catch (ImageException error)
        {
            throw new ImageException(error.Fault, $"{path} {error.Message}", error);
        }
    }

    private static ReadOnlySpan<byte> Read(string path)
    {
        if (Directory.Exists(path)) throw new ImageException(ImageFault.Unreadable, $"is a folder; allowed are {ImageDecoder.Formats}");
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if (file.CanSeek)
            {
                ImageDecoder.CheckBytes(file.Length, Limits);
                var whole = new byte[file.Length];
                return whole.AsSpan(0, file.ReadAtLeast(whole, whole.Length, throwOnEndOfStream: false));
            }
            // A pipe has no length: the limit counts what is read.
            var bytes = new MemoryStream();
            var part = new byte[1 << 16];
            for (int read; bytes.Length <= Limits.Bytes && (read = file.Read(part)) > 0;) bytes.Write(part, 0, read);
            return bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ImageException(ImageFault.Unreadable, "does not exist", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new ImageException(ImageFault.Unreadable, $"cannot be read: {error.Message}", error);
        }
    }
}
