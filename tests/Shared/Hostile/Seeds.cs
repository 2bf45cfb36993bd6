using System.Formats.Tar;
using System.Text;
using System.Text.Json.Nodes;
using CudnnResNet.Model;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;
using CudnnResNet.Training.Tests.Data;
using SkiaSharp;

namespace CudnnResNet.Tests.Hostile;

/// <summary>Small valid files, made by what a real run makes them with where the engine writes them, to vary and to damage.</summary>
internal static class Seeds
{
    private static readonly ArchitectureSpec Network = new(Architecture.Plain, 8);

    public static byte[] Records(int file) => CifarFiles.File(file, Readers.Records);

    /// <summary>Writes the other five files of a CIFAR-10 folder beside one.</summary>
    public static void WriteOtherRecords(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        for (int f = 0; f < Cifar10.AllFiles.Length; f++)
            if (Cifar10.AllFiles[f] != Path.GetFileName(path)) File.WriteAllBytes(Path.Combine(folder, Cifar10.AllFiles[f]), Records(f));
    }

    public static byte[] Archive() => SmallArchive.Create([new UstarTarEntry(TarEntryType.Directory, "cifar-10-batches-bin/"), SmallArchive.Entry("cifar-10-batches-bin/readme.html", [1, 2, 3]),
        .. Cifar10.AllFiles.Select((name, f) => SmallArchive.Entry($"cifar-10-batches-bin/{name}", Records(f)))]);

    public static byte[] SafeTensors()
    {
        using var file = new MemoryStream();
        Model.SafeTensors.Write(file, [new("a", [2], [1, 2]), new("b", [1, 3], [3, 4, 5]), new("c", [], [6])], new Dictionary<string, string> { ["k"] = "v", ["é\n"] = "\u001b" });
        return file.ToArray();
    }

    public static TorchFileWriter Torch()
    {
        var file = new TorchFileWriter { Wrapper = "state_dict" }.Add("w", [2, 2], [1, 2, 3, 4]).Add("h", [2], [1, 2], TorchStorageBytes.OfHalves);
        file.Tensors.Add(new("v", [3], 0) { Offset = 1 });
        return file;
    }

    public static byte[] Weights() => Written(path => WeightsFile.Save(path, Network, Normalization.Reference, State(), new(Epoch: 3, TestError: 0.25, Seed: 7, Dataset: "cifar10"), ClassNames.Cifar10));

    public static byte[] WeightsMetadata() => Json(Model.WeightsMetadata.Write(Network, Normalization.Pixel(new float[3 * 32 * 32]), State(), new(Epoch: 3, TestError: 0.25, Seed: 7, Dataset: "cifar10"), ClassNames.Cifar10));

    public static byte[] Checkpoint() => Written(Sample().Save);

    public static byte[] CheckpointMetadata() => Json(Training.CheckpointMetadata.Write(Sample()));

    public static byte[] Config() => """
        {
          // a comment
          "depth": 32, "arch": "plain", "batch-size": 64, "lr": 0.05, "milestones": [100, 200], "recipe": "paper", "name": "x", "train-error": "running", "no-flip": true,
        }
        """u8.ToArray();

    public static byte[] Args()
    {
        var options = new TrainOptions { Recipe = Recipe.Paper, Dataset = Cifar10.Name, Device = "cpu", Milestones = [100, 200], Name = "x" };
        return Encoding.UTF8.GetBytes(TrainingPlan.Create(options, 50_000, synthetic: false).Effective(options).ToJson());
    }

    public static byte[] Summary() => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 3)
        .Select(epoch => new SummaryRow(epoch, 1.5 / (epoch + 1), 0.5 / (epoch + 1), 0.6 / (epoch + 1), 0.1, 1.7, 0.6, 1234.5, 1, epoch + 1, "00").ToCsv()).Prepend(SummaryRow.Header).Select(row => row + "\n")));

    public static byte[] ReferenceCsv() => "epoch,train_loss,train_err,test_err\n0,1.9,0.7,0.6\n1,1.2,0.4,0.5\n"u8.ToArray();

    /// <summary>A PNG, a PNG with transparency, a grey one, a BMP, and JPEG files with and without EXIF data.</summary>
    public static IEnumerable<byte[]> Images()
    {
        var pixels = new byte[3 * 32 * 32];
        new Random(5).NextBytes(pixels);
        yield return TestImages.Png(pixels);
        using var clear = new SKBitmap(9, 7, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        clear.Erase(new SKColor(100, 0, 255, 128));
        yield return TestImages.Encoded(clear, SKEncodedImageFormat.Png);
        using var grey = new SKBitmap(33, 20, SKColorType.Gray8, SKAlphaType.Opaque);
        yield return TestImages.Encoded(grey, SKEncodedImageFormat.Png);
        yield return TestImages.Bmp(pixels);
        yield return TestImages.RedAndBlue(40, 24);
        yield return TestImages.WithOrientation(TestImages.RedAndBlue(40, 24), 6);
    }

    private static Checkpoint Sample() => new()
    {
        Architecture = Network,
        State = State(),
        Momentum = Filled(parametersOnly: true),
        Options = new TrainOptions().ToJson(),
        Seed = 7,
        Step = 440,
        Epoch = 4,
        StepInEpoch = 40,
        EpochTotals = new(640, 1234.5, 321),
        Best = new(2, 0.25),
        ElapsedSeconds = 12.5,
        Device = "cuda",
        Algorithms = new("a GPU", "9.1.0", Precision.Fp32, [new("16x32x32 to 32x16x16, stride 2", 128, ConvolutionPass.Forward, "ImplicitGemm", "Fma")]),
        SummaryRows = 4,
    };

    private static StateDict State() => Filled(parametersOnly: false);

    private static StateDict Filled(bool parametersOnly)
    {
        var state = new StateDict();
        foreach (var (name, shape) in StateCheck.Expected(Network, parametersOnly))
            state.Add(name, shape, [.. Enumerable.Range(0, shape.Aggregate(1, (product, size) => product * size)).Select(i => i % 17 * 0.25f)]);
        return state;
    }

    private static byte[] Json(Dictionary<string, string> entries) =>
        Encoding.UTF8.GetBytes(new JsonObject(entries.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)JsonValue.Create(entry.Value)))).ToJsonString());

    private static byte[] Written(Action<string> write)
    {
        using var folder = new TemporaryFolder();
        write(folder["file"]);
        return File.ReadAllBytes(folder["file"]);
    }
}
