using System.Reflection;
using CudnnResNet.Model;
using CudnnResNet.Peers.Worker;
using CudnnResNet.Training;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace CudnnResNet.Peers.Torch;

/// <summary>libtorch, eager. Variants: <c>nchw</c>, <c>channels-last</c>, and <c>float64</c> for logits.</summary>
internal sealed class TorchPeer : IPeer
{
    public string Version { get; } = $"libtorch {System.Version.Parse(torch.__version__).ToString(3)} (TorchSharp {typeof(torch).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]}), eager";

    public IOpenWork Open(Work work) => work.Kind switch
    {
        WorkKind.Training => new TrainingWork(work),
        WorkKind.Inference => new InferenceWork(work),
        _ => throw new NotSupportedException($"{work.Kind} is measured of this engine only"),
    };

    public double[] Logits(Work work)
    {
        set_num_threads(work.Threads);
        var inputs = Inputs.Read(work.Inputs, work.BatchSize);
        var type = work.Variant == "float64" ? ScalarType.Float64 : ScalarType.Float32;
        var (network, layout) = Build(work, type);
        using var mode = inference_mode();
        return network.Forward(layout.Of(Images(inputs).to_type(type)), training: false).to_type(ScalarType.Float64).data<double>().ToArray();
    }

    public void Train(TrainingRequest request, Func<bool> awaitTurn, Action<Epoch> report) => new TorchTraining(request).Run(awaitTurn, report);

    private static (TorchNetwork Network, Layout Layout) Build(Work work, ScalarType type = ScalarType.Float32)
    {
        var layout = new Layout(work.Variant == "channels-last");
        var weights = WeightsFile.Load(work.Weights);
        return (new(weights.Architecture, weights.State, layout, type, work.Kind == WorkKind.Training), layout);
    }

    private static Tensor Images(Inputs inputs) => tensor(inputs.Images, [inputs.Labels.Length, 3, 32, 32]);

    /// <summary>What both kinds of work have.</summary>
    private abstract class TorchWork : IOpenWork
    {
        protected TorchWork(Work work)
        {
            set_num_threads(work.Threads);
            (Network, var layout) = Build(work);
            var inputs = Inputs.Read(work.Inputs, work.BatchSize);
            // The batch lies in the layout that the network wants before the clock starts.
            X = layout.Of(Images(inputs));
            Labels = tensor(Array.ConvertAll(inputs.Labels, label => (long)label));
        }

        public string Device => $"{get_num_threads()} threads, {Libtorch.Capability() ?? "instructions not told"}";

        protected TorchNetwork Network { get; }

        protected Tensor X { get; }

        protected Tensor Labels { get; }

        public abstract void RunStep();

        // Tensors end with the process.
        public void Dispose()
        {
        }
    }

    private sealed class TrainingWork : TorchWork
    {
        // Small, so that many steps on one batch stay an ordinary step's numbers.
        private const double Rate = 0.001;

        private readonly optim.Optimizer sgd;

        public TrainingWork(Work work) : base(work) =>
            sgd = optim.SGD(Network.Parameters, Rate, momentum: PaperRecipe.Momentum, weight_decay: PaperRecipe.WeightDecay);

        public override void RunStep()
        {
            using var scope = NewDisposeScope();
            sgd.zero_grad();
            var loss = F.cross_entropy(Network.Forward(X, training: true), Labels);
            loss.backward();
            sgd.step();
            loss.item<float>();
        }
    }

    private sealed class InferenceWork(Work work) : TorchWork(work)
    {
        private readonly float[] logits = new float[work.BatchSize * 10];

        public override void RunStep()
        {
            using var scope = NewDisposeScope();
            using var mode = inference_mode();
            Network.Forward(X, training: false).data<float>().CopyTo(logits);
        }
    }
}
