using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Delegating;
using CudnnResNet.Model.Tests;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>
/// One table of runs, each stopped after every step, from step 0 over both sides of every change of the learning rate to the last, and
/// resumed each time in another folder and with another number of threads: the end is, to the last byte, that of the run left alone.
/// </summary>
[TestClass]
public sealed class ExactResumeTests : EmulatedGpuTests
{
    private const int Steps = 3 * TinyRun.StepsPerEpoch;

    // Three epochs of three steps.
    private static readonly Dictionary<string, Func<TrainOptions, TrainOptions>> Runs = new()
    {
        ["one cycle"] = options => options,
        ["milestones inside an epoch and at its end"] = options => options with { Milestones = [2, 6, 7], Lr = 0.05, Gamma = 0.1 },
        ["warm-up"] = options => options with { Milestones = [100], Lr = 0.05, WarmupLr = 0.01, Crop = Crop.None, Seed = 3 },
        ["validation, training error in full"] = options => options with { Validation = 4, BatchSize = 6, TrainError = TrainErrorKind.Full },
        ["no checkpoints inside epochs"] = options => options with { CheckpointEvery = 0 },
        ["plain, mean image, iterations"] = options => options with { Arch = Architecture.Plain, Normalize = "pixel", Epochs = null, Iterations = Steps - 1 },
    };

    // On the emulator a step takes longer; what is left out there is no business of the device.
    public static IEnumerable<object[]> Table() => [.. Runs.Keys.Select(run => new object[] { "cpu", run }), .. Runs.Keys.Take(4).Select(run => new object[] { "cuda", run })];

    [TestMethod]
    [DynamicData(nameof(Table))]
    public void Stopped_after_every_step(string device, string run)
    {
        if (device == "cuda") _ = Emulator.Folder;
        using var temp = new TemporaryFolder();
        var options = Runs[run](TinyRun.Options(temp) with { Device = device, Epochs = 3 });
        string whole = TinyRun.Train(options with { Name = "whole" }).Folder;

        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        string folder = TinyRun.Train(options, null, cancelled.Token).Folder;
        bool interrupted = true;
        for (int threads = 2; interrupted; threads = 1 + threads % 3)
        {
            Assert.IsLessThan(Steps + 3, Directory.GetFiles(folder, "events*").Length, "it does not get on");
            string moved = Directory.CreateDirectory(temp["moved", Guid.NewGuid().ToString()]).FullName;
            Directory.Move(folder, folder = Path.Combine(moved, Path.GetFileName(folder)));
            interrupted = StepAfter(folder, threads).Interrupted;
        }
        RunEnd.AreEqual(whole, folder, run);
        if (run == "warm-up") Assert.IsFalse(Checkpoint.Load(Path.Combine(folder, "last.state")).WarmingUp, "the warm-up was to end within the run");
    }

    // Training and test images, each in batches of 8, 8 and 4, and of 8 and 2: five passes an epoch in which a stop may come.
    public static IEnumerable<object[]> Evaluations() => [.. Enumerable.Range(1, 10).Select(pass => new object[] { pass, false }), [2, true], [5, true], [9, true]];

    [TestMethod]
    [DynamicData(nameof(Evaluations))]
    public void Stopped_in_an_evaluation(int pass, bool killed)
    {
        using var temp = new TemporaryFolder();
        var options = TinyRun.Options(temp) with { TrainError = TrainErrorKind.Full };
        string whole = TinyRun.Train(options with { Name = "whole" }).Folder;

        using var cancel = new CancellationTokenSource();
        int passes = 0;
        string folder;
        using (var trainer = Trainer.StartWith(options, TinyRun.Data, (architecture, network) => new(architecture, network, plan => new Watched(DeviceFactory.Open(network.Device, plan), Watch))))
        {
            folder = trainer.Folder.Path;
            if (killed) Assert.ThrowsExactly<DeadException>(() => trainer.Run(null, cancel.Token));
            else Assert.AreEqual(pass < 10, trainer.Run(null, cancel.Token).Interrupted, "in the last pass of all there is nothing left to stop");
        }
        Assert.IsFalse(TinyRun.Resume(folder).Interrupted);
        RunEnd.AreEqual(whole, folder);

        void Watch(Pass at)
        {
            if (at.Mode == Mode.Training || ++passes != pass) return;
            if (killed) throw new DeadException();
            cancel.Cancel();
        }
    }

    /// <summary>Goes on for one step, or through the evaluation that is due.</summary>
    private static TrainResult StepAfter(string path, int threads)
    {
        using var cancel = new CancellationTokenSource();
        var folder = RunFolder.Open(path);
        using var trainer = Trainer.Resume(folder, folder.ReadOptions() with { Threads = threads }, TinyRun.Data);
        return trainer.Run(new TinyRun.Watcher(report => { if (report is StepProgress) cancel.Cancel(); }), cancel.Token);
    }

    /// <summary>A device that tells of every pass before it runs.</summary>
    private sealed class Watched(IDevice inner, Action<Pass> watch) : DelegatingDevice(inner)
    {
        public override void Run(Pass pass, Action<Pass> body)
        {
            watch(pass);
            Inner.Run(pass, body);
        }

        public override ConvNormUnit CreateConvNorm(ConvNormSpec spec) => Inner.CreateConvNorm(spec);

        public override HeadUnit CreateHead(HeadSpec spec) => Inner.CreateHead(spec);
    }
}
