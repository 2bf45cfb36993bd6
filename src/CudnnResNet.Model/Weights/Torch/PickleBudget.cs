namespace CudnnResNet.Model;

/// <summary>How much the pickles of a file may do: so many opcodes, and items of calls' arguments, as its length accounts for.</summary>
/// <param name="fileLength">Bytes of the whole file.</param>
internal sealed class PickleBudget(long fileLength)
{
    // A state dict has some 45 opcodes for a tensor, and with its optimizer's twice as many. That of depth 1202 comes to half a million,
    // in a file of 156 MB; smaller networks have fewer, and fewer bytes.
    private const int Free = 100_000, BytesPerOpcode = 64;

    private readonly long limit = Free + fileLength / BytesPerOpcode;
    private long spent;

    /// <summary>Counts what is about to be done.</summary>
    /// <exception cref="WeightsException">It is too much.</exception>
    public void Spend(long opcodes)
    {
        if ((spent += opcodes) > limit) throw new WeightsException($"more than {limit} opcodes and items, which is too much for a file of {fileLength} bytes");
    }
}
