using CudnnResNet.Native.Safe;
using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Sys.Driver;
using static CudnnResNet.VirtualGpu.Tests.Driver.EmulatedGpu;

namespace CudnnResNet.VirtualGpu.Tests.Driver;

/// <summary>Launches that are wrong, and kernels that do wrong.</summary>
[TestClass]
public sealed unsafe class LaunchTests
{
    [TestMethod]
    public void Too_few_parameters_are_caught()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        DeviceBuffer x = gpu.Filled(1, 2, 3);
        CudaFunction addOne = gpu.Kernel("add_one");
        Fails(CUresult.CUDA_ERROR_INVALID_VALUE, "too few parameters: number 3 of 3 is a null pointer", () => addOne.Launch(gpu.Stream, 1, 32, 0, x.Pointer, 3));
    }

    [TestMethod]
    public void Too_few_parameters_in_a_buffer_are_caught()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        DeviceBuffer x = gpu.Filled(1, 2, 3), y = gpu.Empty(12);
        nint function = RawFunction(gpu, "add_one");
        ulong* parameters = stackalloc ulong[] { x.Pointer.Address, 3, y.Pointer.Address };
        nuint bytes = 16;
        void** extra = stackalloc void*[] { (void*)1, parameters, (void*)2, &bytes, null };
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_VALUE, cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 0, gpu.Stream.Value, null, extra));
        Assert.Contains("too few parameters: the buffer has 16 bytes, the kernel's parameters 24", Emulator.Mistakes.Last());
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_VALUE, cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 0, gpu.Stream.Value, null, null));
        Assert.Contains("missing with the whole array", Emulator.Mistakes.Last());
        bytes = 24;
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 0, gpu.Stream.Value, null, extra));
        CollectionAssert.AreEqual(new[] { 2, 3, 4 }, gpu.Read(y.Pointer, 3));
    }

    [TestMethod]
    [DataRow("add_one", 65, OutOfResources, "block (65, 1, 1) has 65 threads, and the kernel is compiled for 64 at most")]
    [DataRow("one_warp", 64, InvalidValue, "block (64, 1, 1) has 64 threads, and the kernel requires 32")]
    [DataRow("misaligned", 1025, InvalidValue, "block (1025, 1, 1): from (1, 1, 1) to (1024, 1024, 64) is allowed")]
    [DataRow("misaligned", 0, InvalidValue, "block (0, 1, 1): from (1, 1, 1)")]
    public void A_wrong_block_size_is_caught(string kernel, int threads, uint status, string words)
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        DeviceBuffer x = gpu.Filled(1, 2, 3);
        Fails((CUresult)status, words, () => gpu.Kernel(kernel).Launch(gpu.Stream, 1, threads, 0, x.Pointer, 3, x.Pointer));
    }

    [TestMethod]
    public void A_wrong_grid_or_too_much_shared_memory_is_caught()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        CudaFunction kernel = gpu.Kernel("much_shared");
        Assert.AreEqual(TestKernels.SharedBytes, kernel.SharedBytes);
        Fails(CUresult.CUDA_ERROR_INVALID_VALUE, "grid (1, 65536, 1)", () => kernel.Launch(gpu.Stream, new(1, 65536), 32, 0));
        Fails(CUresult.CUDA_ERROR_INVALID_VALUE, "block (32, 32, 2) has 2048 threads", () => kernel.Launch(gpu.Stream, 1, new(32, 32, 2), 0));
        Fails(CUresult.CUDA_ERROR_INVALID_VALUE, "50000 bytes of shared memory (40000 of the kernel, 10000 of the launch)", () => kernel.Launch(gpu.Stream, 1, 32, 10000));
        kernel.Launch(gpu.Stream, 1, 32, 9000);
        gpu.Stream.Synchronize();
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void A_misaligned_access_is_caught(EmulatorOrder order)
    {
        using var gpu = new EmulatedGpu(order);
        DeviceBuffer y = gpu.Filled(1, 2);
        gpu.Kernel("misaligned").Launch(gpu.Stream, 1, 1, 0, y.Pointer);
        Fails(CUresult.CUDA_ERROR_MISALIGNED_ADDRESS, "misaligned", gpu.Stream.Synchronize);
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void A_divergent_barrier_is_caught(EmulatorOrder order)
    {
        using var gpu = new EmulatedGpu(order);
        gpu.Kernel("divergent_barrier").Launch(gpu.Stream, 1, 32, 0);
        Fails(CUresult.CUDA_ERROR_LAUNCH_FAILED, "bar.sync", gpu.Stream.Synchronize);
        Assert.Contains("divergent_barrier", Emulator.Mistakes.Single());
    }

    [TestMethod]
    public void Wrong_and_stale_handles_are_caught()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        CudaStream stream = gpu.Stream;
        CudaEvent mark = gpu.NewEvent();
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_HANDLE, cuStreamSynchronize(mark.Value));
        Assert.Contains("was passed where a stream is needed", Emulator.Mistakes.Last());
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_HANDLE, cuEventRecord(stream.Value, stream.Value));
        Assert.Contains("was passed where a event is needed", Emulator.Mistakes.Last());
        nint old = mark.Value;
        mark.Dispose();
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_HANDLE, cuEventQuery(old));
        Assert.Contains("was destroyed", Emulator.Mistakes.Last());
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_HANDLE, cuModuleUnload(12345));
        Assert.AreEqual(CUresult.CUDA_ERROR_NOT_SUPPORTED, cuStreamSynchronize(0));
        Assert.Contains("default stream", Emulator.Mistakes.Last());
    }

    [TestMethod]
    public void A_kernel_of_an_unloaded_module_is_caught()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        CudaModule module = gpu.Keep(CudaModule.FromPtx(gpu.Context, System.Text.Encoding.ASCII.GetBytes(TestKernels.Ptx), "short-lived"));
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuModuleGetFunction(out nint function, module.Value, "one_warp"));
        CudaGraph graph = gpu.Keep(CudaGraph.Capture(gpu.Stream, () => Assert.AreEqual(CUresult.CUDA_SUCCESS, cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 0, gpu.Stream.Value, null, null))));
        CudaGraphExec exec = gpu.Keep(graph.Instantiate());
        module.Dispose();
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_HANDLE, cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 0, gpu.Stream.Value, null, null));
        exec.Launch(gpu.Stream);
        Fails(CUresult.CUDA_ERROR_LAUNCH_FAILED, "its module was unloaded", gpu.Stream.Synchronize);
    }

    // Attributes take constants, and the enum is internal to the engine.
    private const uint InvalidValue = (uint)CUresult.CUDA_ERROR_INVALID_VALUE;
    private const uint OutOfResources = (uint)CUresult.CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;

    private static nint RawFunction(EmulatedGpu gpu, string name)
    {
        CudaModule module = gpu.Keep(CudaModule.FromPtx(gpu.Context, System.Text.Encoding.ASCII.GetBytes(TestKernels.Ptx), "raw"));
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuModuleGetFunction(out nint function, module.Value, name));
        return function;
    }
}
