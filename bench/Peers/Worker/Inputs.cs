using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Peers.Worker;

/// <summary>The images and labels that every side gets.</summary>
/// <param name="Images">(N, 3, 32, 32), normalised.</param>
/// <param name="Labels">N classes, 0..9.</param>
public sealed record Inputs(float[] Images, byte[] Labels)
{
    /// <summary>Elements of one image.</summary>
    public const int ImageSize = LabelledImages.ImageBytes;

    /// <summary>Writes them as safetensors.</summary>
    public void Write(string path)
    {
        using var stream = File.Create(path);
        SafeTensors.Write(stream, [
            new("images", [Labels.Length, 3, 32, 32], Images),
            new("labels", [Labels.Length], Array.ConvertAll(Labels, label => (float)label)),
        ]);
    }

    /// <summary>Reads the first images of what <see cref="Write"/> wrote.</summary>
    public static Inputs Read(string path, int count)
    {
        var file = SafeTensors.Read(path);
        return new(file.Floats("images")[..(count * ImageSize)], Array.ConvertAll(file.Floats("labels")[..count], label => (byte)label));
    }
}
