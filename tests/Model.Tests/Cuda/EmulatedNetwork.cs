using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Cuda;
using CudnnResNet.Model.Devices.Delegating;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Tests.Cuda;

/// <summary>A network on the emulator's GPU, whose input can be read.</summary>
internal sealed class EmulatedNetwork : IDisposable
{
    private InputDevice device = null!;

    /// <param name="architecture">The network.</param>
    /// <param name="options">All but the device.</param>
    /// <param name="graph">Whether steps are graphs.</param>
    /// <param name="around">A device around the GPU's.</param>
    public EmulatedNetwork(ArchitectureSpec architecture, NetworkOptions options, bool graph = true, Func<IDevice, IDevice>? around = null) => Network = new(architecture, options, plan =>
    {
        device = new(DeviceFactory.Open(new() { Kind = DeviceKind.Cuda, Graph = graph }, plan));
        return around?.Invoke(device) ?? device;
    });

    public ResNet Network { get; }

    /// <summary>The input (n, 3, 32, 32) of the last pass; waits for the GPU.</summary>
    public float[] Pixels(int n)
    {
        Network.ReadTotals();
        using var context = new CudaContext(CudaDriver.GetDevice(0));
        using var scope = context.Enter();
        using var stream = new CudaStream(context);
        var pixels = new float[n * AugmentSpec.ImageSize];
        stream.Download(((CudaActivation)device.X!).Pointer, pixels.AsSpan());
        return pixels;
    }

    public void Dispose() => Network.Dispose();

    private sealed class InputDevice(IDevice inner) : DelegatingDevice(inner)
    {
        public Activation? X { get; private set; }

        public override Activation CreateInput(Shape shape) => X = Inner.CreateInput(shape);

        public override ConvNormUnit CreateConvNorm(ConvNormSpec spec) => Inner.CreateConvNorm(spec);

        public override HeadUnit CreateHead(HeadSpec spec) => Inner.CreateHead(spec);
    }
}
