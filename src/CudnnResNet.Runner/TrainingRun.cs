using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Reporting;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner;

/// <summary>One run as the command line shows it: what it is, its epochs, what it came to. Ctrl-C saves it.</summary>
internal static class TrainingRun
{
    /// <summary>Trains to the end or to a signal.</summary>
    /// <param name="trainer">Made, not yet run.</param>
    /// <param name="given">The options as they were given, before the recipe filled them in.</param>
    /// <param name="data">The data set of the trainer.</param>
    /// <param name="report">Where it is shown.</param>
    /// <returns>The exit code.</returns>
    public static int Show(Trainer trainer, TrainOptions given, DataSet data, Report report)
    {
        if (TestHooks.SlowFiles() is { } slow) trainer.Folder.Files = slow;
        WriteHead(trainer, given, data, report);
        var display = TrainingDisplay.Create(report, TrainEnd.Marks(" ", data, trainer.Network).TrimStart());
        using var interruption = new Interruption(display.Say);
        var page = new LiveReport(trainer, data, display);
        var result = display.Show(() => page.Follow(interruption.Token));
        if (given.Profile) ProfileTable.Write(trainer.Network, report);
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
}
