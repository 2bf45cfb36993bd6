using CudnnResNet.Model;
using CudnnResNet.Runner.Output;

namespace CudnnResNet.Runner.Reporting;

/// <summary>The pictures of an inspected network as files of their own, for slides and papers.</summary>
internal static class InspectionFiles
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["confusion.png", "mistakes.png", "samples-train.png", "samples-test.png", "filters.png"];

    /// <summary>Writes all of them; each is replaced whole.</summary>
    /// <param name="folder">Exists.</param>
    /// <param name="network">What to draw.</param>
    /// <exception cref="IOException">The disk is full, or the like.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Write(string folder, InspectedNetwork network)
    {
        var inspection = network.Inspection;
        Save("confusion.png", ConfusionPicture.Draw(Title($"confusion matrix, {Words.Percent(inspection.Confusion.Error)} wrong"), inspection.Confusion, network.Data.ClassNames));
        Save("mistakes.png", Sheet.Draw(Title(inspection.Mistakes.Count > 0 ? "surest mistakes" : "no mistakes"), 4, 96,
            [.. inspection.Mistakes.Select(mistake => new Sheet.Cell(network.PictureOf(mistake), network.ClassLabel(mistake.Truth), $"taken for {network.ClassLabel(mistake.Prediction)}", Words.Text($"{mistake.Probability * 100:F1} %")))]));
        Save("samples-train.png", Sheet.Draw(Title("training images as the network sees them"), 3, 160,
            [.. network.TrainSamples.Select(sample => new Sheet.Cell(Picture.OfImage(sample.Pixels), network.ClassLabel(sample.Label)))]));
        Save("samples-test.png", Sheet.Draw(Title("test images"), 3, 160,
            [.. network.TestSamples.Select(sample => new Sheet.Cell(Picture.OfImage(sample.Pixels), network.ClassLabel(sample.Label)))]));
        Save("filters.png", Sheet.Draw(Title("filters of the first layer, grey is 0"), 8, 66,
            [.. inspection.Filters.Select(filter => new Sheet.Cell(Picture.OfFilter(filter)))]));

        string Title(string what) => string.Join(" · ", network.Labels.Prepend($"{network.Name}: {what}"));

        void Save(string name, byte[] png) => AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(png));
    }
}
