namespace CudnnResNet.Model;

/// <summary>Opens a file of tensors; what format it has is told by its first bytes, never by its name.</summary>
internal static class TensorFile
{
    private const int TarMarkAt = 257;

    /// <summary>Reads a whole file: safetensors, or what <c>torch.save</c> wrote.</summary>
    /// <exception cref="WeightsException">The file cannot be read, or is of neither format, or is damaged; the message begins with the path.</exception>
    public static ITensorFile Read(string path) => Open<ITensorFile>(path, stream =>
    {
        var begin = new byte[TarMarkAt + 5];
        int length = stream.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false);
        if (begin.AsSpan(TarMarkAt).SequenceEqual("ustar"u8))
            throw new WeightsException($"{path}: a tar archive, PyTorch's format before 0.1.10, is not read; load it with PyTorch and save it anew");
        stream.Position = 0;
        return TorchFile.Recognises(begin.AsSpan(0, Math.Min(length, sizeof(ulong)))) ? ReadTorch(stream, path) : SafeTensors.Read(stream, path);
    });

    /// <summary>Opens a file for reading and says which file it was when the system refuses.</summary>
    /// <exception cref="WeightsException">There is no such file, or it cannot be read.</exception>
    public static T Open<T>(string path, Func<FileStream, T> read)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return read(stream);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new WeightsException($"{path}: there is no such file", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new WeightsException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    private static TorchFile ReadTorch(FileStream stream, string path)
    {
        if (stream.Length > Array.MaxLength) throw new WeightsException($"{path}: {stream.Length} bytes are more than the {Array.MaxLength} this engine reads");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        try
        {
            return TorchFile.Read(bytes);
        }
        catch (WeightsException error)
        {
            throw new WeightsException($"{path}: {error.Message}", error);
        }
    }
}
