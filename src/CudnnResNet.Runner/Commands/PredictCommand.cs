using System.CommandLine;
using System.Text.Json.Nodes;
using CudnnResNet.Images;
using CudnnResNet.Model;
using CudnnResNet.Runner.Images;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Settings;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Commands;

/// <summary>What a network takes images for.</summary>
internal sealed class PredictCommand() : RunnerCommand("predict", "Classify images; without any, nine test images beside the truth (without --weights: our own ResNet-20)",
    """
    predict cat.jpg dog.png
    predict --top-k 3 --json *.jpg
    predict --weights runs/NAME/best.safetensors
    """,
    Images, CommonSettings.Weights, WeightsSettings.Arch, WeightsSettings.Shortcut, Normalize, TopK, CommonSettings.Data, CommonSettings.Offline, CommonSettings.Device, CommonSettings.Threads, CommonSettings.Precision)
{
    private const int TestImages = 9;

    /// <summary>Told with every answer: a picture of another size or shape is not what the network sees.</summary>
    private const string Preparation = "the square in the middle, averaged to 32x32 pixels; transparent parts over white";

    private static readonly Argument<string[]> Images = new("IMAGE") { Arity = ArgumentArity.ZeroOrMore, Description = "PNG, JPEG or BMP files of any size" };
    private static readonly Setting<int> TopK = new("--top-k", "N", "How many of the likeliest classes (default 5)", ValueText.Whole, "-k");
    private static readonly Setting<string> Normalize = new("--normalize", "NAME", "reference or imagenet (default: as the file says)", ValueText.Text);

    protected override int Run(SettingReader settings, Report report)
    {
        var images = settings.Values(Images);
        string path = DefaultWeights.Of(settings);
        var weights = WeightsFile.Load(path, WeightsSettings.Overrides(settings, NormalizationOf(settings)));
        int top = settings.Get(TopK, Math.Min(5, weights.Architecture.Classes));
        if (top < 1 || top > weights.Architecture.Classes) throw new InvalidSettingException($"--top-k {top} is not within 1..{weights.Architecture.Classes}, the network's classes");

        bool synthetic = weights.Origin.Dataset == Synthetic.Name;
        var device = CommonSettings.DeviceOf(settings);
        DeviceLine.Write(device, report);
        using var predictor = new Predictor(weights, new() { Device = device, ClassNames = synthetic ? Synthetic.ClassNames : null });
        report.Field("network", $"{weights.Architecture.Name}, {weights.Normalization.Name} normalisation, {path}");
        foreach (string notice in weights.Notices) report.Note(notice);
        if (synthetic) report.Note("this network was trained on SYNTHETIC images: it knows drawn shapes, no photographs");
        report.Record("predictor", new()
        {
            ["network"] = weights.Architecture.Name,
            ["weights"] = path,
            ["trained_on"] = weights.Origin.Dataset,
            ["preparation"] = images.Length > 0 ? Preparation : null,
        });
        if (images.Length == 0) return ShowTestImages(predictor, weights, top, settings, report);
        report.Field("images", Preparation);
        report.Line();
        return Classify(predictor, images, top, report);
    }

    private static int Classify(Predictor predictor, string[] images, int top, Report report)
    {
        int exit = ExitCode.Done;
        foreach (string path in images)
        {
            try
            {
                var image = ImageFile.Load(path);
                var prediction = predictor.Classify(image.Pixels, top)[0];
                report.Result($"{path}: {Text(prediction)}");
                report.Record("prediction", new()
                {
                    ["image"] = path,
                    ["width"] = image.Width,
                    ["height"] = image.Height,
                    ["classes"] = Classes(prediction),
                });
            }
            catch (ImageException error)
            {
                exit = ErrorReport.WriteLine(error, report.Json); // the others are done all the same
            }
        }
        return exit;
    }

    private static int ShowTestImages(Predictor predictor, WeightsFile weights, int top, SettingReader settings, Report report)
    {
        string trainedOn = weights.Origin.Dataset ?? Cifar10.Name;
        if (trainedOn is not (Cifar10.Name or Synthetic.Name))
            throw new InvalidSettingException($"{weights.Path} was trained on '{trainedOn}', whose test images are not known here; name images to classify");
        var data = DataSource.Load(trainedOn, settings.TryGet(CommonSettings.Data, out string folder) ? folder : null, settings.Has(CommonSettings.Offline), report);
        int count = Math.Min(TestImages, data.Test.Count), right = 0;
        var predictions = predictor.Classify(data.Test.Pixels.AsSpan(0, count * LabelledImages.ImageBytes), top);
        var table = new TextTable(("test image", true), ("truth", false), ("", false), ("prediction", false));
        for (int i = 0; i < count; i++)
        {
            int truth = data.Test.Labels[i];
            bool isRight = predictions[i].Best.Class == truth;
            if (isRight) right++;
            table.Add($"{i}", predictor.ClassNames[truth], isRight ? "" : "WRONG", Text(predictions[i]));
            report.Record("prediction", new()
            {
                ["image"] = $"test image {i}",
                ["truth"] = new JsonObject { ["class"] = truth, ["name"] = predictor.ClassNames[truth] },
                ["classes"] = Classes(predictions[i]),
            });
        }
        report.Line();
        foreach (string line in table.Lines()) report.Line(line);
        report.Line();
        report.Result($"{right} of the first {count} test images right{(data.IsSynthetic ? ", SYNTHETIC" : "")}; eval counts all of them");
        return ExitCode.Done;
    }

    private static Normalization? NormalizationOf(SettingReader settings)
    {
        if (!settings.TryGet(Normalize, out string name)) return null;
        if (name == Normalization.Reference.Name) return Normalization.Reference;
        return name == Normalization.ImageNet.Name ? Normalization.ImageNet
            : throw new InvalidSettingException($"--normalize '{name}' is not one of reference, imagenet; the others' constants stand in the weights file of a training");
    }

    private static string Text(Prediction prediction) => string.Join(", ", prediction.Classes.Select(item => $"{item.Name} {Words.Percent(item.Probability)}"));

    private static JsonArray Classes(Prediction prediction) =>
        [.. prediction.Classes.Select(item => new JsonObject { ["class"] = item.Class, ["name"] = item.Name, ["probability"] = item.Probability })];
}
