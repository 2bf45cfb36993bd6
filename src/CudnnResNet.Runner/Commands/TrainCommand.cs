using CudnnResNet.Model;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Settings;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Commands;

/// <summary>Trains a network, or goes on with a run.</summary>
internal sealed class TrainCommand() : RunnerCommand("train", "Train a network (the default command)",
    """
    --depth 32
    train --model plain20 --recipe paper --seed 2
    train --dataset synthetic --epochs 1
    train --resume
    train --resume runs/NAME --threads 4
    train --trace timeline.json
    """,
    TrainSettings.All)
{
    protected override int Run(SettingReader settings, Report report) => TraceFile.Run(settings, report, trace => Train(settings, report, trace));

    private static int Train(SettingReader settings, Report report, TraceRecorder? trace)
    {
        using var folder = settings.Given(TrainSettings.Resume) ? FindRun(settings) : null;
        TrainOptions options;
        if (folder is null)
        {
            options = TrainSettings.Read(settings);
            options.Check();
        }
        else
        {
            options = TrainSettings.ReadForResume(settings, ReadOptions(folder));
            options.Check();
        }
        // On a terminal a line that is redrawn every few seconds looks stuck; what is computed does not depend on it.
        if (Terminal.IsInteractive && !settings.Given(TrainSettings.LogInterval)) options = options with { LogInterval = 10 };
        options = options with { Trace = trace, CudaProfilerRange = CommonSettings.CapturedSteps(settings) };

        DeviceLine.Write(options.ToDevice() with { Autotune = options.Autotune && folder is null }, report, options.CudaProfilerRange);
        var data = DataSource.Load(options.Dataset, options.Data, options.Offline, report);
        using var trainer = folder is null ? Trainer.Start(options, data) : Trainer.Resume(folder, options, data);
        trainer.OpenFile = TestHooks.SlowFile();
        WriteHead(trainer, options, data, report);

        var display = TrainingDisplay.Create(report, TrainEnd.Marks(" ", data, trainer.Network).TrimStart());
        using var interruption = new Interruption(display.Say);
        var result = display.Show(() => trainer.Run(display, interruption.Token));
        if (options.Profile) ProfileTable.Write(trainer.Network, report);
        if (result.Interrupted)
        {
            TrainEnd.WriteInterrupted(trainer, result, report);
            return interruption.ExitCode;
        }
        TrainEnd.Write(trainer, result, data, report);
        return ExitCode.Done;
    }

    private static void WriteHead(Trainer trainer, TrainOptions given, DataSet data, Report report)
    {
        var network = trainer.Network.Architecture;
        report.Field("network", $"{network.Name}, {Words.Count(network.ParameterCount)} parameters, {Words.Text($"{network.MultiplyAdds / 1e6:F1}")} million multiply-adds for one image");
        report.Field("recipe", trainer.Plan.Describe());
        if (given.Recipe == Recipe.Auto && trainer.Plan.Recipe != Recipe.Paper && !report.Quiet)
        {
            string why = data.IsSynthetic ? "the demo recipe, because the data set is synthetic" : "the fast recipe, because the device is a processor";
            string paper = trainer.Network.IsEmulated ? "" : $"; --recipe paper would take about {Words.Time(trainer.EstimatePaperTime())} here";
            report.Field("", $"auto chose {why}{paper}");
        }
        foreach (string notice in trainer.Notices) report.Note(notice);
        string goesOn = trainer.Resumed ? $", goes on after step {Words.Count(trainer.StepsDone)} of {Words.Count(trainer.Plan.TotalSteps)}" : "";
        report.Field("run", TrainEnd.Shown(trainer.Folder.Path) + goesOn);
        report.Line();
        report.Record("run", new()
        {
            ["network"] = network.Name,
            ["parameters"] = network.ParameterCount,
            ["recipe"] = trainer.Plan.Recipe.ToString().ToLowerInvariant(),
            ["plan"] = trainer.Plan.Describe(),
            ["epochs"] = trainer.Plan.Epochs,
            ["steps"] = trainer.Plan.TotalSteps,
            ["steps_done"] = trainer.StepsDone,
            ["folder"] = trainer.Folder.Path,
        });
    }

    private static TrainOptions ReadOptions(RunFolder folder)
    {
        try
        {
            return folder.ReadOptions();
        }
        catch (RunFolderException error)
        {
            // Whatever else RunFolderException stands for, here a file that a run goes on from is damaged.
            throw new WeightsException(error.Message, error);
        }
    }

    /// <summary>The run that <c>--resume</c> means: a folder, a name below <c>--output</c>, or without a value the newest that can go on.</summary>
    private static RunFolder FindRun(SettingReader settings)
    {
        string output = settings.Get(TrainSettings.Output, new TrainOptions().Output);
        if (settings.Text(TrainSettings.Resume) is not { } named)
            return RunFolder.Open(RunFolder.Latest(output) ?? throw new InvalidSettingException($"--resume: no run in {output} has a checkpoint; name one, or start a new run without --resume"));
        string below = Path.Combine(output, named);
        if (!Path.Exists(named) && !Path.Exists(below))
            throw new InvalidSettingException($"--resume {named}: there is neither a folder {named} nor {below}{NearestName.Hint(named, Directory.Exists(output) ? Directory.GetDirectories(output).Select(path => Path.GetFileName(path)) : [])}");
        return RunFolder.Open(Path.Exists(named) ? named : below);
    }
}
