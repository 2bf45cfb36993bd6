using System.Runtime.CompilerServices;
using CudnnResNet.Native.Sys;

namespace CudnnResNet.Native.Safe;

/// <summary>Text about a call's operands that is put together only where the call failed: no string is made in a training step.</summary>
[InterpolatedStringHandler]
internal ref struct OperandText
{
    private DefaultInterpolatedStringHandler text;
    private readonly bool failed;

    public OperandText(int literalLength, int formattedCount, CUresult status, out bool failed)
        : this(literalLength, formattedCount, failed = status != CUresult.CUDA_SUCCESS) { }

    public OperandText(int literalLength, int formattedCount, cudnnStatus_t status, out bool failed)
        : this(literalLength, formattedCount, failed = status != cudnnStatus_t.CUDNN_STATUS_SUCCESS) { }

    public OperandText(int literalLength, int formattedCount, cublasStatus_t status, out bool failed)
        : this(literalLength, formattedCount, failed = status != cublasStatus_t.CUBLAS_STATUS_SUCCESS) { }

    private OperandText(int literalLength, int formattedCount, bool failed)
    {
        this.failed = failed;
        if (failed) text = new(literalLength, formattedCount);
    }

    public void AppendLiteral(string value) => text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => text.AppendFormatted(value);

    public override string ToString() => failed ? text.ToStringAndClear() : "";
}
