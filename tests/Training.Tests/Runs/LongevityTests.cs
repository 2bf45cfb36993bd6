using CudnnResNet.Model;
using CudnnResNet.Model.Tests;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>
/// Work that goes on and on, or is done again and again: neither memory nor handles nor threads grow. 20,000 steps are a part of the soak
/// program, whose process has nothing else in it.
/// </summary>
[TestClass]
public sealed class LongevityTests : EmulatedGpuTests
{
    // What is lost at each cycle is lost in every round; the just-in-time compiler and the allocator take megabytes now and then, and the pool
    // a thread, so the round that took the least counts; nothing opens a handle now and then. The smallest leak, one tensor of 100 kB that
    // stays, would be 2 MB of a round.
    private const long Memory = 1_000_000;
    private const int Others = 2;

    private const int Rounds = 5, CyclesPerRound = 20;

    [TestMethod]
    [TestCategory("Long")]
    public void Steps_on_the_emulated_GPU_make_nothing_that_stays()
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
        Flat([.. footprints.Skip(1).Select(epoch => epoch.Process)], emulated: true, "600 steps");
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
        Cycle($"a trainer on {device}", device == "cuda", number =>
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
        Cycle($"a predictor on {device}", device == "cuda", _ =>
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

    private static void Cycle(string what, bool emulated, Action<int> body)
    {
        var footprints = new Footprint[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            for (int cycle = 0; cycle < CyclesPerRound; cycle++) body(round * CyclesPerRound + cycle);
            footprints[round] = Footprint.Now();
        }
        Console.WriteLine($"{what}, every {CyclesPerRound} cycles: {string.Join("; ", footprints)}");
        Flat(footprints, emulated, what);
    }

    /// <summary>The emulator works in this process and keeps what it knows of earlier objects: there the managed memory counts, and its own leaks.</summary>
    private static void Flat(Footprint[] footprints, bool emulated, string what)
    {
        var rounds = footprints.Zip(footprints.Skip(1), (before, now) => now - before).ToArray();
        what = $"{what}: {string.Join("; ", footprints)}";
        Assert.IsLessThanOrEqualTo(Memory, rounds.Min(more => emulated ? more.ManagedBytes : more.PrivateBytes), what);
        Assert.IsLessThanOrEqualTo(Others, (footprints[^1] - footprints[0]).Handles, what);
        Assert.IsLessThanOrEqualTo(Others, rounds.Min(more => more.Threads), what);
    }
}
