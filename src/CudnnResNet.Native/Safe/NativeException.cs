namespace CudnnResNet.Native.Safe;

/// <summary>
/// A call of CUDA, cuDNN or cuBLAS failed. The message is one line: the call, its status, the operands, what the library itself said,
/// and what to do.
/// </summary>
public abstract class NativeException : Exception
{
    private protected NativeException(NativeFailure failure) : base(failure.Message) => Failure = failure;

    /// <summary>The function, as in the C header.</summary>
    public string Call => Failure.Call;

    /// <summary>The status it returned.</summary>
    public int Status => Failure.Status;

    /// <summary>The status by its C name.</summary>
    public string StatusName => Failure.StatusName;

    /// <summary>The operands: shapes, sizes, names; empty where there are none.</summary>
    public string Operands => Failure.Operands;

    /// <summary>The library's own text.</summary>
    public string Detail => Failure.Detail;

    /// <summary>What a user can do; null where nothing better is known than what the library says.</summary>
    public string? WhatToDo => Failure.WhatToDo;

    private NativeFailure Failure { get; }
}

/// <summary>What is known about a call that failed.</summary>
internal sealed record NativeFailure(string Call, int Status, string StatusName, string Operands, string Detail, string? WhatToDo)
{
    public string Message => string.Join("; ", new[] { $"{Call} failed: {StatusName}", Operands, Detail, WhatToDo ?? "" }.Where(part => part.Length > 0)).ReplaceLineEndings(" ");
}

/// <summary>A call of the CUDA driver failed.</summary>
public class CudaException : NativeException
{
    internal CudaException(NativeFailure failure) : base(failure) { }
}

/// <summary>The GPU has not enough free memory.</summary>
public sealed class CudaOutOfMemoryException : CudaException
{
    internal CudaOutOfMemoryException(NativeFailure failure, long needed, long free, long total) : base(failure) => (NeededBytes, FreeBytes, TotalBytes) = (needed, free, total);

    /// <summary>Bytes of the allocation that failed.</summary>
    public long NeededBytes { get; }

    /// <summary>Bytes that were free then.</summary>
    public long FreeBytes { get; }

    /// <summary>Bytes that the GPU has.</summary>
    public long TotalBytes { get; }
}

/// <summary>A call of cuDNN failed.</summary>
public sealed class CudnnException : NativeException
{
    internal CudnnException(NativeFailure failure) : base(failure) { }

    /// <summary>cuDNN cannot compute this combination of shapes, layout, type and algorithm; another algorithm may.</summary>
    public bool IsNotSupported => Status / 1000 == (int)Sys.cudnnStatus_t.CUDNN_STATUS_NOT_SUPPORTED / 1000;
}

/// <summary>A call of cuBLAS failed.</summary>
public sealed class CublasException : NativeException
{
    internal CublasException(NativeFailure failure) : base(failure) { }
}
