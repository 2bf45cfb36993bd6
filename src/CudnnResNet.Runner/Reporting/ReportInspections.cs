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
        string weights = Path.Combine(run.Source, "last.safetensors");
        if (!File.Exists(weights))
        {
            Note($"{run.Name}: there is no {weights}, so there are no pictures of what the network sees");
            return;
        }
        try
        {
            Add(run.Name, WeightsFile.Load(weights), run.Labels, RunReader.ReadOptions(Path.Combine(run.Source, "args.json")));
        }
        catch (WeightsException error)
        {
            Note($"{run.Name}: no pictures of what the network sees: {error.Message}");
        }
    }

    /// <summary>Looks into a weights file by itself; what it does not say of its training is taken as the paper has it.</summary>
    /// <exception cref="WeightsException">The file is missing or damaged.</exception>
    public void Add(string weights, WeightsOverrides overrides)
    {
        var file = WeightsFile.Load(weights, overrides);
        foreach (string notice in file.Notices) report.Note(notice);
        var options = new TrainOptions { Dataset = file.Origin.Dataset ?? Cifar10.Name, Seed = file.Origin.Seed ?? 1 };
        string[] labels = options.Dataset == Synthetic.Name ? ["SYNTHETIC"] : [];
        Add(Path.GetFileNameWithoutExtension(weights), file, labels, options);
    }

    private void Add(string name, WeightsFile file, IReadOnlyList<string> labels, TrainOptions options)
    {
        if (Find(options.Dataset) is not { } data)
        {
            Note($"{name}: the data set {options.Dataset} is not here, so there are no pictures of what the network sees");
            return;
        }
        using var network = new ResNet(file.Architecture, new()
        {
            Device = device,
            BatchSize = BatchSize,
            OtherBatchSizes = Evaluator.LastBatch(data.Test.Count, BatchSize),
            Training = false,
            Normalization = file.Normalization,
        });
        network.Load(file.State);
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
