using System.IO.MemoryMappedFiles;

namespace CudnnResNet.Fuzz;

/// <summary>
/// What a fuzzing process is at, in a file mapped into memory: where the process dies, by a stack overflow or in native code, the system
/// still keeps what was written, and the process that started it reads the input that did it.
/// </summary>
internal sealed class Journal : IDisposable
{
    private const int ExecutionsAt = 0, LengthAt = 8, InputAt = 16;

    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;

    /// <summary>Opens a journal, or begins one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxLength">Longest input, in bytes.</param>
    public Journal(string path, int maxLength)
    {
        file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, InputAt + maxLength);
        view = file.CreateViewAccessor();
    }

    /// <summary>Executions begun so far.</summary>
    public long Executions => view.ReadInt64(ExecutionsAt);

    /// <summary>The newest input.</summary>
    public byte[] Input
    {
        get
        {
            var input = new byte[view.ReadInt32(LengthAt)];
            view.ReadArray(InputAt, input, 0, input.Length);
            return input;
        }
    }

    /// <summary>Notes the input of the next execution.</summary>
    public void Begin(byte[] input)
    {
        view.Write(LengthAt, input.Length);
        view.WriteArray(InputAt, input, 0, input.Length);
        view.Write(ExecutionsAt, Executions + 1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
    }
}
