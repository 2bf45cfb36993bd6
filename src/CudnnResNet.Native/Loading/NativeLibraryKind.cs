namespace CudnnResNet.Native.Loading;

/// <summary>The libraries of NVIDIA that this assembly calls.</summary>
public enum NativeLibraryKind
{
    /// <summary>The driver's library; it comes with the display driver, never with a toolkit.</summary>
    Driver,

    /// <summary>cuDNN 9: the shim that loads the sub-libraries.</summary>
    Cudnn,

    /// <summary>cuBLAS of CUDA 12 or 13.</summary>
    Cublas,

    /// <summary>NVTX 2, optional.</summary>
    NvToolsExt,
}
