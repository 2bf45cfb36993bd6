using System.Runtime.InteropServices;
using CudnnResNet.Native.Sys;

namespace CudnnResNet.Native.Safe;

/// <summary>
/// Something of CUDA, cuDNN or cuBLAS that has to be given back. <see cref="SafeHandle.Dispose()"/> gives it back at once; a forgotten one
/// is given back by the finaliser. Its context stays until the last of its objects is gone.
/// </summary>
public abstract class CudaObject : SafeHandle
{
    private CudaContext? context;

    private protected CudaObject() : base(0, ownsHandle: true) { }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The handle, for a call.</summary>
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    internal nint Value
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    /// <summary>Takes over a handle that was just made.</summary>
    /// <param name="made">The handle.</param>
    /// <param name="owner">The context that is to outlive it and to be current when it is destroyed; null where it needs none.</param>
    private protected void Own(nint made, CudaContext? owner)
    {
        if (owner is not null)
        {
            bool added = false;
            owner.DangerousAddRef(ref added);
            context = owner;
        }
        SetHandle(made);
    }

    /// <summary>Takes over a handle that is not complete yet; where completing it fails it is destroyed at once, not some day by the finaliser.</summary>
    private protected void Own(nint made, CudaContext? owner, Action complete)
    {
        Own(made, owner);
        try
        {
            complete();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Destroys the handle; errors are not exceptions here, because disposal often follows an error.</summary>
    /// <returns>Whether that went well.</returns>
    private protected abstract bool Destroy();

    /// <inheritdoc/>
    protected sealed override bool ReleaseHandle()
    {
        if (context is null) return Destroy();
        try
        {
            if (Driver.cuCtxPushCurrent_v2(context.RawHandle) != CUresult.CUDA_SUCCESS) return false;
            bool destroyed = Destroy();
            return Driver.cuCtxPopCurrent_v2(out _) == CUresult.CUDA_SUCCESS && destroyed;
        }
        finally
        {
            context.DangerousRelease();
        }
    }

    // What went down with its context, or with the process, is destroyed already.
    private protected static bool Gone(CUresult status) =>
        status is CUresult.CUDA_SUCCESS or CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED or CUresult.CUDA_ERROR_DEINITIALIZED;
}
