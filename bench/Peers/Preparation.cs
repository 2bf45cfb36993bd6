using CudnnResNet.Model;
using CudnnResNet.Peers.Worker;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Peers;

/// <summary>Weights and images that all sides get, in a folder that is deleted at the end.</summary>
/// <remarks>
/// The weights have seen some steps on drawn images at a falling rate: with running statistics that do not fit the weights, the logits
/// of a deep network would be of no ordinary size, and errors against float64 would say nothing.
/// </remarks>
internal sealed class Preparation : IDisposable
{
    /// <summary>Enough for every row of <c>speed</c>.</summary>
    public const int DefaultImages = 128;

    private const int Steps = 64, BatchSize = 32;
    private const double Rate = 0.05;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("cudnnresnet-peers-");
    private readonly Dictionary<string, string> weights = [];
    private readonly Normalization normalization;
    private readonly Inputs training;

    /// <summary>Draws the images.</summary>
    /// <param name="images">How many there are in <see cref="InputsFile"/>.</param>
    public Preparation(int images = DefaultImages)
    {
        var data = Synthetic.Create(Steps * BatchSize, images);
        normalization = NormalizationStatistics.Channel(data.Train);
        training = Normalized(data.Train);
        InputsFile = Path.Combine(folder.FullName, "inputs.safetensors");
        Normalized(data.Test).Write(InputsFile);
    }

    /// <summary>The images of the work.</summary>
    public string InputsFile { get; }

    /// <summary>A weights file of the network.</summary>
    public string Weights(ArchitectureSpec architecture)
    {
        if (weights.TryGetValue(architecture.Name, out string? file)) return file;
        using var network = new ResNet(architecture, new() { Device = DeviceOptions.Parse("cpu"), BatchSize = BatchSize });
        for (int step = 0; step < Steps; step++)
        {
            int first = step * BatchSize, size = architecture.Input.Size;
            network.TrainStep(training.Images.AsSpan(first * size, BatchSize * size), training.Labels.AsSpan(first, BatchSize), Rate * (Steps - step) / Steps);
        }
        file = Path.Combine(folder.FullName, $"{architecture.Name}.safetensors");
        WeightsFile.Save(file, architecture, normalization, network.State());
        return weights[architecture.Name] = file;
    }

    /// <summary>What a side of a row is asked to do.</summary>
    public Work Work(Job job, Side side) => new(Weights(job.Network), InputsFile, side.Variant, job.Kind, job.BatchSize, side.Threads);

    public void Dispose() => folder.Delete(recursive: true);

    private Inputs Normalized(LabelledImages images)
    {
        float[] table = normalization.Table(), x = new float[images.Pixels.Length];
        int plane = Inputs.ImageSize / 3;
        for (int i = 0; i < x.Length; i++) x[i] = table[i / plane % 3 * 256 + images.Pixels[i]];
        return new(x, images.Labels);
    }
}
