using CudnnResNet.Native.Safe;
using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Sys.Driver;
using static CudnnResNet.VirtualGpu.Tests.Driver.EmulatedGpu;

namespace CudnnResNet.VirtualGpu.Tests.Driver;

/// <summary>When work is done, what is read at the call and what later, and what waits for what; under both orders.</summary>
[TestClass]
public sealed unsafe class StreamTests
{
    [TestMethod]
    [DataRow(EmulatorOrder.Early, 1L)]
    [DataRow(EmulatorOrder.Late, 0L)]
    public void Work_is_done_at_once_or_when_somebody_waits(EmulatorOrder order, long doneAtOnce)
    {
        using var gpu = new EmulatedGpu(order);
        DeviceBuffer x = gpu.Filled(1, 2, 3), y = gpu.Empty(12);
        gpu.AddOne(gpu.Stream, x.Pointer, 3, y.Pointer);
        Assert.AreEqual(doneAtOnce, Emulator.Counters.Kernels);
        gpu.Stream.Synchronize();
        Assert.AreEqual(1, Emulator.Counters.Kernels);
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void Parameters_and_pageable_sources_are_read_at_the_call(EmulatorOrder order)
    {
        using var gpu = new EmulatedGpu(order);
        DeviceBuffer x = gpu.Empty(12), y = gpu.Empty(12);
        int[] source = [1, 2, 3];
        gpu.Stream.Upload<int>(source, x.Pointer);
        source.AsSpan().Fill(99);
        // The wrapper's parameters lie on its stack, which the next call overwrites.
        gpu.AddOne(gpu.Stream, x.Pointer, 3, y.Pointer);
        gpu.Stream.Copy(y.Pointer, 12, x.Pointer);
        CollectionAssert.AreEqual(new[] { 2, 3, 4 }, gpu.Read(x.Pointer, 3));
    }

    [TestMethod]
    public void A_pinned_source_that_changes_before_its_copy_is_caught()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        DeviceBuffer x = gpu.Empty(16);
        PinnedBuffer source = gpu.Pinned(16);
        gpu.Stream.Upload(source, x.Pointer);
        source.As<int>()[2] = 5;
        Fails(CUresult.CUDA_ERROR_LAUNCH_FAILED, "source changed before it was copied: byte 8 of pinned memory", gpu.Stream.Synchronize);
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void Pinned_memory_may_go_there_and_back_and_be_filled_again_after_its_event(EmulatorOrder order)
    {
        using (var gpu = new EmulatedGpu(order))
        {
            DeviceBuffer x = gpu.Empty(12), y = gpu.Empty(12);
            PinnedBuffer buffer = gpu.Pinned(12);
            CudaEvent copied = gpu.NewEvent();
            for (int step = 0; step < 3; step++)
            {
                buffer.As<int>().Fill(step);
                gpu.Stream.Upload(buffer, x.Pointer);
                gpu.AddOne(gpu.Stream, x.Pointer, 3, y.Pointer);
                gpu.Stream.Download(y.Pointer, buffer);
                gpu.Stream.Upload(buffer, x.Pointer);
                copied.Record(gpu.Stream);
                copied.Synchronize();
                CollectionAssert.AreEqual(new[] { step + 1, step + 1, step + 1 }, buffer.As<int>().ToArray());
                CollectionAssert.AreEqual(new[] { step + 1, step + 1, step + 1 }, gpu.Read(x.Pointer, 3));
            }
        }
        Assert.IsEmpty(Emulator.Mistakes);
    }

    [TestMethod]
    public void A_result_that_is_read_too_early_is_not_there()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        DeviceBuffer x = gpu.Filled(1, 2, 3);
        PinnedBuffer result = gpu.Pinned(12);
        result.As<int>().Fill(77);
        CudaEvent copied = gpu.NewEvent();
        gpu.Stream.Download(x.Pointer, result);
        copied.Record(gpu.Stream);
        // Neither the result nor what was there before: NaN as floats, -1 as integers.
        CollectionAssert.AreEqual(new[] { -1, -1, -1 }, result.As<int>().ToArray());
        copied.Synchronize();
        CollectionAssert.AreEqual(new[] { 1, 2, 3 }, result.As<int>().ToArray());
    }

