using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>The output of a unit: (N, C, H, W) floats.</summary>
internal sealed class CudaActivation(Shape shape, DeviceSlice memory) : Activation(shape)
{
    /// <summary>The first element.</summary>
    public DevicePointer Pointer => memory.Pointer;
}

/// <summary>
/// A gradient: (N, C, H, W) floats. Along a chain of identity shortcuts there is one memory for all: a unit masks dy in place, which is
/// then its ds, and the block's first unit adds its dx to that. So a gradient may lie in another one's memory until it is written anew.
/// </summary>
internal sealed class CudaGradient : Gradient
{
    private readonly DeviceSlice own;
    private DeviceSlice memory;

    /// <param name="shape">Shape of one image.</param>
    /// <param name="own">Its own memory; an empty slice where it always lies in another one's.</param>
    public CudaGradient(Shape shape, DeviceSlice own) : base(shape) => this.own = memory = own;

    /// <summary>The first element.</summary>
    public DevicePointer Pointer => memory.Pointer;

    /// <summary>Goes to its own memory, for someone who overwrites it.</summary>
    public CudaGradient InOwnMemory()
    {
        memory = own;
        return this;
    }

    /// <summary>Goes to where another one is, for someone who adds to that or leaves it as it is.</summary>
    public CudaGradient InMemoryOf(CudaGradient other)
    {
        memory = other.memory;
        return this;
    }
}

/// <summary>The labels of a batch: (N) bytes.</summary>
internal sealed class CudaLabels(DeviceSlice memory) : Labels
{
    /// <summary>The first label.</summary>
    public DevicePointer Pointer => memory.Pointer;
}

/// <summary>A trainable tensor: its values and, with training, its gradient and velocity, at the same place of three arenas.</summary>
internal sealed class CudaParameter
{
    private readonly DeviceSlice value;
    private readonly DeviceSlice? gradient, velocity;

    public CudaParameter(CudaMemory memory, string name, int count, bool training)
    {
        long bytes = (long)count * sizeof(float);
        value = memory.Parameters.Reserve(name, bytes);
        if (!training) return;
        gradient = memory.Gradients.Reserve(name, bytes);
        velocity = memory.Momentum.Reserve(name, bytes);
    }

    /// <summary>The values.</summary>
    public DevicePointer Value => value.Pointer;

    /// <summary>The gradient; null without training.</summary>
    public DevicePointer Gradient => gradient?.Pointer ?? DevicePointer.Null;

    /// <summary>SGD's velocity; null without training.</summary>
    public DevicePointer Velocity => velocity?.Pointer ?? DevicePointer.Null;
}
