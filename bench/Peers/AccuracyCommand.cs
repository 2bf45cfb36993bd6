using System.CommandLine;
using CudnnResNet.Model;
using CudnnResNet.Peers.Worker;
using CudnnResNet.Runner;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Settings;
using CudnnResNet.Training;
using Command = System.CommandLine.Command;

namespace CudnnResNet.Peers;

/// <summary>How long each side trains ResNet-20 until 90 % of the test images are right: same recipe, same augmentation.</summary>
internal sealed class AccuracyCommand : Command
{
    private const double Wanted = 0.90;

    /// <summary>Who trains.</summary>
    internal enum SideChoice
    {
        /// <summary>One after the other.</summary>
        Both,

        /// <summary>This engine.</summary>
        Ours,

        /// <summary>libtorch.</summary>
        Torch,
    }

    private static readonly Setting<SideChoice> Side = new("--side", "both|ours|torch", "Who trains (default both, one after the other)", ValueText.OneOf<SideChoice>());
    private static readonly Setting<int> Epochs = new("--epochs", "N", $"Epochs of the recipe (default {FastRecipe.Epochs})", ValueText.Whole);
    private static readonly Setting<string> DataSet = new("--dataset", "cifar10|synthetic", "Synthetic images only show that it runs (default cifar10)", ValueText.Text);
    private static readonly Setting[] Settings = [Side, CommonSettings.Data, DataSet, Epochs, CommonSettings.Seed, CommonSettings.Threads, PeerSettings.Results];

    public AccuracyCommand() : base("accuracy", "Time to 90 % test accuracy, side by side")
    {
        foreach (var setting in Settings) Add(setting.Option);
        SetAction(result => Run(new(result, Settings)));
    }

    private static int Run(SettingReader settings)
    {
        var choice = settings.Get(Side, SideChoice.Both);
        var output = Directory.CreateTempSubdirectory("cudnnresnet-accuracy-");
        try
        {
            string? folder = settings.TryGet(CommonSettings.Data, out string given) ? Path.GetFullPath(given) : null;
            var request = new TrainingRequest(settings.Get(DataSet, "cifar10"), folder, settings.Get(Epochs, FastRecipe.Epochs), settings.Get(CommonSettings.Seed, 1ul),
                settings.Get(CommonSettings.Threads, Environment.ProcessorCount), output.FullName);
            // Before anything is built: no data is the user's error, not a peer's.
            var data = request.LoadData();
            var plan = TrainingPlan.Create(request.ToOptions(), data.Train.Count, data.IsSynthetic);

            var page = new Page();
            page.Line($"# Time to {Wanted:P0} test accuracy, {DateTime.Now:yyyy-MM-dd HH:mm}");
            page.Line();
            page.Line($"- {Machine.Processor()}, {request.Threads} threads, {Environment.ProcessorCount} processors");
            page.Line($"- ResNet-20 on {data.Name}{(data.IsSynthetic ? ", SYNTHETIC: this says nothing about CIFAR-10" : "")}; {plan.Describe()}; seed {request.Seed}");
            page.Line("- same initial weights, rates, order of images and normalisation; crops and flips of the same kind, drawn by each side");
            page.Line("- seconds: from the first step, without reading the data; elapsed has the evaluation after each epoch and, ours, the run's files");
            page.Line();
            var runs = Sides(choice).Select(program => Train(page, program, request)).ToList();
            string path = page.Write(PeerSettings.ResultsOf(settings), "-accuracy", Messages.Write(runs));
            Console.Out.WriteLine($"wrote {path} and .json");
            return runs.All(run => run.Problem is null) ? ExitCode.Done : ExitCode.Failed;
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

    private sealed record TrainingRun(string Side, IReadOnlyList<Epoch> Epochs, string? Problem);

    private static TrainingRun Train(Page page, PeerProgram program, TrainingRequest request)
    {
        program.Build();
        page.Line($"## {program.Name}");
        var epochs = new List<Epoch>();
        string? problem = null;
        try
        {
            using var child = new Child(program, request.Threads, new Dictionary<string, string>());
            while (epochs.Count < request.Epochs)
            {
                var epoch = (epochs.Count == 0 ? child.Ask(new(Worker.Command.Train) { Training = request }) : child.Next()).Epoch!;
                epochs.Add(epoch);
                page.Line(Words.Text($"- epoch {epoch.Number}/{request.Epochs}: loss {epoch.TrainLoss:F4}, test accuracy {(1 - epoch.TestError) * 100:F2} %, training {epoch.TrainingSeconds:F1} s, elapsed {epoch.ElapsedSeconds:F1} s"));
            }
            page.Line(epochs.FirstOrDefault(epoch => 1 - epoch.TestError >= Wanted) is { } reached
                ? Words.Text($"- **{Wanted * 100:F0} % first after epoch {reached.Number}: {reached.ElapsedSeconds:F0} s** ({reached.TrainingSeconds:F0} s of training)")
                : Words.Text($"- {Wanted * 100:F0} % not reached"));
        }
        catch (PeerException error)
        {
            problem = error.Message;
            page.Line($"- not measured: {problem}");
        }
        page.Line();
        return new(program.Name, epochs, problem);
    }
}
