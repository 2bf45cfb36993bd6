using System.Globalization;
using System.Numerics;
using CudnnResNet.Model;

namespace CudnnResNet.Training;

/// <summary>A checkpoint's numbers as the strings of its metadata.</summary>
internal static class CheckpointMetadata
{
    /// <summary>All but the tensors.</summary>
    public static Dictionary<string, string> Write(Checkpoint checkpoint)
    {
        var entries = new Dictionary<string, string>
        {
            ["arch"] = checkpoint.Architecture.Architecture.ToString().ToLowerInvariant(),
            ["depth"] = WeightsMetadata.Text(checkpoint.Architecture.Depth),
            ["shortcut"] = WeightsMetadata.Text(checkpoint.Architecture.Shortcut),
            ["classes"] = WeightsMetadata.Text(checkpoint.Architecture.Classes),
            ["options"] = checkpoint.Options,
            ["seed"] = WeightsMetadata.Text(checkpoint.Seed),
            ["step"] = WeightsMetadata.Text(checkpoint.Step),
            ["epoch"] = WeightsMetadata.Text(checkpoint.Epoch),
            ["step_in_epoch"] = WeightsMetadata.Text(checkpoint.StepInEpoch),
            ["epoch_images"] = WeightsMetadata.Text(checkpoint.EpochTotals.Images),
            ["epoch_loss_sum"] = WeightsMetadata.Text(checkpoint.EpochTotals.LossSum),
            ["epoch_correct"] = WeightsMetadata.Text(checkpoint.EpochTotals.Correct),
            ["warming_up"] = checkpoint.WarmingUp ? "1" : "0",
            ["elapsed_seconds"] = WeightsMetadata.Text(checkpoint.ElapsedSeconds),
            ["epoch_seconds"] = WeightsMetadata.Text(checkpoint.EpochSeconds),
            ["training_seconds"] = WeightsMetadata.Text(checkpoint.TrainingSeconds),
            ["epoch_training_seconds"] = WeightsMetadata.Text(checkpoint.EpochTrainingSeconds),
            ["summary_rows"] = WeightsMetadata.Text(checkpoint.SummaryRows),
        };
        if (checkpoint.Device is { } device) entries["device"] = device;
        if (checkpoint.DataSha256 is { } data) entries["data_sha256"] = data;
        if (checkpoint.Algorithms is { } algorithms) entries["algorithms"] = AlgorithmChoiceJson.Write(algorithms);
        if (checkpoint.Best is { } best)
        {
            entries["best_epoch"] = WeightsMetadata.Text(best.Epoch);
            entries["best_error"] = WeightsMetadata.Text(best.Error);
        }
        return entries;
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="entries">The metadata.</param>
    /// <param name="tensors">Gives parameters with statistics, and momentum, of the network that the metadata name.</param>
    /// <exception cref="EngineException">An entry is missing or not what it should be, or the depth does not exist.</exception>
    public static Checkpoint Read(IReadOnlyDictionary<string, string> entries, Func<ArchitectureSpec, (StateDict State, StateDict Momentum)> tensors)
    {
        var architecture = new ArchitectureSpec(Named<Architecture>("arch"), Number<int>("depth"), Named<ShortcutPadding>("shortcut"),
            entries.ContainsKey("classes") ? Number<int>("classes") : ArchitectureSpec.Cifar10Classes);
        var (state, momentum) = tensors(architecture);
        return new()
        {
            Architecture = architecture,
            State = state,
            Momentum = momentum,
            Options = Entry("options"),
            Seed = Number<ulong>("seed"),
            Step = Number<long>("step"),
            Epoch = Number<int>("epoch"),
            StepInEpoch = Number<int>("step_in_epoch"),
            EpochTotals = new(Number<long>("epoch_images"), Number<double>("epoch_loss_sum"), Number<long>("epoch_correct")),
            Best = entries.ContainsKey("best_epoch") ? new(Number<int>("best_epoch"), Number<double>("best_error", most: 1)) : null,
            WarmingUp = Number<int>("warming_up") != 0,
            ElapsedSeconds = Number<double>("elapsed_seconds"),
            EpochSeconds = Number<double>("epoch_seconds"),
            TrainingSeconds = Number<double>("training_seconds"),
            EpochTrainingSeconds = Number<double>("epoch_training_seconds"),
            SummaryRows = Number<int>("summary_rows"),
            Device = entries.GetValueOrDefault("device"),
            DataSha256 = entries.GetValueOrDefault("data_sha256"),
            Algorithms = entries.TryGetValue("algorithms", out string? algorithms) ? AlgorithmChoiceJson.Read(algorithms) : null,
        };

        string Entry(string key) => entries.TryGetValue(key, out string? text) ? text : throw new WeightsException($"the checkpoint has no entry '{key}'");

        // All of them count something, so none is negative, and the fractions among them have an upper end.
        T Number<T>(string key, T? most = null) where T : struct, INumber<T> =>
            T.TryParse(Entry(key), CultureInfo.InvariantCulture, out T value) && T.IsFinite(value) && value >= T.Zero && !(value > most) ? value
            : throw new WeightsException($"the checkpoint's entry '{key}' is {PrintableText.Quoted(Entry(key))}, not a number {(most is null ? "from 0" : $"within 0..{most}")}");

        T Named<T>(string key) where T : struct, Enum =>
            Enum.TryParse(Entry(key), ignoreCase: true, out T value) && Enum.IsDefined(value) ? value
            : throw new WeightsException($"the checkpoint's entry '{key}' is {PrintableText.Quoted(Entry(key))}, not one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}");
    }

    /// <summary>What the command line calls it.</summary>
    public static string Text(DeviceKind device) => device.ToString().ToLowerInvariant();
}
