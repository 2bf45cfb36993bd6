using CudnnResNet.Native.Safe;
using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Sys.Driver;
using static CudnnResNet.VirtualGpu.Tests.Driver.EmulatedGpu;

namespace CudnnResNet.VirtualGpu.Tests.Driver;

/// <summary>Capture and replay, and what a capture forbids.</summary>
[TestClass]
public sealed unsafe class GraphTests
{
    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void A_graph_does_nothing_when_captured_and_everything_each_time_it_is_launched(EmulatorOrder order)
    {
        using (var gpu = new EmulatedGpu(order))
        {
            DeviceBuffer x = gpu.Filled(1, 2, 3), y = gpu.Empty(12);
            PinnedBuffer result = gpu.Pinned(12);
            CudaGraph graph = gpu.Keep(CudaGraph.Capture(gpu.Stream, () =>
            {
                Assert.IsTrue(gpu.Stream.IsCapturing);
                gpu.AddOne(gpu.Stream, x.Pointer, 3, y.Pointer);
                gpu.Stream.Copy(y.Pointer, 12, x.Pointer);
                gpu.Stream.Download(x.Pointer, result);
            }));
            Assert.IsFalse(gpu.Stream.IsCapturing);
            Assert.AreEqual(3, graph.NodeCount);
            Assert.AreEqual((1L, 0L), (Emulator.Counters.LaunchCalls, Emulator.Counters.Kernels));
            CudaGraphExec exec = gpu.Keep(graph.Instantiate());
            graph.Dispose();
            for (int i = 0; i < 10; i++) exec.Launch(gpu.Stream);
            gpu.Stream.Synchronize();
            CollectionAssert.AreEqual(new[] { 11, 12, 13 }, result.As<int>().ToArray());
            EmulatorCounters counters = Emulator.Counters;
            Assert.AreEqual((1L, 1L, 10L, 10L, 10L), (counters.Captures, counters.LaunchCalls, counters.GraphLaunches, counters.Kernels, counters.DeviceCopies));
        }
        Assert.IsEmpty(Emulator.Mistakes);
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void A_graph_reads_its_pinned_source_at_each_launch(EmulatorOrder order)
    {
        using var gpu = new EmulatedGpu(order);
        DeviceBuffer x = gpu.Empty(12);
        PinnedBuffer source = gpu.Pinned(12);
        CudaGraph graph = gpu.Keep(CudaGraph.Capture(gpu.Stream, () => gpu.Stream.Upload(source, x.Pointer)));
        CudaGraphExec exec = gpu.Keep(graph.Instantiate());
        for (int i = 5; i < 8; i++)
        {
            source.As<int>().Fill(i);
            exec.Launch(gpu.Stream);
            CollectionAssert.AreEqual(new[] { i, i, i }, gpu.Read(x.Pointer, 3));
        }
    }

    [TestMethod]
    public void A_launch_waits_for_the_same_graph_in_another_stream()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        CudaStream other = gpu.NewStream();
        DeviceBuffer x = gpu.Filled(1, 2, 3), y = gpu.Empty(12);
        CudaGraph graph = gpu.Keep(CudaGraph.Capture(gpu.Stream, () =>
        {
            gpu.AddOne(gpu.Stream, x.Pointer, 3, y.Pointer);
            gpu.Stream.Copy(y.Pointer, 12, x.Pointer);
        }));
        CudaGraphExec exec = gpu.Keep(graph.Instantiate());
        exec.Launch(gpu.Stream);
        exec.Launch(other);
        CollectionAssert.AreEqual(new[] { 3, 4, 5 }, gpu.Read(x.Pointer, 3, other));
    }

