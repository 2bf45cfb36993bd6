namespace CudnnResNet.VirtualGpu;

/// <summary>Why a function of cuDNN or cuBLAS refuses.</summary>
/// <param name="status">What it returns, of the library's own enum.</param>
/// <param name="message">Why.</param>
/// <param name="isMistake">Whether it is one of the program's; "not supported" is an answer that a program has to expect.</param>
internal sealed class LibraryFault(Enum status, string message, bool isMistake = true) : Exception(message)
{
    /// <summary>The status.</summary>
    public Enum Status { get; } = status;

    /// <summary>Whether it goes into the report.</summary>
    public bool IsMistake { get; } = isMistake;
}
