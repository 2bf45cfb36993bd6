using CudnnResNet.Model;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Reporting;

/// <summary>Looks into a run's network.</summary>
internal static class NetworkInspector
{
    /// <summary>Runs the test images through the network and picks the images to show.</summary>
    /// <param name="network">With its weights.</param>
    /// <param name="run">Where they come from.</param>
    /// <param name="options">How it was trained.</param>
    /// <param name="data">The data set of the run.</param>
    /// <param name="cancellation">Looked at between two batches.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static InspectedNetwork Look(ResNet network, ReportRun run, TrainOptions options, DataSet data, CancellationToken cancellation = default)
    {
        var inspection = ModelInspection.Run(network, data.Test, cancellation: cancellation);
        var (train, _) = TrainingImages.Split(data, options.Validation, options.Seed);
        var augmentation = network.Options with { Crop = options.Crop, Seed = options.Seed };
        return new(run.Name, run.Network, run.Labels, data, inspection, SampleImage.OfTraining(train, augmentation), SampleImage.OfTest(data.Test));
    }
}
