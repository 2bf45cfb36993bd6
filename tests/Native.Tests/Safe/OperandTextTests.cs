using CudnnResNet.Native.Safe;
using CudnnResNet.Native.Sys;

namespace CudnnResNet.Native.Tests.Safe;

/// <summary>The text about a call costs nothing where the call went well.</summary>
[TestClass]
public sealed class OperandTextTests
{
    [TestMethod]
    public void A_successful_call_puts_no_text_together()
    {
        Calls.Check(CUresult.CUDA_SUCCESS, $"{NotAsked()}");
        Calls.Check(cudnnStatus_t.CUDNN_STATUS_SUCCESS, $"{NotAsked()}");
        Calls.Check(cublasStatus_t.CUBLAS_STATUS_SUCCESS, $"{NotAsked()}");
    }

    [TestMethod]
    public void A_successful_call_allocates_nothing()
    {
        long before = 0;
        // The first round compiles.
        for (int round = 0; round < 2; round++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++) Calls.Check(CUresult.CUDA_SUCCESS, $"{i} bytes at {new DevicePointer(16)}");
        }
        Assert.AreEqual(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [TestMethod]
    public void A_failure_is_one_line_with_everything_that_is_known()
    {
        var failure = new NativeFailure("cudnnConvolutionForward", 3000, "CUDNN_STATUS_NOT_SUPPORTED", "x (128, 16, 32, 32) Float32 Nchw", "two\nlines", "another algorithm may support it");
        Assert.AreEqual(
            "cudnnConvolutionForward failed: CUDNN_STATUS_NOT_SUPPORTED; x (128, 16, 32, 32) Float32 Nchw; two lines; another algorithm may support it", failure.Message);
        Assert.IsTrue(new CudnnException(failure).IsNotSupported);
        Assert.AreEqual("cuInit failed: CUDA_ERROR_UNKNOWN", new NativeFailure("cuInit", 999, "CUDA_ERROR_UNKNOWN", "", "", null).Message);
    }

    private static string NotAsked() => throw new InvalidOperationException("nobody needs this text");
}
