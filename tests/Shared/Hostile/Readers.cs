using System.CommandLine;
using CudnnResNet.Images;
using CudnnResNet.Model;
using CudnnResNet.Runner.Images;
using CudnnResNet.Runner.Reporting;
using CudnnResNet.Runner.Settings;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Tests.Hostile;

/// <summary>Every reader of files that may come from anywhere, by the door that the commands use.</summary>
internal static class Readers
{
    /// <summary>Records in a file of the CIFAR readers: 10,000 in the real ones.</summary>
    public const int Records = 2;

    private static readonly Command Train = MakeTrain();

    /// <summary>Records of CIFAR-10.</summary>
    public static Reader Cifar { get; } = new("CIFAR records", "data_batch_1.bin", () => [Seeds.Records(0)],
        path => Hash(Cifar10.ReadFile(path, Records)));

    /// <summary>A folder of six CIFAR-10 files, of which one is the file.</summary>
    public static Reader CifarFolder { get; } = new("CIFAR folder", "data_batch_3.bin", () => [Seeds.Records(2)], path =>
    {
        Seeds.WriteOtherRecords(path);
        var data = Cifar10.Read(Path.GetDirectoryName(path)!, Records);
        return $"{Hash(data.Train.Pixels)} {Hash(data.Train.Labels)} {Hash(data.Test.Pixels)}";
    });

    /// <summary>The archive of a download.</summary>
    public static Reader Archive { get; } = new("tar.gz archive", "cifar-10-binary.tar.gz.part", () => [Seeds.Archive()], path =>
    {
        string folder = Directory.CreateDirectory(path + "-out").FullName;
        try
        {
            ArchiveUnpack.Run(path, folder, Records, default);
            return string.Join(' ', Cifar10.AllFiles.Select(name => Hash(File.ReadAllBytes(Path.Combine(folder, name)))));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    });

    /// <summary>A safetensors file of any tensors.</summary>
    public static Reader SafeTensorsFile { get; } = new("safetensors", "x.safetensors", () => [Seeds.SafeTensors()], path => Tensors(SafeTensors.Read(path)));

    /// <summary>What torch.save writes, in its two formats.</summary>
    public static Reader Torch { get; } = new("PyTorch file", "x.pt", () => [Seeds.Torch().Zip(), Seeds.Torch().Legacy()], path => Tensors(TensorFile.Read(path)));

    /// <summary>The pickle in a file of torch.save's: the file around it is right.</summary>
    public static Reader Pickle { get; } = new("PyTorch pickle", "pickle.pt", () => [Seeds.Torch().ZipEntries()[0].Bytes], path => Tensors(TensorFile.Read(path))) { Wrap = Seal.Pickle };

    /// <summary>Weights of a network, with all that the engine asks of them.</summary>
    public static Reader Weights { get; } = new("weights file", "last.safetensors", () => [Seeds.Weights()], path =>
    {
        var file = WeightsFile.Load(path);
        return $"{file.Architecture} {file.Normalization.Name} {file.Origin} {file.State.Sha256()} {string.Join(',', file.ClassNames ?? [])}";
    });

    /// <summary>The metadata of a weights file, <c>{"arch":"resnet",…}</c>: the file around it is right.</summary>
    public static Reader WeightsMetadataEntries { get; } = new("weights metadata", "metadata.json", () => [Seeds.WeightsMetadata()], path =>
    {
        var metadata = new WeightsMetadata(SafeTensors.Read(path).Metadata);
        return $"{metadata.Architecture} {metadata.Depth} {metadata.Shortcut} {metadata.Classes} {metadata.Sha256} {metadata.Origin} {string.Join(',', metadata.ClassNames(10) ?? [])} "
            + (metadata.Normalization is { } normalization ? $"{normalization.Name} {string.Join(',', normalization.Table())}" : "");
    }) { Wrap = Seal.Metadata, NamesFile = false };

    /// <summary>A checkpoint.</summary>
    public static Reader CheckpointFile { get; } = new("checkpoint", "last.state", () => [Seeds.Checkpoint()], path => Content(Checkpoint.Load(path)));

    /// <summary>What a checkpoint's checksum protects from accidents, but not from someone who computes it anew.</summary>
    public static Reader CheckpointPayload { get; } = new("checkpoint, checksum made right", "sealed.state", () => [Seal.PayloadOf(Seeds.Checkpoint())],
        path => Content(Checkpoint.Load(path))) { Wrap = Seal.Checkpoint };

    /// <summary>The numbers of a checkpoint, <c>{"step":"7",…}</c>: the file around them is right.</summary>
    public static Reader CheckpointEntries { get; } = new("checkpoint metadata", "numbers.json", () => [Seeds.CheckpointMetadata()],
        path => Content(CheckpointMetadata.Read(SafeTensors.Read(path).Metadata, _ => (new(), new())))) { Wrap = Seal.Metadata, NamesFile = false };

    /// <summary>A <c>--config</c> file.</summary>
    public static Reader Config { get; } = new("config file", "config.json", () => [Seeds.Config()], path =>
    {
        var options = TrainSettings.Read(new SettingReader(Train.Parse(["--config", path]), TrainSettings.All));
        options.Check();
        return options.ToJson();
    }) { NamesFile = false }; // a value out of range is named by its option

    /// <summary>The <c>args.json</c> of a run folder.</summary>
    public static Reader Args { get; } = new("args.json", "args.json", () => [Seeds.Args()], path =>
    {
        File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(path)!, "summary.csv"), Seeds.Summary());
        return Content(RunReader.ReadFolder(Path.GetDirectoryName(path)!)) + RunFolder.ReadOptions(Path.GetDirectoryName(path)!).ToJson();
    });

    /// <summary>A <c>summary.csv</c>, or a CSV file of the reference project's form.</summary>
    public static Reader Csv { get; } = new("CSV file", "resnet20.csv", () => [Seeds.Summary(), Seeds.ReferenceCsv()], path => Content(RunReader.ReadCsv(path)));

    /// <summary>An image.</summary>
    public static Reader Image { get; } = new("image", "x.png", () => [.. Seeds.Images()], path =>
    {
        var image = ImageFile.Load(path);
        return $"{image.Width}x{image.Height} {Hash(image.Pixels)}";
    });

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Reader> All { get; } =
    [
        Cifar, CifarFolder, Archive, SafeTensorsFile, Torch, Pickle, Weights, WeightsMetadataEntries, CheckpointFile, CheckpointPayload, CheckpointEntries, Config, Args, Csv, Image,
    ];

    private static string Tensors(ITensorFile file) =>
        string.Join(' ', file.Names.Select(name => $"{name} ({string.Join(',', file.Shape(name))}) {Hash(file.Floats(name))}")) + string.Join(' ', file.Metadata);

    private static string Content(Checkpoint checkpoint) => FormattableString.Invariant(
        $"{checkpoint with { State = new(), Momentum = new(), Algorithms = null }} {checkpoint.State.Sha256()} {checkpoint.Momentum.Sha256()} {checkpoint.Algorithms?.Algorithms.Count}");

    private static string Content(ReportRun run) =>
        $"{run.Network} {run.Recipe.Title} {run.PlannedSteps} {string.Join(';', run.Epochs.Select(epoch => epoch.ToString()))} {string.Join(',', run.Labels)}";

    private static string Hash(ReadOnlySpan<float> values) => Hash(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values));

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes).AsSpan(0, 8));

    private static Command MakeTrain()
    {
        var command = new Command("train");
        foreach (var setting in TrainSettings.All) command.Add(setting.Option);
        return command;
    }
}
