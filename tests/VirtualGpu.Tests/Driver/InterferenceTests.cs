using CudnnResNet.Native.Safe;
using CudnnResNet.VirtualGpu.Tests.Cudnn;

namespace CudnnResNet.VirtualGpu.Tests.Driver;

/// <summary>Calls that a test makes fail.</summary>
[TestClass]
public sealed class InterferenceTests
{
    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void Whichever_call_fails_it_is_an_exception_and_nothing_is_left(EmulatorOrder order)
    {
        // The libraries are loaded once.
        Emulator.Start(order);
        Work();
        long calls = 0;
        for (long failing = 0; failing <= calls; failing++)
        {
            Emulator.Start(order);
            Emulator.Interfere(failCall: failing);
            try
            {
                Work();
                Assert.AreEqual(failing == 0 ? 0 : 1, Emulator.Counters.InjectedFailures);
                // What gives something back has done so, and its failure stays unsaid.
                if (failing == 0) calls = Emulator.Counters.Calls;
            }
            catch (NativeException error)
            {
                Assert.Contains("was made to fail", error.Message);
                Assert.AreNotEqual(0, failing);
            }
            Assert.IsEmpty(Emulator.Mistakes, $"call {failing}: {string.Join(Environment.NewLine, Emulator.Mistakes)}");
            Assert.IsEmpty(Emulator.Leaks, $"call {failing}: {string.Join(Environment.NewLine, Emulator.Leaks)}");
        }
        Assert.IsGreaterThan(40L, calls);
    }

    [TestMethod]
    public void Each_library_fails_with_a_status_of_its_own()
    {
        Emulator.Start();
        using var context = new CudaContext(CudaDriver.GetDevice(0));
        using ContextScope scope = context.Enter();
        using var stream = new CudaStream(context);
        Fails<CudaOutOfMemoryException>("CUDA_ERROR_OUT_OF_MEMORY", () => new DeviceBuffer(context, "a test's", 4).Dispose());
        Fails<CudaException>("CUDA_ERROR_LAUNCH_FAILED", stream.Synchronize);
        Fails<CudnnException>("CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED", () => new CudnnHandle(stream).Dispose());
        Fails<CudnnException>("CUDNN_STATUS_EXECUTION_FAILED", CudnnHandle.CheckSubLibraries);
        Fails<CublasException>("CUBLAS_STATUS_ALLOC_FAILED", () => new CublasHandle(stream, Workspace.None).Dispose());
        Emulator.Interfere();
        stream.Synchronize();
    }

    private static void Fails<T>(string status, Action action) where T : NativeException
    {
        Emulator.Interfere(failCall: 1);
        Assert.Contains(status, Assert.Throws<T>(action).Message);
    }

    // A little of everything.
    private static void Work()
    {
        using var context = new CudaContext(CudaDriver.GetDevice(0));
        using ContextScope scope = context.Enter();
        using var stream = new CudaStream(context);
        using CudaModule module = CudaModule.FromPtx(context, System.Text.Encoding.ASCII.GetBytes(TestKernels.Ptx), "test kernels");
        using var buffer = new DeviceBuffer(context, "a test's", 4096);
        using var done = new CudaEvent(context, timing: false);
        using var cudnn = new CudnnHandle(stream);
        using var cublas = new CublasHandle(stream, new(buffer.Pointer, 1024));
        using var tensor = new TensorDescriptor(1, 2, 2, 2);
        using var filter = new FilterDescriptor(2, 2, 1, 1);
        using var convolution = new ConvolutionDescriptor(0, 1, ConvolutionMath.Fma);
        DevicePointer x = buffer.Pointer + 1024, w = x + 256, y = w + 256, z = y + 256;
        stream.Fill(buffer.Pointer, (byte)0, 4096);
        void Step()
        {
            cudnn.ConvolutionForward(new(tensor, x), new(filter, w), convolution, ForwardAlgorithm.ImplicitGemm, Workspace.None, new(tensor, y));
            cublas.Gemm(false, false, 2, 2, 2, y, 2, y, 2, z, 2);
            module.GetFunction("add_one").Launch(stream, 1, 4, 0, z, 4, w);
        }
        Step();
        stream.Fill(w, 0u, 4);
        using CudaGraph graph = CudaGraph.Capture(stream, Step);
        using CudaGraphExec exec = graph.Instantiate();
        exec.Launch(stream);
        done.Record(stream);
        done.Synchronize();
        int[] values = new int[4];
        stream.Download(w, values.AsSpan());
        CollectionAssert.AreEqual(new[] { 1, 1, 1, 1 }, values);
    }
}
