using System.Collections.Concurrent;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>Training as an app with a user interface does it.</summary>
[TestClass]
public sealed class RunAsyncTests
{
    [TestMethod]
    public void The_user_interface_stays_free_and_its_Progress_gets_the_reports_in_order()
    {
        using var folder = new TemporaryFolder();
        using var ui = new UserInterface();
        var reports = new List<TrainProgress>();
        var threads = new HashSet<int>();
        bool wasFree = false;
        TrainResult? result = null;
        ui.Run(async () =>
        {
            using var trainer = Trainer.Start(TinyRun.Options(folder), TinyRun.Data);
            var training = trainer.RunAsync(new Progress<TrainProgress>(report =>
            {
                threads.Add(Environment.CurrentManagedThreadId);
                reports.Add(report);
            }));
            wasFree = !training.IsCompleted;
            result = await training;
            await Task.Yield(); // what was posted before the end is there now
        });
        Assert.IsTrue(wasFree);
        Assert.AreEqual(2, result!.EpochsDone);
        CollectionAssert.AreEqual(new[] { ui.Thread }, threads.ToArray());
        CollectionAssert.AreEqual(new[] { 1, 2, 3, 1, 2, 3 }, reports.OfType<StepProgress>().Select(report => report.Step).ToArray());
    }

    [TestMethod]
    public async Task A_cancelled_run_is_an_interrupted_result_and_no_cancelled_task()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        using var trainer = Trainer.Start(TinyRun.Options(folder), TinyRun.Data);
        var result = await trainer.RunAsync(new TinyRun.Watcher(_ => stop.Cancel()), stop.Token);
        Assert.IsTrue(result.Interrupted);
    }

    [TestMethod]
    public async Task What_a_report_throws_ends_the_run_and_leaves_a_checkpoint()
    {
        using var folder = new TemporaryFolder();
        string path;
        using (var trainer = Trainer.Start(TinyRun.Options(folder), TinyRun.Data))
        {
            path = trainer.Folder.Path;
            await Assert.ThrowsExactlyAsync<TimeZoneNotFoundException>(() => trainer.RunAsync(new TinyRun.Watcher(report => { if (report is EpochProgress) throw new TimeZoneNotFoundException(); })));
        }
        Assert.IsFalse(TinyRun.Resume(path).Interrupted);
    }

    [TestMethod]
    public async Task Nothing_is_written_to_the_console()
    {
        using var folder = new TemporaryFolder();
        var (output, error) = (Console.Out, Console.Error);
        using var written = new StringWriter();
        Console.SetOut(written);
        Console.SetError(written);
        try
        {
            using var trainer = Trainer.Start(TinyRun.Options(folder), TinyRun.Data);
            await trainer.RunAsync();
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
        Assert.AreEqual("", written.ToString());
    }

    /// <summary>One thread with a queue of what was posted to it.</summary>
    private sealed class UserInterface : SynchronizationContext, IDisposable
    {
        private readonly BlockingCollection<(SendOrPostCallback Work, object? State)> posted = [];

        public int Thread { get; private set; }

        public override void Post(SendOrPostCallback d, object? state) => posted.Add((d, state));

        public void Run(Func<Task> main)
        {
            Exception? failure = null;
            var thread = new Thread(() =>
            {
                Thread = Environment.CurrentManagedThreadId;
                SetSynchronizationContext(this);
                var task = main();
                task.ContinueWith(_ => posted.CompleteAdding(), TaskScheduler.Default);
                foreach (var (work, state) in posted.GetConsumingEnumerable()) work(state);
                failure = task.Exception;
            });
            thread.Start();
            thread.Join();
            if (failure is not null) throw failure;
        }

        public void Dispose() => posted.Dispose();
    }
}
