namespace CudnnResNet.Model.Devices.Reference;

/// <summary>
/// The specification as code: scalar, double precision, NCHW, every formula as it is written in the contracts. Everything else is
/// compared with it. It stores every tensor, and makes no attempt to be fast beyond using all cores.
/// </summary>
internal sealed class ReferenceDevice(NetworkPlan plan) : IDevice
{
    private readonly List<Parameter> parameters = [];      // in the order of the plan's
    private readonly List<double[]> statistics = [];       // likewise
    private readonly double[] dz = plan.Training ? new double[LargestOutput(plan)] : [];
    // Training keeps z of every unit for the backward pass; inference needs only the last.
    private readonly double[] inferenceZ = plan.Training ? [] : new double[LargestOutput(plan)];

    public DeviceKind Kind => DeviceKind.Reference;

    public bool IsEmulated => false;

    public string Description => $"reference, scalar double precision, {Environment.ProcessorCount} threads";

    public double? MeasurePeak() => null;

    public int InferenceBatch => int.MaxValue;

    public AlgorithmChoice? Algorithms => null;

    public ImageSet LoadImages(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> labels) => new ReferenceImageSet(pixels.ToArray(), labels.ToArray());

    public Activation CreateInput(Shape shape) => new ReferenceActivation(shape, plan.BatchSize);

    public Labels CreateLabels() => new ReferenceLabels(plan.BatchSize);

    public Activation CreateOutput(ConvNormSpec producer) => new ReferenceActivation(producer.Y, plan.BatchSize);

    public Gradient CreateGradient(Shape shape) => new ReferenceGradient(shape, plan.BatchSize);

    public Gradient CreateShortcutGradient(ConvNormSpec spec) => new ReferenceGradient(spec.S, plan.BatchSize);

    public ConvNormUnit CreateConvNorm(ConvNormSpec spec)
    {
        var unit = new ReferenceConvNorm(spec, plan.Training, plan.Training ? new double[plan.BatchSize * spec.Y.Size] : inferenceZ, dz);
        parameters.AddRange([unit.W, unit.Scale, unit.Bias]);
        statistics.AddRange([unit.RunningMean, unit.RunningVariance]);
        return unit;
    }

    public HeadUnit CreateHead(HeadSpec spec)
    {
        var unit = new ReferenceHead(spec, plan.BatchSize, plan.Training);
        parameters.AddRange([unit.W, unit.Bias]);
        return unit;
    }

    public AugmentUnit CreateAugment(AugmentSpec spec) => new ReferenceAugment(spec);

    public SgdUnit CreateSgd(SgdSpec spec) => new ReferenceSgd(
        spec,
        [.. plan.Parameters.Zip(parameters, (named, parameter) => (named.Name, parameter))],
        [.. plan.Statistics.Zip(statistics, (named, values) => (named.Name, values))]);

    // Its arrays are there already.
    public void Allocate() { }

    public void Run(Pass pass, Action<Pass> body) => body(pass);

    public void Upload(int n, ReadOnlySpan<float> source, Activation destination)
    {
        double[] values = ((ReferenceActivation)destination).Values;
        for (int i = 0; i < n * destination.Shape.Size; i++) values[i] = source[i];
    }

    public void Upload(ReadOnlySpan<byte> source, Labels destination) => source.CopyTo(((ReferenceLabels)destination).Values);

    public void Upload(int n, ReadOnlySpan<double> source, Gradient destination) =>
        source[..(n * destination.Shape.Size)].CopyTo(((ReferenceGradient)destination).Values);

    public void Dispose() { }

    private static int LargestOutput(NetworkPlan plan) => plan.BatchSize * plan.ConvNorms.Select(spec => spec.Y.Size).DefaultIfEmpty().Max();
}
