using CudnnResNet.Native.Loading;
using static CudnnResNet.Native.Safe.Calls;
using static CudnnResNet.Native.Sys.Driver;

namespace CudnnResNet.Native.Safe;

/// <summary>The CUDA driver of this machine. Nothing is loaded before the first call.</summary>
public static class CudaDriver
{
    /// <summary>Every path that was tried for a library so far.</summary>
    public static LoadReport LoadReport => ImportResolver.Loader.Report;

    /// <summary>The newest CUDA version that the driver runs.</summary>
    /// <exception cref="NativeLibraryNotFoundException">There is no driver.</exception>
    public static CudaVersion Version
    {
        get
        {
            Check(cuDriverGetVersion(out int version), $"");
            return CudaVersion.FromNumber(version);
        }
    }

    /// <summary>GPUs that this process may use; <c>CUDA_VISIBLE_DEVICES</c> hides and orders them.</summary>
    /// <exception cref="NativeLibraryNotFoundException">There is no driver.</exception>
    /// <exception cref="CudaException">There is no GPU, or the driver does not work.</exception>
    public static int DeviceCount
    {
        get
        {
            Initialize();
            Check(cuDeviceGetCount(out int count), $"");
            return count;
        }
    }

    /// <summary>Starts the driver; again does nothing. The other members do it themselves.</summary>
    /// <exception cref="NativeLibraryNotFoundException">There is no driver.</exception>
    /// <exception cref="CudaException">There is no GPU, or the driver does not work.</exception>
    public static void Initialize() => Check(cuInit(0), $"");

    /// <summary>A GPU by its number, from 0.</summary>
    /// <exception cref="CudaException">There is no such GPU.</exception>
    public static CudaDevice GetDevice(int ordinal)
    {
        Initialize();
        return new(ordinal);
    }

    /// <summary>Begins the range that <c>nsys --capture-range=cudaProfilerApi</c> and <c>ncu</c> record.</summary>
    public static void StartProfiler() => Check(cuProfilerStart(), $"");

    /// <summary>Ends that range.</summary>
    public static void StopProfiler() => Check(cuProfilerStop(), $"");
}
