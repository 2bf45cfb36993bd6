using CudnnResNet.Native.Safe;
using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Sys.Driver;
using static CudnnResNet.VirtualGpu.Tests.Driver.EmulatedGpu;

namespace CudnnResNet.VirtualGpu.Tests.Driver;

/// <summary>Every mistake with memory is caught, under both orders, and is called by its name.</summary>
[TestClass]
public sealed class MemoryTests
{
    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void An_honest_program_has_nothing_to_report(EmulatorOrder order)
    {
        using (var gpu = new EmulatedGpu(order))
        {
            DeviceBuffer x = gpu.Filled(1, 2, 3), y = gpu.Empty(12), z = gpu.Empty(12);
            gpu.AddOne(gpu.Stream, x.Pointer, 3, y.Pointer);
            gpu.Stream.Copy(y.Pointer, 12, z.Pointer);
            gpu.Stream.Fill(z.Pointer + 4, 9u, 1);
            CollectionAssert.AreEqual(new[] { 2, 9, 4 }, gpu.Read(z.Pointer, 3));
            gpu.Stream.Fill(z.Pointer, (byte)1, 12);
            CollectionAssert.AreEqual(new[] { 0x01010101, 0x01010101, 0x01010101 }, gpu.Read(z.Pointer, 3));
            EmulatorCounters counters = Emulator.Counters;
            Assert.AreEqual((1L, 1L, 3L, 36L), (counters.LaunchCalls, counters.Kernels, counters.Allocations, counters.AllocatedBytes));
            Assert.AreEqual((1L, 12L, 2L, 24L), (counters.UploadCopies, counters.UploadBytes, counters.DownloadCopies, counters.DownloadBytes));
            Assert.AreEqual((1L, 12L, 2L, 16L), (counters.DeviceCopies, counters.DeviceCopyBytes, counters.Fills, counters.FillBytes));
            // One to upload, and two for each download into pageable memory: the copy itself waits, then the wrapper.
            Assert.AreEqual(5, counters.Synchronizations);
            Assert.IsGreaterThan(0L, counters.LaneInstructions);
        }
        Assert.IsEmpty(Emulator.Mistakes);
        Assert.IsEmpty(Emulator.Leaks);
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void An_out_of_bounds_read_is_caught(EmulatorOrder order)
    {
        using var gpu = new EmulatedGpu(order);
        DeviceBuffer x = gpu.Filled(1, 2, 3), y = gpu.Empty(64);
        gpu.AddOne(gpu.Stream, x.Pointer, 4, y.Pointer);
        Fails(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, "out-of-bounds read of 4 bytes", gpu.Stream.Synchronize);
        string mistake = Emulator.Mistakes.Single();
        Assert.Contains("add_one", mistake);
        Assert.Contains("0 bytes behind the end of allocation", mistake);
        Assert.Contains("(12 bytes at 0x", mistake);
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void An_out_of_bounds_write_is_caught(EmulatorOrder order)
    {
        using var gpu = new EmulatedGpu(order);
        DeviceBuffer x = gpu.Filled(1, 2, 3, 4), y = gpu.Empty(12);
        gpu.AddOne(gpu.Stream, x.Pointer, 4, y.Pointer);
        Fails(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, "out-of-bounds write of 4 bytes", gpu.Stream.Synchronize);
    }

    [TestMethod]
    [DataRow(-4, "4 bytes before allocation")]
    [DataRow(100000, "99988 bytes behind the end of allocation")]
    [DataRow(10, "2 of them lie behind the end of allocation")]
    public void An_address_beside_an_allocation_is_called_by_it(int offset, string words)
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Early);
        DeviceBuffer x = gpu.Filled(1, 2, 3);
        Fails(CUresult.CUDA_ERROR_INVALID_VALUE, words, () => gpu.Stream.Fill(x.Pointer + offset, (byte)0, 4));
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void A_read_of_unwritten_memory_is_caught(EmulatorOrder order)
    {
        using var gpu = new EmulatedGpu(order);
        DeviceBuffer x = gpu.Empty(16), y = gpu.Empty(16);
        gpu.Stream.Fill(x.Pointer, 1u, 2);
        gpu.AddOne(gpu.Stream, x.Pointer, 4, y.Pointer);
        Fails(CUresult.CUDA_ERROR_LAUNCH_FAILED, "read of unwritten memory: byte 8 of allocation", gpu.Stream.Synchronize);
        Assert.Contains("add_one", Emulator.Mistakes.Single());
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void A_copy_of_unwritten_memory_is_caught(EmulatorOrder order)
    {
        using var gpu = new EmulatedGpu(order);
        DeviceBuffer x = gpu.Empty(1024);
        gpu.Stream.Fill(x.Pointer, (byte)0, 1000);
        Fails(CUresult.CUDA_ERROR_LAUNCH_FAILED, "read of unwritten memory: byte 1000 of allocation", () => gpu.Read(x.Pointer, 256));
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void Use_after_free_by_a_kernel_is_caught(EmulatorOrder order)
    {
        using var gpu = new EmulatedGpu(order);
        DeviceBuffer x = gpu.Filled(1, 2, 3), y = gpu.Empty(12);
        DevicePointer dangling = x.Pointer;
        x.Dispose();
        gpu.AddOne(gpu.Stream, dangling, 3, y.Pointer);
        Fails(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, "use after free: read of 4 bytes", gpu.Stream.Synchronize);
        Assert.Contains("which cuMemFree_v2 freed", Emulator.Mistakes.Single());
    }

    [TestMethod]
    public void Use_after_free_by_a_copy_is_caught()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        DeviceBuffer x = gpu.Filled(1, 2, 3);
        DevicePointer dangling = x.Pointer;
        x.Dispose();
        Fails(CUresult.CUDA_ERROR_INVALID_VALUE, "use after free: read of 12 bytes", () => gpu.Read(dangling, 3));
    }

    [TestMethod]
    public void Freed_addresses_are_never_given_out_again()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        var seen = new HashSet<ulong>();
        for (int i = 0; i < 100; i++)
        {
            using var buffer = new DeviceBuffer(gpu.Context, "short-lived", 4096);
            Assert.IsTrue(seen.Add(buffer.Pointer.Address));
            Assert.AreEqual(0ul, buffer.Pointer.Address % 256);
        }
    }

    [TestMethod]
    public void A_double_free_is_caught()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuMemAlloc_v2(out ulong address, 64));
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuMemFree_v2(address));
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_VALUE, cuMemFree_v2(address));
        Assert.Contains("double free: allocation", Emulator.Mistakes.Single());
    }

    [TestMethod]
    public unsafe void Frees_of_what_is_no_allocation_are_caught()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        DeviceBuffer x = gpu.Filled(1, 2, 3);
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_VALUE, cuMemFree_v2(x.Pointer.Address + 4));
        Assert.Contains("4 bytes into allocation", Emulator.Mistakes.Last());
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_VALUE, cuMemFree_v2(12345));
        Assert.Contains("free of what is no allocation", Emulator.Mistakes.Last());
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_VALUE, cuMemFreeHost((void*)x.Pointer.Address));
        Assert.Contains("free of what is no pinned memory", Emulator.Mistakes.Last());
        PinnedBuffer pinned = gpu.Pinned(16);
        void* address = pinned.Address;
        pinned.Dispose();
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_VALUE, cuMemFreeHost(address));
        Assert.Contains("double free of pinned memory", Emulator.Mistakes.Last());
    }

    [TestMethod]
    public unsafe void A_leak_is_reported_when_its_context_ends()
    {
        Emulator.Start();
        cuInit(0);
        cuDevicePrimaryCtxRetain(out nint context, 0);
        cuCtxPushCurrent_v2(context);
        cuMemAlloc_v2(out _, 1000);
        cuMemHostAlloc(out _, 24, 0);
        cuStreamCreate(out _, CUstream_flags.CU_STREAM_NON_BLOCKING);
        cuEventCreate(out nint done, CUevent_flags.CU_EVENT_DEFAULT);
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuEventDestroy_v2(done));
        Assert.HasCount(4, Emulator.Leaks);
        Assert.Contains("is still retained", Emulator.Leaks[0]);
        cuCtxPopCurrent_v2(out _);
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuDevicePrimaryCtxRelease_v2(0));
        string[] leaks = Emulator.Mistakes;
        Assert.HasCount(3, leaks);
        Assert.Contains("leak: allocation", leaks[0]);
        Assert.Contains("(1000 bytes at", leaks[0]);
        Assert.Contains("leak: pinned memory", leaks[1]);
        Assert.Contains("leak: stream", leaks[2]);
        Assert.IsEmpty(Emulator.Leaks);
    }

    [TestMethod]
    public void Too_little_memory_is_said_with_numbers_and_is_no_mistake()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late, memory: 1 << 20);
        using (var first = new DeviceBuffer(gpu.Context, "first", 600_000))
        {
            var error = Assert.ThrowsExactly<CudaOutOfMemoryException>(() => new DeviceBuffer(gpu.Context, "second", 600_000).Dispose());
            Assert.AreEqual((600_000L, 1L << 20), (error.NeededBytes, error.TotalBytes));
            Assert.IsLessThan(600_000L, error.FreeBytes);
        }
        gpu.Keep(new DeviceBuffer(gpu.Context, "second", 600_000));
        Assert.IsEmpty(Emulator.Mistakes);
    }

    [TestMethod]
    public unsafe void Host_and_device_addresses_are_told_apart()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        DeviceBuffer x = gpu.Filled(1, 2, 3);
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoDAsync_v2(x.Pointer.Address, (void*)x.Pointer.Address, 4, gpu.Stream.Value));
        Assert.Contains("is an address of the device", Emulator.Mistakes.Last());
        PinnedBuffer pinned = gpu.Pinned(16);
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoHAsync_v2((byte*)pinned.Address + 8, x.Pointer.Address, 12, gpu.Stream.Value));
        Assert.Contains("leaves pinned memory", Emulator.Mistakes.Last());
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_VALUE, cuMemsetD32Async(x.Pointer.Address + 2, 0, 1, gpu.Stream.Value));
        Assert.Contains("misaligned address", Emulator.Mistakes.Last());
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoDAsync_v2(x.Pointer.Address + 4, x.Pointer.Address, 8, gpu.Stream.Value));
        Assert.Contains("overlap", Emulator.Mistakes.Last());
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void After_a_fault_everything_fails_with_it(EmulatorOrder order)
    {
        using var gpu = new EmulatedGpu(order);
        DeviceBuffer x = gpu.Filled(1, 2, 3), y = gpu.Empty(64);
        gpu.AddOne(gpu.Stream, x.Pointer, 4, y.Pointer);
        Assert.Throws<CudaException>(gpu.Stream.Synchronize);
        Assert.AreEqual(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, cuMemAlloc_v2(out _, 4));
        Assert.AreEqual(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, cuCtxSynchronize());
        Assert.AreEqual(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, cuStreamCreate(out _, CUstream_flags.CU_STREAM_NON_BLOCKING));
        Assert.HasCount(1, Emulator.Mistakes);
    }
}