    [TestMethod]
    public void Nodes_can_be_listed()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        DeviceBuffer x = gpu.Filled(1, 2, 3);
        CudaGraph graph = gpu.Keep(CudaGraph.Capture(gpu.Stream, () =>
        {
            gpu.Stream.Fill(x.Pointer, 0u, 3);
            gpu.Stream.Fill(x.Pointer, 1u, 3);
        }));
        nint* nodes = stackalloc nint[3];
        nuint count = 3;
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuGraphGetNodes(graph.Value, nodes, ref count));
        Assert.AreEqual((nuint)2, count);
        Assert.AreNotEqual(nodes[0], nodes[1]);
        Assert.AreEqual(0, nodes[2]);
    }

    [TestMethod]
    public void Allocation_during_capture_is_caught_and_loses_the_graph()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        Fails(CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "cuMemAlloc_v2 during the capture of stream", () => CudaGraph.Capture(gpu.Stream, () => gpu.Empty(16)));
        Assert.IsFalse(gpu.Stream.IsCapturing);
        gpu.Stream.Synchronize();
    }

    [TestMethod]
    [DataRow("pinned", "cuMemHostAlloc during the capture")]
    [DataRow("free", "cuMemFree_v2 during the capture")]
    [DataRow("stream", "cuStreamSynchronize on stream")]
    [DataRow("query", "cuStreamQuery on stream")]
    [DataRow("context", "cuCtxSynchronize on stream")]
    [DataRow("event", "cuEventSynchronize during the capture")]
    [DataRow("upload", "a copy with pageable host memory during the capture")]
    [DataRow("download", "a copy with pageable host memory during the capture")]
    [DataRow("module", "cuModuleLoadDataEx during the capture")]
    public void What_a_graph_cannot_hold_is_caught_and_loses_the_graph(string call, string words)
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        DeviceBuffer x = gpu.Filled(1, 2, 3);
        ulong address = x.Pointer.Address;
        CudaEvent done = gpu.NewEvent();
        int value;
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuStreamBeginCapture_v2(gpu.Stream.Value, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
        CUresult status = call switch
        {
            "pinned" => cuMemHostAlloc(out _, 16, 0),
            "free" => cuMemFree_v2(address),
            "stream" => cuStreamSynchronize(gpu.Stream.Value),
            "query" => cuStreamQuery(gpu.Stream.Value),
            "context" => cuCtxSynchronize(),
            "event" => cuEventSynchronize(done.Value),
            "upload" => cuMemcpyHtoDAsync_v2(address, &value, 4, gpu.Stream.Value),
            "download" => cuMemcpyDtoHAsync_v2(&value, address, 4, gpu.Stream.Value),
            _ => cuModuleLoadDataEx(out _, &value, 0, null, null),
        };
        Assert.AreEqual(CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, status);
        Assert.Contains(words, Emulator.Mistakes.Last());
        Assert.AreEqual(CUresult.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuMemsetD8Async(address, 0, 4, gpu.Stream.Value));
        Assert.AreEqual(CUresult.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(gpu.Stream.Value, out nint graph));
        Assert.AreEqual(0, graph);
    }

    [TestMethod]
    public void Another_thread_may_allocate_during_a_capture_but_not_end_it()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuStreamBeginCapture_v2(gpu.Stream.Value, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
        CUresult allocated = CUresult.CUDA_ERROR_UNKNOWN, freed = allocated, ended = allocated;
        var other = new Thread(() =>
        {
            using var scope = gpu.Context.Enter();
            allocated = cuMemAlloc_v2(out ulong address, 16);
            freed = cuMemFree_v2(address);
            ended = cuStreamEndCapture(gpu.Stream.Value, out _);
        });
        other.Start();
        other.Join();
        Assert.AreEqual((CUresult.CUDA_SUCCESS, CUresult.CUDA_SUCCESS, CUresult.CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD), (allocated, freed, ended));
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuStreamEndCapture(gpu.Stream.Value, out nint graph));
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuGraphDestroy(graph));
    }

    [TestMethod]
    public void A_capture_waits_for_nothing_outside()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        CudaStream other = gpu.NewStream();
        CudaEvent outside = gpu.NewEvent(), inside = gpu.NewEvent();
        outside.Record(other);
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuStreamBeginCapture_v2(gpu.Stream.Value, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
        inside.Record(gpu.Stream);
        gpu.Stream.Wait(inside);
        Fails(CUresult.CUDA_ERROR_STREAM_CAPTURE_ISOLATION, "which was not recorded in it", () => gpu.Stream.Wait(outside));
        Assert.AreEqual(CUresult.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(gpu.Stream.Value, out _));
        Fails(CUresult.CUDA_ERROR_CAPTURED_EVENT, "was recorded during a capture", inside.Synchronize);
        Fails(CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "was recorded during a capture", () => other.Wait(inside));
    }

    [TestMethod]
    public void Captures_begin_once_and_end_once()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        nint stream = gpu.Stream.Value;
        Assert.AreEqual(CUresult.CUDA_ERROR_ILLEGAL_STATE, cuStreamEndCapture(stream, out _));
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuStreamBeginCapture_v2(stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_GLOBAL));
        Assert.AreEqual(CUresult.CUDA_ERROR_ILLEGAL_STATE, cuStreamBeginCapture_v2(stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_GLOBAL));
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuStreamEndCapture(stream, out nint graph));
        Assert.AreEqual(CUresult.CUDA_SUCCESS, cuGraphDestroy(graph));
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void A_graph_that_outlives_its_memory_is_caught(EmulatorOrder order)
    {
        using var gpu = new EmulatedGpu(order);
        DeviceBuffer x = gpu.Filled(1, 2, 3);
        CudaGraph graph = gpu.Keep(CudaGraph.Capture(gpu.Stream, () => gpu.Stream.Fill(x.Pointer, 0u, 3)));
        CudaGraphExec exec = gpu.Keep(graph.Instantiate());
        x.Dispose();
        exec.Launch(gpu.Stream);
        Fails(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, "use after free: write of 12 bytes", gpu.Stream.Synchronize);
    }
}
