namespace CudnnResNet.Model.Devices.Cpu;

internal sealed class CpuDevice : IDevice
{
    public CpuDevice(NetworkPlan plan, int threads) => throw new DeviceUnavailableException($"cpu: {plan} {threads}");
    public string Description => "";
    public ImageSet LoadImages(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> labels) => null!;
    public Activation CreateInput(Shape shape) => null!;
    public Labels CreateLabels() => null!;
    public Activation CreateOutput(ConvNormSpec producer) => null!;
    public Gradient CreateGradient(Shape shape) => null!;
    public Gradient CreateShortcutGradient(ConvNormSpec spec) => null!;
    public ConvNormUnit CreateConvNorm(ConvNormSpec spec) => null!;
    public HeadUnit CreateHead(HeadSpec spec) => null!;
    public AugmentUnit CreateAugment(AugmentSpec spec) => null!;
    public SgdUnit CreateSgd(SgdSpec spec) => null!;
    public void Upload(int n, ReadOnlySpan<float> source, Activation destination) { }
    public void Upload(ReadOnlySpan<byte> source, Labels destination) { }
    public void Upload(int n, ReadOnlySpan<double> source, Gradient destination) { }
    public void Dispose() { }
}
