using CudnnResNet.Runner.Output;

namespace CudnnResNet.Runner.Reporting;

/// <summary>The pictures of an inspected network as files of their own, for slides and papers.</summary>
internal static class InspectionFiles
{
    /// <summary>Draws and encodes all of them.</summary>
    /// <returns>A name and a PNG file for each.</returns>
    public static IReadOnlyList<(string Name, byte[] Content)> Of(InspectedNetwork network)
    {
        var inspection = network.Inspection;
        return
        [
            ("confusion.png", ConfusionPicture.Draw(Title($"confusion matrix, {Words.Percent(inspection.Confusion.Error)} wrong"), inspection.Confusion, network.Data.ClassNames)),
            ("mistakes.png", Sheet.Draw(Title(inspection.Mistakes.Count > 0 ? "surest mistakes" : "no mistakes"), 4, 96, [.. inspection.Mistakes.Select(mistake => Cell(network, mistake))])),
            ("samples-train.png", Sheet.Draw(Title("training images as the network sees them"), 3, 160, [.. network.TrainSamples.Select(sample => Cell(network, sample))])),
            ("samples-test.png", Sheet.Draw(Title("test images"), 3, 160, [.. network.TestSamples.Select(sample => Cell(network, sample))])),
            ("filters.png", Sheet.Draw(Title("filters of the first layer, grey is 0"), 8, 66, [.. inspection.Filters.Select(filter => new Sheet.Cell(Picture.OfFilter(filter)))])),
        ];

        string Title(string what) => string.Join(" · ", network.Labels.Prepend($"{network.Name}: {what}"));
    }

    private static Sheet.Cell Cell(InspectedNetwork network, Training.Mistake mistake) => new(
        network.PictureOf(mistake), network.ClassLabel(mistake.Truth), $"taken for {network.ClassLabel(mistake.Prediction)}", InspectedNetwork.Sureness(mistake));

    private static Sheet.Cell Cell(InspectedNetwork network, Training.SampleImage sample) => new(Picture.OfImage(sample.Pixels), network.ClassLabel(sample.Label));
}
