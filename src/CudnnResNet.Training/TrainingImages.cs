using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training;

/// <summary>The images of a run on its network's device.</summary>
internal sealed class TrainingImages : IDisposable
{
    /// <summary>Copies them to the device.</summary>
    /// <param name="network">Whose device.</param>
    /// <param name="train">What is learnt.</param>
    /// <param name="held">What was held back for validation, or null.</param>
    /// <param name="test">The test images.</param>
    public TrainingImages(ResNet network, LabelledImages train, LabelledImages? held, LabelledImages test)
    {
        Train = network.LoadImages(train.Pixels, train.Labels);
        Validation = held is null ? null : network.LoadImages(held.Pixels, held.Labels);
        Test = network.LoadImages(test.Pixels, test.Labels);
    }

    /// <summary>What is learnt.</summary>
    public DeviceImages Train { get; }

    /// <summary>What was held back, or null.</summary>
    public DeviceImages? Validation { get; }

    /// <summary>The test images.</summary>
    public DeviceImages Test { get; }

    /// <summary>What the epochs are compared by.</summary>
    public DeviceImages Judged => Validation ?? Test;

    /// <summary>What they are called.</summary>
    public string JudgedName => Validation is null ? "test" : "validation";

    /// <summary>Images that are left to learn from.</summary>
    /// <exception cref="InvalidSettingException">None would be.</exception>
    public static int CountWithout(DataSet data, int validation)
    {
        if (validation >= data.Train.Count)
            throw new InvalidSettingException($"validation {validation} is not within 0..{data.Train.Count - 1}: the data set has {data.Train.Count} training images");
        return data.Train.Count - validation;
    }

    /// <summary>The images to learn from and those to hold back.</summary>
    public static (LabelledImages Train, LabelledImages? Held) Split(DataSet data, int validation, ulong seed)
    {
        if (validation == 0) return (data.Train, null);
        var (train, held) = ValidationSplit.Split(data.Train, validation, seed);
        return (train, held);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Train.Dispose();
        Validation?.Dispose();
        Test.Dispose();
    }
}
