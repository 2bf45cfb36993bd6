using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Safe.Calls;
using static CudnnResNet.Native.Sys.Cudnn;

namespace CudnnResNet.Native.Safe;

/// <summary>
/// cuDNN on one stream: y = alpha * result + beta * y for every operation, with beta = 0 not reading y. One thread uses it at a time.
/// The order of parameters: what is read, options, what is written.
/// </summary>
public sealed unsafe partial class CudnnHandle : CudaObject
{
    /// <summary>Starts cuDNN; loads its libraries where this is the first time.</summary>
    /// <param name="stream">Where its work goes; its context is current on this thread.</param>
    /// <exception cref="Loading.NativeLibraryNotFoundException">cuDNN is not on this machine.</exception>
    /// <exception cref="CudnnException">It does not fit the driver or the GPU.</exception>
    public CudnnHandle(CudaStream stream)
    {
        Check(cudnnCreate(out nint made), $"{stream.Context.Device}");
        Own(made, stream.Context, () => Check(cudnnSetStream(Value, stream.Value), $""));
    }

    /// <summary>cuDNN's version, such as 9.10.2.</summary>
    /// <exception cref="Loading.NativeLibraryNotFoundException">cuDNN is not on this machine.</exception>
    public static Version Version
    {
        get
        {
            // 91002 is 9.10.2 from version 9 on; before, 8907 was 8.9.7.
            int number = (int)cudnnGetVersion();
            return number >= 90000 ? new(number / 10000, number / 100 % 100, number % 100) : new(number / 1000, number / 100 % 10, number % 100);
        }
    }

    /// <summary>The CUDA version that this cuDNN is built for.</summary>
    /// <exception cref="Loading.NativeLibraryNotFoundException">cuDNN is not on this machine.</exception>
    public static CudaVersion CudaVersion => CudaVersion.FromNumber((long)cudnnGetCudartVersion());

    /// <summary>Asks the libraries of cuDNN that are used here whether they are all of one version; loads them.</summary>
    /// <exception cref="CudnnException">They are not, or one is missing.</exception>
    public static void CheckSubLibraries()
    {
        Check(cudnnGraphVersionCheck(), $"");
        Check(cudnnOpsVersionCheck(), $"");
        Check(cudnnCnnVersionCheck(), $"");
    }

    private protected override bool Destroy() => cudnnDestroy(handle) == cudnnStatus_t.CUDNN_STATUS_SUCCESS;
}
