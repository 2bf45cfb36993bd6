using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Sys.Driver;

namespace CudnnResNet.VirtualGpu.Tests.Driver;

/// <summary>The primary context, and the threads' stacks of current ones.</summary>
[TestClass]
public sealed class ContextTests
{
    [TestInitialize]
    public void Start()
    {
        Emulator.Start();
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuInit(0));
    }

    [TestMethod]
    public void The_last_release_destroys_it()
    {
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuDevicePrimaryCtxRetain(out nint first, 0));
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuDevicePrimaryCtxRetain(out nint second, 0));
        Assert.AreEqual(first, second);
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuCtxPushCurrent_v2(first));
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuDevicePrimaryCtxRelease_v2(0));
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuCtxSynchronize());
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuDevicePrimaryCtxRelease_v2(0));
        Assert.AreEqual(CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED, cuCtxSynchronize());
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_CONTEXT, cuDevicePrimaryCtxRelease_v2(0));
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuDevicePrimaryCtxRetain(out nint third, 0));
        Assert.AreNotEqual(first, third);
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_HANDLE, cuCtxPushCurrent_v2(first));
    }

    [TestMethod]
    public void Contexts_are_current_for_one_thread_and_nest()
    {
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_CONTEXT, cuMemAlloc_v2(out _, 4));
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_CONTEXT, cuCtxPopCurrent_v2(out _));
        cuDevicePrimaryCtxRetain(out nint context, 0);
        cuCtxPushCurrent_v2(context);
        cuCtxPushCurrent_v2(context);
        CUresult elsewhere = CUresult.CUDA_SUCCESS;
        var other = new Thread(() => elsewhere = cuMemGetInfo_v2(out _, out _));
        other.Start();
        other.Join();
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_CONTEXT, elsewhere);
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuCtxPopCurrent_v2(out nint popped));
        Assert.AreEqual(context, popped);
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuMemGetInfo_v2(out _, out _));
        cuCtxPopCurrent_v2(out _);
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_CONTEXT, cuMemGetInfo_v2(out _, out _));
    }
}
