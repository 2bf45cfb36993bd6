using CudnnResNet.Model;
using CudnnResNet.Model.Tests;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>
/// Whole trainings on a disk on which the n-th operation fails, or at which the process or the power dies, for n = 1, 2, 3, … until none is
/// left. What the next process finds can be gone on from, agrees with itself, and ends with the undisturbed bytes.
/// </summary>
[TestClass]
public sealed class CrashTests
{
    private static readonly Lazy<UndisturbedRun> Undisturbed = new(() => new(new TemporaryFolder()));

    public static IEnumerable<object[]> Disasters() => Enum.GetValues<Disaster>().Select(disaster => new object[] { disaster });

    public TestContext TestContext { get; set; } = null!;

    [ClassCleanup]
    public static void Remove()
    {
        if (Undisturbed.IsValueCreated) Undisturbed.Value.Dispose();
    }

    // All of them take minutes; here a tenth of them, each disaster at other operations.
    [TestMethod]
    [DynamicData(nameof(Disasters))]
    public void At_some_operations(Disaster disaster) => AtOperations(disaster, first: 1 + 3 * (int)disaster, every: 19);

    [TestMethod]
    [TestCategory("Long")]
    [DynamicData(nameof(Disasters))]
    public void At_every_operation(Disaster disaster) => AtOperations(disaster, first: 1, every: 1);

    [TestMethod]
    public void On_a_disk_that_is_full_at_some_byte()
    {
        var random = new Random(4);
        for (int tries = 0; tries < 6; tries++)
        {
            long room = random.Next(4_000_000);
            using var temp = new TemporaryFolder();
            try
            {
                using var trainer = Start(temp, new FullDisk(room));
                StringAssert.Contains(Assert.ThrowsExactly<RunFolderException>(() => trainer.Run()).Message, "No space left");
            }
            catch (RunFolderException)
            {
                continue; // no room for args.json
            }
            Assert.IsTrue(HasCheckpoint(temp) || room < 700_000, $"{room} bytes");
            if (!HasCheckpoint(temp)) continue;
            Undisturbed.Value.AssertAgrees(Folder(temp), promised: 0, $"{room} bytes");
            Assert.IsFalse(Disturb(temp, Disaster.Refusal, int.MaxValue));
            Undisturbed.Value.AssertEnd(Folder(temp), $"{room} bytes");
        }
    }

    [TestMethod]
    [TestCategory("Long")]
    public void Again_and_again_in_one_run()
    {
        var random = new Random(8);
        for (int run = 0; run < 10; run++)
        {
            using var temp = new TemporaryFolder();
            while (Disturb(temp, (Disaster)random.Next(6), at: random.Next(1, 120))) { }
            Undisturbed.Value.AssertEnd(Folder(temp), $"run {run}");
        }
    }

    private void AtOperations(Disaster disaster, int first, int every)
    {
        int tries = 0;
        for (int at = first; ; at += every, tries++)
        {
            using var temp = new TemporaryFolder();
            bool happened = Disturb(temp, disaster, at);
            if (happened) Assert.IsFalse(Disturb(temp, disaster, int.MaxValue));
            Undisturbed.Value.AssertEnd(Folder(temp), $"{disaster} at {at}");
            if (!happened) break;
        }
        Assert.IsGreaterThan(80 / every, tries);
        TestContext.WriteLine($"{disaster}: {tries} trainings");
    }

    /// <summary>Starts the run or goes on with it on a disk on which something goes wrong, and looks at what is left; false where it came to its end.</summary>
    private static bool Disturb(TemporaryFolder temp, Disaster disaster, int at)
    {
        var disk = new UnreliableDisk(temp.Path, disaster, at);
        string what = $"{disaster} at {at}";
        bool resumes = HasCheckpoint(temp);
        long promised = resumes ? Checkpoint.LoadNewest(Path.Combine(Folder(temp), "last.state"), out _).Step : -1;
        try
        {
            using var trainer = resumes ? Resume(temp, disk) : Start(temp, disk);
            if (resumes) Assert.AreEqual(promised, trainer.StepsDone, what);
            trainer.Run(new TinyRun.Watcher(report =>
            {
                // A step is reported when all that had to be saved before it is on the disk.
                if (report is StepProgress step) promised = UndisturbedRun.Saved.Last(saved => saved < step.Epoch * TinyRun.StepsPerEpoch + step.Step);
                if (report is EpochProgress epoch) promised = (epoch.Row.Epoch + 1) * TinyRun.StepsPerEpoch;
            }));
            return false;
        }
        catch (RunFolderException error) when (disaster is Disaster.Refusal or Disaster.Removal)
        {
            StringAssert.Contains(error.Message, "refused", what);
        }
        catch (DeadException)
        {
        }
        disk.Restart();
        if (HasCheckpoint(temp)) Undisturbed.Value.AssertAgrees(Folder(temp), promised, what);
        else
        {
            Assert.AreEqual(-1, promised, $"{what}: no checkpoint is left");
            if (Directory.Exists(Folder(temp))) Directory.Delete(Folder(temp), recursive: true);
        }
        return true;
    }

