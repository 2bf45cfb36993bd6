using System.CommandLine;
using CudnnResNet.Model;
using CudnnResNet.Peers.Worker;
using CudnnResNet.Runner;
using CudnnResNet.Runner.Settings;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;
using Command = System.CommandLine.Command;

namespace CudnnResNet.Peers;

/// <summary>How long each side trains ResNet-20 until 90 % of the test images are right: same recipe, same augmentation.</summary>
internal sealed class AccuracyCommand : Command
{
    private const double Wanted = 0.90;

    /// <summary>Between two turns: the threads of the side that was at work fall asleep, and whoever waits for the lock gets it.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    /// <summary>Who trains.</summary>
    internal enum SideChoice
    {
        /// <summary>An epoch each in turn.</summary>
        Both,

        /// <summary>This engine.</summary>
        Ours,

        /// <summary>libtorch.</summary>
        Torch,
    }

    private static readonly Setting<SideChoice> Side = new("--side", "both|ours|torch", "Who trains (default both, an epoch each in turn)", ValueText.OneOf<SideChoice>());
    private static readonly Setting<int> Epochs = new("--epochs", "N", $"Epochs of the recipe (default {FastRecipe.Epochs})", ValueText.Whole);
    private static readonly Setting<string> DataSet = new("--dataset", "cifar10|synthetic", "Synthetic images only show that it runs (default cifar10)", ValueText.Text);
    private static readonly Flag UntilReached = new("--until-reached", $"Let a side stop at {Wanted * 100} %; by default it trains all epochs, so that the last accuracy is the recipe's");
    private static readonly Setting[] Settings =
        [Side, CommonSettings.Data, DataSet, Epochs, UntilReached, CommonSettings.Seed, CommonSettings.Threads, PeerSettings.Results, PeerSettings.LockFile];

    public AccuracyCommand() : base("accuracy", "Time to 90 % test accuracy, side by side")
    {
        foreach (var setting in Settings) Add(setting.Option);
        SetAction(result => Run(new(result, Settings)));
    }

    private static int Run(SettingReader settings)
    {
        var programs = Sides(settings.Get(Side, SideChoice.Both)).ToDictionary(program => program.Name);
        var timing = PeerSettings.LockOf(settings);
        var output = Directory.CreateTempSubdirectory("cudnnresnet-accuracy-");
        try
        {
            string? folder = settings.TryGet(CommonSettings.Data, out string given) ? Path.GetFullPath(given) : null;
            var request = new TrainingRequest(settings.Get(DataSet, "cifar10"), folder, settings.Get(Epochs, FastRecipe.Epochs), settings.Get(CommonSettings.Seed, 1ul),
                PeerSettings.ThreadsOf(settings), output.FullName);
            // Before anything is built: no data is the user's error, not a peer's.
            var data = request.LoadData();
            var plan = TrainingPlan.Create(request.ToOptions(), data.Train.Count, data.IsSynthetic);
            using (timing.Take())
                foreach (var program in programs.Values) program.Build();

            var page = new Page(PeerSettings.ResultsOf(settings), "-accuracy");
            WriteHead(page, request, data, plan);
            var runs = programs.Keys.Select(name => new TrainingRun(name)).ToList();
            var turns = new TrainingTurns(request.Epochs, run => settings.Has(UntilReached) && run.FirstWith(Wanted) is not null, BeginTurn, AfterEpoch);
            turns.Train(runs, run => new TrainingChild(programs[run.Side], request));
            page.Line();
            page.Table(AccuracyTables.Summary(runs, Wanted));
            Console.Out.WriteLine($"wrote {page.Write(ForPrograms())} and .json");
            return runs.All(run => run.Problem is null) ? ExitCode.Done : ExitCode.Failed;

            IDisposable BeginTurn()
            {
                Thread.Sleep(Pause);
                return timing.Take();
            }

            void AfterEpoch(TrainingRun run)
            {
                page.Line(AccuracyTables.Latest(run, runs, request.Epochs));
                page.Write(ForPrograms(), AccuracyTables.Summary(runs, Wanted));
            }

            object ForPrograms() => ToJson(request, data, plan, runs);
        }
        finally
        {
            output.Delete(recursive: true);
        }
    }

    private static IEnumerable<PeerProgram> Sides(SideChoice choice)
    {
        if (choice != SideChoice.Torch) yield return PeerProgram.Ours();
        if (choice != SideChoice.Ours) yield return PeerProgram.Of("libtorch, channels-last", "Torch");
    }

    private static void WriteHead(Page page, TrainingRequest request, DataSet data, TrainingPlan plan)
    {
        page.Line($"# Time to {Wanted:P0} test accuracy, {DateTime.Now:yyyy-MM-dd HH:mm}");
        page.Line();
        page.Line($"- {Machine.Processor()}, {request.Threads} threads, {Environment.ProcessorCount} processors");
        page.Line($"- ResNet-20 on {data.Name}{(data.IsSynthetic ? ", SYNTHETIC: this says nothing about CIFAR-10" : "")}; {plan.Describe()}; seed {request.Seed}");
        page.Line("- same initial weights, rates, order of images and normalisation; crops and flips of the same kind, drawn by each side");
        page.Line("- the sides take turns, an epoch each; a side's seconds are measured by itself and are those of its own turns, from the first step on, reading the data left out");
        page.Line("- with evaluation: also the evaluation after each epoch and, ours, the run's files; asleep: processor time that the side used between its turns");
        page.Line();
    }

    private static object ToJson(TrainingRequest request, DataSet data, TrainingPlan plan, IReadOnlyList<TrainingRun> runs) => new
    {
        Date = DateTime.Now.ToString("yyyy-MM-dd HH:mm"),
        Processor = Machine.Processor(),
        Environment.ProcessorCount,
        request.Threads,
        DataSet = data.Name,
        data.IsSynthetic,
        Recipe = plan.Describe(),
        request.Seed,
        request.Epochs,
        WantedAccuracy = Wanted,
        Sides = runs.Select(run => new
        {
            run.Side,
            run.Version,
            run.Problem,
            SecondsToWanted = run.FirstWith(Wanted)?.ElapsedSeconds,
            TrainingSecondsToWanted = run.FirstWith(Wanted)?.TrainingSeconds,
            run.SecondsUsedAsleep,
            run.Epochs,
        }),
    };
}
