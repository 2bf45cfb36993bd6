using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model;

/// <summary>Images and labels on a network's device, made by <see cref="ResNet.LoadImages"/>.</summary>
public sealed class DeviceImages : IDisposable
{
    internal DeviceImages(ImageSet set) => Set = set;

    internal ImageSet Set { get; }

    /// <summary>Images in the set.</summary>
    public int Count => Set.Count;

    /// <inheritdoc/>
    public void Dispose() => Set.Dispose();
}