    [TestMethod]
    public void Pinned_memory_that_is_freed_before_its_copy_is_caught()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        DeviceBuffer x = gpu.Empty(16);
        PinnedBuffer source = gpu.Pinned(16);
        gpu.Stream.Upload(source, x.Pointer);
        source.Dispose();
        Fails(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, "was freed before the copy was done", gpu.Stream.Synchronize);
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early, true)]
    [DataRow(EmulatorOrder.Late, false)]
    public void A_question_is_answered_not_yet_once_and_then_makes_progress(EmulatorOrder order, bool first)
    {
        using var gpu = new EmulatedGpu(order);
        DeviceBuffer x = gpu.Filled(1, 2, 3), y = gpu.Empty(12);
        CudaEvent done = gpu.NewEvent();
        Assert.IsTrue(done.IsDone, "an event that was never recorded holds up nobody");
        gpu.AddOne(gpu.Stream, x.Pointer, 3, y.Pointer);
        done.Record(gpu.Stream);
        gpu.AddOne(gpu.Stream, x.Pointer, 3, y.Pointer);
        Assert.AreEqual(first, done.IsDone);
        Assert.IsTrue(done.IsDone);
        Assert.AreEqual(order == EmulatorOrder.Early ? 2 : 1, Emulator.Counters.Kernels);
        Assert.AreEqual(first, gpu.Stream.IsIdle);
        Assert.IsTrue(gpu.Stream.IsIdle);
        Assert.AreEqual(2, Emulator.Counters.Kernels);
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void A_stream_waits_for_another_ones_event(EmulatorOrder order)
    {
        using (var gpu = new EmulatedGpu(order))
        {
            CudaStream other = gpu.NewStream();
            DeviceBuffer x = gpu.Filled(1, 2, 3), y = gpu.Empty(12), z = gpu.Empty(12);
            CudaEvent there = gpu.NewEvent(), back = gpu.NewEvent();
            for (int i = 0; i < 1000; i++)
            {
                gpu.AddOne(gpu.Stream, x.Pointer, 3, y.Pointer);
                there.Record(gpu.Stream);
                other.Wait(there);
                gpu.AddOne(other, y.Pointer, 3, z.Pointer);
                back.Record(other);
                gpu.Stream.Wait(back);
                gpu.Stream.Copy(z.Pointer, 12, x.Pointer);
            }
            CollectionAssert.AreEqual(new[] { 2001, 2002, 2003 }, gpu.Read(x.Pointer, 3));
        }
        Assert.IsEmpty(Emulator.Mistakes);
    }

    [TestMethod]
    public void A_wait_that_was_forgotten_is_caught()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        CudaStream other = gpu.NewStream();
        DeviceBuffer x = gpu.Filled(1, 2, 3), y = gpu.Empty(12), z = gpu.Empty(12);
        gpu.AddOne(gpu.Stream, x.Pointer, 3, y.Pointer);
        gpu.AddOne(other, y.Pointer, 3, z.Pointer);
        Fails(CUresult.CUDA_ERROR_LAUNCH_FAILED, "read of unwritten memory", gpu.Context.Synchronize);
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void Work_of_a_destroyed_stream_is_done(EmulatorOrder order)
    {
        using (var gpu = new EmulatedGpu(order))
        {
            DeviceBuffer x = gpu.Filled(1, 2, 3), y = gpu.Empty(12);
            var other = new CudaStream(gpu.Context);
            gpu.AddOne(other, x.Pointer, 3, y.Pointer);
            other.Dispose();
            gpu.Context.Synchronize();
            CollectionAssert.AreEqual(new[] { 2, 3, 4 }, gpu.Read(y.Pointer, 3));
        }
        Assert.IsEmpty(Emulator.Mistakes);
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void Freeing_waits_for_the_work_that_uses_the_memory(EmulatorOrder order)
    {
        using (var gpu = new EmulatedGpu(order))
        {
            DeviceBuffer x = gpu.Filled(1, 2, 3), y = gpu.Empty(12);
            gpu.AddOne(gpu.Stream, x.Pointer, 3, y.Pointer);
            x.Dispose();
            CollectionAssert.AreEqual(new[] { 2, 3, 4 }, gpu.Read(y.Pointer, 3));
        }
        Assert.IsEmpty(Emulator.Mistakes);
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void Events_keep_the_emulators_time(EmulatorOrder order)
    {
        using var gpu = new EmulatedGpu(order);
        DeviceBuffer x = gpu.Filled(1, 2, 3), y = gpu.Empty(12);
        CudaEvent start = gpu.NewEvent(timing: true), end = gpu.NewEvent(timing: true), plain = gpu.NewEvent();
        start.Record(gpu.Stream);
        gpu.AddOne(gpu.Stream, x.Pointer, 3, y.Pointer);
        end.Record(gpu.Stream);
        if (order == EmulatorOrder.Late) Assert.AreEqual(CUresult.CUDA_ERROR_NOT_READY, cuEventElapsedTime(out _, start.Value, end.Value));
        end.Synchronize();
        Assert.AreEqual(Emulator.Counters.LaneInstructions * 1e-6f, CudaEvent.Milliseconds(start, end));
        plain.Record(gpu.Stream);
        Assert.AreEqual(CUresult.CUDA_ERROR_INVALID_HANDLE, cuEventElapsedTime(out _, start.Value, plain.Value));
        Assert.Contains("keeps no time", Emulator.Mistakes.Last());
    }

    [TestMethod]
    public void Threads_with_streams_of_their_own_do_not_disturb_each_other()
    {
        using (var gpu = new EmulatedGpu(EmulatorOrder.Late))
        {
            CudaFunction addOne = gpu.Kernel("add_one");
            var failures = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
            Thread[] threads = [.. Enumerable.Range(0, 4).Select(number => new Thread(() => Work(gpu, addOne, number, failures)))];
            foreach (Thread thread in threads) thread.Start();
            foreach (Thread thread in threads) thread.Join();
            Assert.IsEmpty(failures, string.Join(Environment.NewLine, failures));
        }
        Assert.IsEmpty(Emulator.Mistakes);
    }

    private static void Work(EmulatedGpu gpu, CudaFunction addOne, int number, System.Collections.Concurrent.ConcurrentQueue<Exception> failures)
    {
        try
        {
            using var scope = gpu.Context.Enter();
            using var stream = new CudaStream(gpu.Context);
            for (int i = 0; i < 100; i++)
            {
                using var x = new DeviceBuffer(gpu.Context, "x", 12);
                using var y = new DeviceBuffer(gpu.Context, "y", 12);
                int value = number * 1000 + i;
                stream.Upload<int>([value, value, value], x.Pointer);
                addOne.Launch(stream, 1, 32, 0, x.Pointer, 3, y.Pointer);
                CollectionAssert.AreEqual(new[] { value + 1, value + 1, value + 1 }, gpu.Read(y.Pointer, 3, stream));
            }
        }
        catch (Exception error) when (error is CudaException or AssertFailedException)
        {
            failures.Enqueue(error);
        }
    }
}
