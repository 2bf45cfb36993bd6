using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Safe.Calls;
using static CudnnResNet.Native.Sys.Driver;

namespace CudnnResNet.Native.Safe;

/// <summary>A mark in a stream's work that the host or another stream can wait for.</summary>
public sealed class CudaEvent : CudaObject
{
    /// <summary>Creates it; before it is recorded it counts as done.</summary>
    /// <param name="context">The context, current on this thread.</param>
    /// <param name="timing">Whether it keeps the time, for <see cref="Milliseconds"/>; that makes it slower.</param>
    public CudaEvent(CudaContext context, bool timing = false)
    {
        Check(cuEventCreate(out nint made, timing ? CUevent_flags.CU_EVENT_DEFAULT : CUevent_flags.CU_EVENT_DISABLE_TIMING), $"");
        Own(made, context);
    }

    /// <summary>Whether the work before the mark is done.</summary>
    public bool IsDone
    {
        get
        {
            CUresult status = cuEventQuery(Value);
            if (status == CUresult.CUDA_ERROR_NOT_READY) return false;
            Check(status, $"", nameof(cuEventQuery));
            return true;
        }
    }

    /// <summary>Puts the mark behind the work given to a stream so far.</summary>
    public void Record(CudaStream stream) => Check(cuEventRecord(Value, stream.Value), $"");

    /// <summary>Waits for the work before the mark.</summary>
    public void Synchronize() => Check(cuEventSynchronize(Value), $"");

    /// <summary>Milliseconds of the GPU's time between two marks that are done; both keep the time.</summary>
    public static float Milliseconds(CudaEvent start, CudaEvent end)
    {
        Check(cuEventElapsedTime(out float milliseconds, start.Value, end.Value), $"");
        return milliseconds;
    }

    private protected override bool Destroy() => Gone(cuEventDestroy_v2(handle));
}
