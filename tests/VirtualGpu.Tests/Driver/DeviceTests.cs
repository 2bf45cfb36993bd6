using CudnnResNet.Native.Safe;
using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Sys.Driver;
using Counters = CudnnResNet.VirtualGpu.Driver.Counters;

namespace CudnnResNet.VirtualGpu.Tests.Driver;

/// <summary>What the emulator says of itself.</summary>
[TestClass]
public sealed class DeviceTests
{
    [TestMethod]
    public void The_device_says_that_it_is_no_hardware()
    {
        Emulator.Start(memory: 1 << 30);
        CudaDevice device = CudaDriver.GetDevice(0);
        Assert.AreEqual("CudnnResNet emulator (not hardware)", device.Name);
        Assert.IsTrue(device.IsEmulator);
        Assert.AreEqual(new CudaVersion(7, 0), device.ComputeCapability);
        Assert.AreEqual(1L << 30, device.TotalMemory);
        Assert.IsTrue(device.AllowsContexts);
        Assert.AreEqual(1, CudaDriver.DeviceCount);
        Assert.AreEqual(new CudaVersion(12, 0), CudaDriver.Version);
    }

    [TestMethod]
    public void The_engine_finds_it_under_the_drivers_name()
    {
        Emulator.Start();
        CudaDriver.Initialize();
        string[] loaded = [.. CudaDriver.LoadReport.Attempts.Where(attempt => attempt.Loaded).Select(attempt => attempt.Path)];
        CollectionAssert.Contains(loaded, Path.Combine(Emulator.Folder, "libcuda.so.1"));
    }

    [TestMethod]
    public unsafe void A_name_is_cut_to_the_room_there_is()
    {
        Emulator.Start();
        CudaDriver.Initialize();
        byte* name = stackalloc byte[8];
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuDeviceGetName(name, 8, 0));
        Assert.AreEqual("CudnnRe", Calls.Utf8(name));
    }

    [TestMethod]
    public void Nothing_works_before_the_start()
    {
        Emulator.Start();
        Assert.AreEqual(CUresult.CUDA_ERROR_NOT_INITIALIZED, cuDeviceGetCount(out _));
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuDriverGetVersion(out _));
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_VALUE, cuInit(1));
    }

    [TestMethod]
    public void There_is_no_second_device_and_no_unknown_attribute()
    {
        Emulator.Start();
        CudaDriver.Initialize();
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_DEVICE, cuDeviceGet(out _, 1));
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_VALUE, cuDeviceGetAttribute(out _, (CUdevice_attribute)100000, 0));
    }

    [TestMethod]
    public unsafe void Errors_have_names_and_sentences()
    {
        Emulator.Start();
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuGetErrorName(CUresult.CUDA_ERROR_MISALIGNED_ADDRESS, out byte* name));
        Assert.AreEqual("CUDA_ERROR_MISALIGNED_ADDRESS", Calls.Utf8(name));
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuGetErrorString(CUresult.CUDA_ERROR_MISALIGNED_ADDRESS, out byte* text));
        Assert.AreEqual("misaligned address", Calls.Utf8(text));
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_VALUE, cuGetErrorName((CUresult)12345, out name));
        Assert.IsTrue(name is null);
    }

    [TestMethod]
    public void A_profiler_is_started_and_stopped_in_a_context()
    {
        Emulator.Start();
        Assert.AreEqual(CUresult.CUDA_ERROR_NOT_INITIALIZED, cuProfilerStart());
        using (var context = new CudaContext(CudaDriver.GetDevice(0)))
        {
            Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_CONTEXT, cuProfilerStart());
            using var scope = context.Enter();
            CudaDriver.StartProfiler();
            CudaDriver.StartProfiler();
            CudaDriver.StopProfiler();
        }
        Assert.AreEqual((2, 1), (Emulator.Counters.ProfilerStarts, Emulator.Counters.ProfilerStops));
    }

    [TestMethod]
    public void The_counters_are_read_as_they_are_counted() => CollectionAssert.AreEqual(
        typeof(Counters).GetFields().Select(field => field.Name).ToArray(), typeof(EmulatorCounters).GetFields().Select(field => field.Name).ToArray());
}
