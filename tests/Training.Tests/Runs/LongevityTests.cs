using CudnnResNet.Model;
using CudnnResNet.Model.Tests;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>Work that goes on and on: neither memory nor handles nor threads grow.</summary>
[TestClass]
public sealed class LongevityTests : EmulatedGpuTests
{
    // The just-in-time compiler, the thread pool and the allocator go on settling for a while. What is left is far below what the smallest
    // leak would take: 100 bytes a step are 1.9 MB in 19,000 steps, and a tensor of a network that stays is 100 kB a cycle.
    private const long Memory = 1_500_000;
    private const int Others = 2;

    private const int Cycles = 100, SettledCycles = 20;

    [TestMethod]
    [TestCategory("Long")]
    public void Twenty_thousand_steps_take_no_more_memory_handles_and_threads_than_a_thousand()
    {
        const int epochs = 20, stepsPerEpoch = 1000;
        using var temp = new TemporaryFolder();
        var options = TinyRun.Options(temp) with { Threads = 2, BatchSize = 2, Epochs = epochs, LogInterval = 200, CheckpointEvery = 500 };
        var footprints = new List<Footprint>(epochs);
        var allocated = new long[stepsPerEpoch / 200 * epochs];
        long before = 0;
        int reports = 0;
        var watcher = new TinyRun.Watcher(report =>
        {
            if (report is StepProgress)
            {
                // Steps alone: what comes before the first report of an epoch and before the one after a checkpoint is not counted.
                long now = GC.GetAllocatedBytesForCurrentThread();
                allocated[reports++] = now - before;
            }
            else if (report is EpochProgress)
            {
                footprints.Add(Footprint.Now());
            }
            before = GC.GetAllocatedBytesForCurrentThread();
        });
        using (var trainer = Trainer.Start(options, Synthetic.Create(trainCount: 2 * stepsPerEpoch, testCount: 10)))
            Assert.AreEqual(epochs * stepsPerEpoch, trainer.Run(watcher).StepsDone);

        Flat(footprints[0], footprints[^1], "20,000 steps");
        // 200 steps and the report of them: a report is an object or two, however many steps there were.
        Assert.IsLessThanOrEqualTo(200, allocated.Min(), "bytes in 200 steps and their report");
        Console.WriteLine($"after 1,000 steps {footprints[0]}, after 20,000 {footprints[^1]}; {allocated.Min()} bytes allocated in 200 steps and a report");
    }

    [TestMethod]
    [TestCategory("Long")]
    public void The_same_on_the_emulated_GPU()
    {
        const int epochs = 6, stepsPerEpoch = 100;
        _ = Emulator.Folder;
        using var temp = new TemporaryFolder();
        var options = TinyRun.Options(temp) with { Device = "cuda", BatchSize = 1, Epochs = epochs, LogInterval = 50, CheckpointEvery = 50 };
        var footprints = new List<(Footprint Process, int Objects, long Allocations)>();
        using (var trainer = Trainer.Start(options, Synthetic.Create(trainCount: stepsPerEpoch, testCount: 2)))
            trainer.Run(new TinyRun.Watcher(report =>
            {
                if (report is EpochProgress) footprints.Add((Footprint.Now(), Emulator.Leaks.Length, Emulator.Counters.Allocations));
            }));
        Flat(footprints[1].Process, footprints[^1].Process, "600 steps");
        Assert.AreEqual(footprints[1].Objects, footprints[^1].Objects, "objects of driver, cuDNN and cuBLAS");
        Assert.AreEqual(footprints[1].Allocations, footprints[^1].Allocations, "allocations of device memory");
    }

    [TestMethod]
    [TestCategory("Long")]
    [DataRow("cpu")]
    [DataRow("cuda")]
    public void A_hundred_trainers_one_after_another_leave_nothing(string device)
    {
        if (device == "cuda") _ = Emulator.Folder;
        using var temp = new TemporaryFolder();
        var data = Synthetic.Create(trainCount: 4, testCount: 2);
        string? hash = null;
        Cycle($"a trainer on {device}", number =>
        {
            using var trainer = Trainer.Start(TinyRun.Options(temp) with { Device = device, Threads = 3, BatchSize = 2, Epochs = 1, Name = $"cycle{number}" }, data);
            string own = trainer.Run().WeightsSha256;
            Assert.AreEqual(hash ??= own, own);
            trainer.Dispose();
            Directory.Delete(trainer.Folder.Path, recursive: true);
            if (device == "cuda") AssertNothingLeft();
        });
    }

    [TestMethod]
    [TestCategory("Long")]
    [DataRow("cpu")]
    [DataRow("cuda")]
    public void A_hundred_predictors_one_after_another_leave_nothing(string device)
    {
        if (device == "cuda") _ = Emulator.Folder;
        using var temp = new TemporaryFolder();
        var architecture = new ArchitectureSpec(Architecture.ResNet, 8);
        WeightsFile.Save(temp["w"], architecture, Normalization.Reference, Initializer.Create(architecture, 5));
        byte[] pixels = [.. Enumerable.Range(0, 2 * 3072).Select(i => (byte)(i * 7))];
        float[]? logits = null;
        Cycle($"a predictor on {device}", _ =>
        {
            using var predictor = Predictor.Load(temp["w"], new() { Device = DeviceOptions.Parse(device) with { Threads = 3 }, BatchSize = 2, Concurrency = device == "cpu" ? 3 : 1 });
            // Overlapping calls, so that networks beyond the first are made too.
            System.Threading.Tasks.Parallel.For(0, 3, call =>
            {
                float[] own = [.. predictor.Logits(pixels)];
                CollectionAssert.AreEqual(Interlocked.CompareExchange(ref logits, own, null) ?? own, own);
            });
        });
    }

    [TestMethod]
    [DataRow("cpu", "cpu")]
    [DataRow("cpu", "cuda")]
    [DataRow("cuda", "cuda")]
    public void Two_trainers_at_once_give_the_bytes_of_each_alone(string first, string second)
    {
        if (second == "cuda") _ = Emulator.Folder;
        using var temp = new TemporaryFolder();
        string[] alone = [Train(first, 1, "alone"), Train(second, 2, "alone")];
        var tasks = new[] { (first, 1UL), (second, 2UL) }.Select(run => Task.Factory.StartNew(() => Train(run.Item1, run.Item2, "together"), TaskCreationOptions.LongRunning)).ToArray();
        Task.WaitAll(tasks);
        CollectionAssert.AreEqual(alone, tasks.Select(task => task.Result).ToArray());
        Assert.AreNotEqual(alone[0], alone[1]);

        string Train(string device, ulong seed, string name) =>
            TinyRun.Train(TinyRun.Options(temp) with { Device = device, Threads = 2, Epochs = device == "cpu" ? 20 : 2, Seed = seed, Name = $"{name}{seed}" }).Result.WeightsSha256;
    }

    private static void Cycle(string what, Action<int> body)
    {
        Footprint settled = default;
        for (int cycle = 0; cycle < Cycles; cycle++)
        {
            body(cycle);
            if (cycle == SettledCycles - 1) settled = Footprint.Now();
        }
        Footprint end = Footprint.Now();
        Console.WriteLine($"{what}: after {SettledCycles} cycles {settled}, after {Cycles} {end}");
        Flat(settled, end, what);
    }

    private static void Flat(Footprint before, Footprint now, string what)
    {
        Footprint more = now - before;
        Assert.IsTrue(more.PrivateBytes <= Memory && more.Handles <= Others && more.Threads <= Others, $"{what}: {before}, then {now}");
    }
}
