using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Cuda;

/// <summary>A small network on the emulated GPU, and the images it is trained on.</summary>
internal sealed class CudaNetwork : IDisposable
{
    public const int Images = 12;

    private static readonly byte[] Pixels = TestData.Bytes(Images * AugmentSpec.ImageSize, "cuda pixels"), Labels = TestData.Bytes(Images, "cuda labels", 10);
    private readonly DeviceImages images;
    private int step;

    /// <param name="batchSize">Images of a step; at most <see cref="Images"/>.</param>
    /// <param name="device">How the device computes; on the GPU unless it says something else.</param>
    /// <param name="training">Whether it is trained.</param>
    public CudaNetwork(int batchSize = 4, DeviceOptions? device = null, bool training = true)
    {
        Network = new(new(Architecture.ResNet, 8), new() { Device = device ?? Options, BatchSize = batchSize, Training = training });
        try
        {
            images = Network.LoadImages(Pixels, Labels);
            if (training) BeginEpoch(0);
        }
        catch
        {
            Network.Dispose();
            throw;
        }
    }

    /// <summary>The GPU, which is emulated; the test is skipped where it is not built.</summary>
    public static DeviceOptions Options
    {
        get
        {
            _ = Emulator.Folder;
            return new() { Kind = DeviceKind.Cuda };
        }
    }

    public ResNet Network { get; }

    /// <summary>Begins an epoch with 100 steps of one rate.</summary>
    public void BeginEpoch(int epoch)
    {
        Network.BeginEpoch(images, epoch, [.. Enumerable.Range(0, Images).Select(i => i * 5 % Images)], [.. Enumerable.Repeat(0.1, 100)]);
        step = 0;
    }

    /// <summary>A step on the images that come next; begins again where too few are left.</summary>
    public void Train(int n)
    {
        Network.TrainStep(images, step, step * n % (Images - n + 1), n);
        step++;
    }

    /// <summary>An evaluation of the first n images.</summary>
    public void Evaluate(int n) => Network.Evaluate(images, 0, n);

    public void Dispose()
    {
        images.Dispose();
        Network.Dispose();
    }
}
