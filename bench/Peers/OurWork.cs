using CudnnResNet.Model;
using CudnnResNet.Peers.Worker;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Peers;

/// <summary>A network of this engine that is ready for steps.</summary>
internal abstract class OurWork : IOpenWork
{
    /// <summary>As many images as CIFAR-10 tests: they do not fit the caches, as in a real run.</summary>
    public const int SetSize = 10_000;

    protected OurWork(Work work)
    {
        var weights = WeightsFile.Load(work.Weights);
        Network = new(weights.Architecture, new()
        {
            Device = DeviceOptions.Parse(work.Variant) with { Threads = work.Threads },
            BatchSize = work.BatchSize,
            Training = work.Kind is WorkKind.Training or WorkKind.Loading,
            Normalization = weights.Normalization,
        });
        Network.Load(weights.State);
    }

    /// <summary>Gets ready for a kind of work.</summary>
    public static OurWork Open(Work work) => work.Kind switch
    {
        WorkKind.Evaluation => new EvaluationWork(work),
        WorkKind.Loading => new LoadingWork(work),
        _ => new StepWork(work),
    };

    public string Device => Network.DeviceDescription;

    public virtual double? ExecutedMultiplyAdds => ExecutedFor(Network.Options.BatchSize);

    protected ResNet Network { get; }

    public double? MeasurePeak() => Network.MeasurePeak();

    public abstract void RunStep();

    public virtual void Dispose() => Network.Dispose();

    protected double ExecutedFor(int images) => (double)images * Network.Ops().Sum(op => op.ExecutedMultiplyAdds);

    protected static LabelledImages DrawnImages() => Synthetic.Create(trainCount: 1, testCount: SetSize).Test;
}

/// <summary>Training steps and inference, from floats.</summary>
internal sealed class StepWork : OurWork
{
    // Small, so that many steps on one batch stay an ordinary step's numbers.
    private const double Rate = 0.001;

    private readonly Inputs inputs;

    public StepWork(Work work) : base(work)
    {
        inputs = Inputs.Read(work.Inputs, work.BatchSize);
        Logits = new float[work.BatchSize * Network.Architecture.Classes];
    }

    /// <summary>What the last inference came to.</summary>
    public float[] Logits { get; }

    public override void RunStep()
    {
        if (Network.Options.Training)
        {
            Network.TrainStep(inputs.Images, inputs.Labels, Rate);
            Network.ReadTotals();
        }
        else
        {
            Network.Infer(inputs.Images, Logits);
        }
    }
}

/// <summary>Whole evaluations, as <c>eval</c> and each epoch's end have them.</summary>
internal sealed class EvaluationWork : OurWork
{
    private readonly DeviceImages images;

    public EvaluationWork(Work work) : base(work)
    {
        var drawn = DrawnImages();
        images = Network.LoadImages(drawn.Pixels, drawn.Labels);
    }

    public override double? ExecutedMultiplyAdds => ExecutedFor(SetSize);

    public override void RunStep() => Evaluator.Run(Network, images);

    public override void Dispose()
    {
        images.Dispose();
        base.Dispose();
    }
}

/// <summary>What a training step begins with in a real run: the next images of an epoch's order, cropped, mirrored and normalised.</summary>
internal sealed class LoadingWork : OurWork
{
    private readonly DeviceImages images;
    private readonly int batchSize;
    private int first;

    public LoadingWork(Work work) : base(work)
    {
        batchSize = work.BatchSize;
        var drawn = DrawnImages();
        images = Network.LoadImages(drawn.Pixels, drawn.Labels);
        Network.BeginEpoch(images, epoch: 0, EpochOrder.Create(SetSize, epoch: 0, seed: 1), [0]);
    }

    public override double? ExecutedMultiplyAdds => null;

    public override void RunStep()
    {
        if (first + batchSize > SetSize) first = 0;
        Network.Augment(images, first, batchSize);
        // A device that works asynchronously has to be finished, and the totals are what says so.
        Network.ReadTotals();
        first += batchSize;
    }

    public override void Dispose()
    {
        images.Dispose();
        base.Dispose();
    }
}
