using CudnnResNet.Runner.Output;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Reporting;

/// <summary>A network that a report looks into, with the images it was trained on and tested with.</summary>
/// <param name="Name">The run's name, or the weights file's.</param>
/// <param name="Network"><c>ResNet-20</c>.</param>
/// <param name="Labels">What must be said beside every picture: SYNTHETIC, EMULATED, unfinished and the like.</param>
/// <param name="Data">The data set.</param>
/// <param name="Inspection">What the network does with its test images.</param>
/// <param name="TrainSamples">Training images as the network sees them.</param>
/// <param name="TestSamples">Test images.</param>
internal sealed record InspectedNetwork(
    string Name, string Network, IReadOnlyList<string> Labels, DataSet Data, ModelInspection Inspection,
    IReadOnlyList<SampleImage> TrainSamples, IReadOnlyList<SampleImage> TestSamples)
{
    /// <summary>A class as the reference project's pictures name it: <c>airplane (0)</c>.</summary>
    public string ClassLabel(int label) => $"{Data.ClassNames[label]} ({label})";

    /// <summary>A mistake's probability; what would round to 100 % is told as what it exceeds.</summary>
    public static string Sureness(Mistake mistake) => mistake.Probability > 0.9999 ? "over 99.99 %" : Words.Text($"{Math.Floor(mistake.Probability * 1e4) / 100:F2} %");

    /// <summary>The test image of a mistake.</summary>
    public Picture PictureOf(Mistake mistake) => Picture.OfImage(Data.Test.Image(mistake.Image).ToArray());
}
