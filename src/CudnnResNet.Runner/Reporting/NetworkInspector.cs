using CudnnResNet.Model;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Reporting;

/// <summary>Looks into a network.</summary>
internal static class NetworkInspector
{
    /// <summary>Runs the test images through the network and picks the images to show.</summary>
    /// <param name="network">With its weights.</param>
    /// <param name="name">The run's, or the weights file's.</param>
    /// <param name="labels">What must be said beside every picture.</param>
    /// <param name="options">How it was trained.</param>
    /// <param name="data">The data set that it was trained on.</param>
    /// <param name="cancellation">Looked at between two batches.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static InspectedNetwork Look(ResNet network, string name, IReadOnlyList<string> labels, TrainOptions options, DataSet data, CancellationToken cancellation = default)
    {
        var architecture = network.Architecture;
        var (train, _) = TrainingImages.Split(data, options.Validation, options.Seed);
        return new(
            name, ReportRun.NetworkName(architecture.Architecture, architecture.Depth, architecture.Shortcut), labels, data,
            ModelInspection.Run(network, data.Test, cancellation: cancellation),
            SampleImage.OfTraining(train, network.Options with { Crop = options.Crop, Seed = options.Seed }),
            SampleImage.OfTest(data.Test));
    }
}
