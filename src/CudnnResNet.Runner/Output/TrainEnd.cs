using System.Text.Json.Nodes;
using CudnnResNet.Model;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Output;

/// <summary>The last lines of a run: what it came to, what was written, and what to type next.</summary>
internal static class TrainEnd
{
    /// <summary>After the last step.</summary>
    public static void Write(Trainer trainer, TrainResult result, DataSet data, Report report)
    {
        string folder = Shown(trainer.Folder.Path);
        string headline = result.Final?.Describe() ?? "no epoch was evaluated";
        string best = result is { BestError: { } error, BestEpoch: { } epoch } ? $"; best {Words.Percent(error)} after epoch {epoch + 1}{(trainer.Options.Validation == 0 ? ", chosen on the test set" : ", chosen on images held back")}" : "";
        report.Line();
        report.Result($"{"done",-10}{headline}{best}{Marks("; ", data, trainer.Network)}");
        report.Field("", Words.Text($"{result.EpochsDone} epoch{(result.EpochsDone == 1 ? "" : "s")}, {result.StepsDone} steps, {Words.Time(result.Elapsed)}, {Words.SpeedInWords(result.ImagesPerSecond)}; weights sha-256 {result.WeightsSha256[..16]}…"));
        report.Field("wrote", $"{folder}: {string.Join(' ', result.Written.Select(Path.GetFileName))}");
        report.Field("next", $"{ProgramName.Typed} eval --weights {Path.Combine(folder, "last.safetensors")}");
        if (data.IsSynthetic) report.Result($"SYNTHETIC data: these figures say nothing about CIFAR-10. To get it: {DataSource.HowToGet}");
        if (trainer.Network.IsEmulated) report.Result("EMULATED: an emulator, not hardware, has computed this; its times say nothing about a GPU");
        report.Record("done", Values(trainer, result, data));
    }

    /// <summary>What must not be overlooked in a run's results: <c>SYNTHETIC</c>, <c>EMULATED</c>, both or nothing.</summary>
    /// <param name="before">What comes before each.</param>
    /// <param name="data">The data set.</param>
    /// <param name="network">On its device.</param>
    public static string Marks(string before, DataSet data, ResNet network) =>
        (data.IsSynthetic ? $"{before}SYNTHETIC" : "") + (network.IsEmulated ? $"{before}EMULATED" : "");

    /// <summary>After a signal, when the checkpoint is on the disk.</summary>
    public static void WriteInterrupted(Trainer trainer, TrainResult result, Report report)
    {
        string folder = Shown(trainer.Folder.Path);
        report.Line();
        report.Result($"{"stopped",-10}after step {Words.Count(result.StepsDone)} of {Words.Count(trainer.Plan.TotalSteps)}; saved in {folder}");
        report.Field("next", $"{ProgramName.Typed} train --resume {folder}");
        report.Record("stopped", Values(trainer, result, null));
    }

    /// <summary>A path below the working folder without that folder.</summary>
    public static string Shown(string path)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    private static JsonObject Values(Trainer trainer, TrainResult result, DataSet? data) => new()
    {
        ["folder"] = trainer.Folder.Path,
        ["synthetic"] = data?.IsSynthetic,
        ["emulated"] = trainer.Network.IsEmulated,
        ["epochs_done"] = result.EpochsDone,
        ["steps_done"] = result.StepsDone,
        ["test_err"] = result.Final is { } final ? JsonLines.Number(final.Error) : null,
        ["best_test_err"] = result.BestError is { } error ? JsonLines.Number(error) : null,
        ["best_epoch"] = result.BestEpoch,
        ["elapsed_seconds"] = result.Elapsed.TotalSeconds,
        ["images_per_second"] = JsonLines.Number(result.ImagesPerSecond),
        ["weights_sha256"] = result.WeightsSha256,
        ["written"] = new JsonArray([.. result.Written.Select(path => JsonValue.Create(path))]),
    };
}
