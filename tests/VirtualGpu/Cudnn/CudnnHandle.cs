using CudnnResNet.VirtualGpu.Driver;
using CudnnResNet.VirtualGpu.Libraries;

namespace CudnnResNet.VirtualGpu.Cudnn;

internal sealed class CudnnHandle(GpuContext context) : LibraryHandle("cuDNN handle", context);
