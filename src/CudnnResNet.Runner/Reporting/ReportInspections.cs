using CudnnResNet.Model;
using CudnnResNet.Runner.Output;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Reporting;

/// <summary>Looks into the networks of runs and of weights files, as far as weights and data set are at hand; nothing is downloaded.</summary>
/// <param name="device">What computes.</param>
/// <param name="dataFolder">CIFAR-10's folder, or null to search.</param>
/// <param name="report">Where it is told.</param>
internal sealed class ReportInspections(DeviceOptions device, string? dataFolder, Report report)
{
    private const int BatchSize = 128;

    private readonly Dictionary<string, DataSet?> dataSets = [];
    private readonly List<InspectedNetwork> networks = [];
    private readonly List<string> notes = [];

    /// <summary>The networks that were looked into, in the order they were added.</summary>
    public IReadOnlyList<InspectedNetwork> Networks => networks;

    /// <summary>What could not be looked into, and why.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>Looks into the last weights of a run folder; where they or the data set are not here or cannot be read, there is a note instead.</summary>
    public void Add(ReportRun run)
    {
        if (run.Origin != RunOrigin.RunFolder) return;
        string weights = Path.Combine(run.Source, RunFolder.LastWeightsName);
        if (!File.Exists(weights))
        {
            Note($"{run.Name}: there is no {weights}, so there are no pictures of what the network sees");
            return;
        }
        try
        {
            var file = WeightsFile.Load(weights);
            Add(run.Name, file, run.Labels, RunReader.ReadOptions(run.Source), _ => file.Normalization);
        }
        catch (WeightsException error)
        {
            Note($"{run.Name}: no pictures of what the network sees: {error.Message}");
        }
    }

    /// <summary>Looks into a weights file by itself; what it does not say of its training is taken as the paper has it.</summary>
    /// <param name="file">The weights.</param>
    /// <param name="normalization">How its images are normalised, from the data set.</param>
    public void Add(WeightsFile file, Func<DataSet, Normalization> normalization)
    {
        foreach (string notice in file.Notices) report.Note(notice);
        var options = new TrainOptions { Dataset = file.Origin.Dataset ?? Cifar10.Name, Seed = file.Origin.Seed ?? 1 };
        string[] labels = options.Dataset == Synthetic.Name ? ["SYNTHETIC"] : [];
        Add(Path.GetFileNameWithoutExtension(file.Path), file, labels, options, normalization);
    }

    private void Add(string name, WeightsFile file, IReadOnlyList<string> labels, TrainOptions options, Func<DataSet, Normalization> normalization)
    {
        if (Find(options.Dataset) is not { } data)
        {
            Note($"{name}: the data set {options.Dataset} is not here, so there are no pictures of what the network sees");
            return;
        }
        using var network = Evaluator.Open(file, data.Test, new() { Device = device, BatchSize = BatchSize, Normalization = normalization(data) });
        networks.Add(NetworkInspector.Look(network, name, labels, options, data));
    }

    private DataSet? Find(string dataset)
    {
        if (!dataSets.TryGetValue(dataset, out var data)) dataSets.Add(dataset, data = Load());
        return data;

        DataSet? Load()
        {
            try
            {
                return DataSource.Load(dataset, dataset == Synthetic.Name ? null : dataFolder, offline: true, report);
            }
            // A folder that was named and cannot be used is an error; one that was not found is none.
            catch (DataException) when (dataFolder is null)
            {
                return null;
            }
        }
    }

    private void Note(string text)
    {
        notes.Add(text);
        report.Note(text);
    }
}