    private static Trainer Start(TemporaryFolder temp, FileOperations files) =>
        Trainer.StartWith(TinyRun.Options(temp) with { Output = temp["runs"] }, TinyRun.Data, (architecture, options) => new(architecture, options), files);

    private static Trainer Resume(TemporaryFolder temp, FileOperations files)
    {
        using var owned = new DisposeOnFailure();
        var folder = owned.Add(RunFolder.Open(Folder(temp), files));
        var trainer = Trainer.Resume(folder, folder.ReadOptions(), TinyRun.Data);
        owned.Release();
        return trainer;
    }

    private static bool HasCheckpoint(TemporaryFolder temp) => File.Exists(Path.Combine(Folder(temp), "last.state")) || File.Exists(Path.Combine(Folder(temp), "previous.state"));

    private static string Folder(TemporaryFolder temp) => temp["runs", "tiny-SYNTHETIC"];

    /// <summary>What a run of the same options comes to, and every checkpoint on its way.</summary>
    private sealed class UndisturbedRun : IDisposable
    {
        private readonly TemporaryFolder temp;
        private readonly Dictionary<long, Checkpoint> checkpoints = [];
        private readonly string[] summary;

        /// <summary>Steps at which the run saves: at its start, every two steps of an epoch, at the epoch's end.</summary>
        public static long[] Saved { get; } = [0, 2, 3, 5, 6];

        public UndisturbedRun(TemporaryFolder temp)
        {
            this.temp = temp;
            using (var trainer = Start(temp, new Keeping(checkpoint => checkpoints[checkpoint.Step] = checkpoint))) trainer.Run();
            CollectionAssert.AreEqual(Saved, checkpoints.Keys.ToArray());
            summary = TinyRun.SummaryWithoutTimes(Folder(temp));
        }

        /// <summary>Whether the files of a run that died can be gone on from, lose nothing that was promised, and fit each other.</summary>
        public void AssertAgrees(string folder, long promised, string what)
        {
            var found = Checkpoint.LoadNewest(Path.Combine(folder, "last.state"), out _);
            Assert.IsGreaterThanOrEqualTo(promised, found.Step, what);
            AssertIs(found, what);
            if (File.Exists(Path.Combine(folder, "previous.state"))) AssertIs(Checkpoint.Load(Path.Combine(folder, "previous.state")), what);

            string[] rows = TinyRun.SummaryWithoutTimes(folder)[..(found.SummaryRows + 1)];
            CollectionAssert.AreEqual(summary[..rows.Length], rows, what);
            foreach (string name in new[] { "last.safetensors", "best.safetensors" })
            {
                string path = Path.Combine(folder, name);
                if (!File.Exists(path))
                {
                    Assert.AreEqual(0, found.Epoch, $"{what}: {name} is gone");
                    continue;
                }
                // Of an epoch that the checkpoint knows, or of the one that is done again.
                var weights = WeightsFile.Load(path);
                Assert.AreEqual(weights.Origin.Epoch * (long)TinyRun.StepsPerEpoch, weights.Origin.Step, what);
                Assert.IsTrue(weights.Origin.Epoch <= found.Epoch + 1 && (name[0] == 'b' || weights.Origin.Epoch >= found.Epoch), $"{what}: {name} is of epoch {weights.Origin.Epoch}, the checkpoint of {found.Epoch}");
                StringAssert.EndsWith(summary[weights.Origin.Epoch!.Value], weights.State.Sha256(), what);
            }
        }

        public void AssertEnd(string folder, string what) => RunEnd.AreEqual(Folder(temp), folder, what);

        public void Dispose() => temp.Dispose();

        private void AssertIs(Checkpoint found, string what)
        {
            Assert.IsTrue(checkpoints.TryGetValue(found.Step, out var expected), $"{what}: a checkpoint of step {found.Step}");
            RunEnd.AreEqual(expected!, found, what);
        }

        private sealed class Keeping(Action<Checkpoint> saved) : FileOperations
        {
            public override void Move(string from, string to)
            {
                base.Move(from, to);
                if (to.EndsWith("last.state", StringComparison.Ordinal)) saved(Checkpoint.Load(to));
            }
        }
    }
}
