using System.Diagnostics;
using CudnnResNet.Model;
using CudnnResNet.Peers.Worker;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace CudnnResNet.Peers.Torch;

/// <summary>
/// A whole training of ResNet-20 on libtorch, channels-last: this engine's recipe, rates, initial weights, order of images and
/// normalisation; crops and flips are of the same kind, drawn by libtorch for a batch at a time.
/// </summary>
internal sealed class TorchTraining
{
    private readonly DataSet data;
    private readonly TrainingPlan plan;
    private readonly TrainingRequest request;
    private readonly TorchNetwork network;
    private readonly Layout layout = new(ChannelsLast: true);
    private readonly Tensor padded, labels, mean, std;

    public TorchTraining(TrainingRequest request)
    {
        this.request = request;
        set_num_threads(request.Threads);
        random.manual_seed((long)request.Seed);
        data = request.LoadData();
        var options = request.ToOptions();
        plan = TrainingPlan.Create(options, data.Train.Count, data.IsSynthetic);
        using (var ours = new ResNet(options.ToArchitecture(), new() { BatchSize = 1, Training = false, Seed = request.Seed }))
            network = new(ours.Architecture, ours.State(), layout, ScalarType.Float32, training: true);

        var normalization = NormalizationStatistics.Channel(data.Train);
        mean = tensor(Array.ConvertAll(normalization.Mean, value => (float)(value * 255))).reshape(1, 3, 1, 1);
        std = tensor(Array.ConvertAll(normalization.Std, value => (float)(value * 255))).reshape(1, 3, 1, 1);
        const int pad = PaperRecipe.Padding;
        padded = F.pad(Pixels(data.Train), [pad, pad, pad, pad], PaddingModes.Constant, 0);
        labels = Labels(data.Train);
    }

    /// <inheritdoc cref="IPeer.Train"/>
    public void Run(Func<bool> awaitTurn, Action<Epoch> report)
    {
        var sgd = optim.SGD(network.Parameters, plan.Schedule.RateAt(0), momentum: plan.Momentum, weight_decay: plan.WeightDecay);
        // Runs in this side's turns only.
        var clock = new Stopwatch();
        double training = 0;
        for (int epoch = 0; epoch < plan.Epochs && awaitTurn(); epoch++)
        {
            clock.Start();
            double begin = clock.Elapsed.TotalSeconds, loss = 0;
            var order = tensor(Array.ConvertAll(EpochOrder.Create(data.Train.Count, epoch, request.Seed), i => (long)i));
            double[] rates = plan.RatesOf(epoch, warmingUp: false);
            for (int step = 0; step < rates.Length; step++)
            {
                using var scope = NewDisposeScope();
                foreach (var group in sgd.ParamGroups) group.LearningRate = rates[step];
                int n = plan.ImagesIn(step);
                var batch = order.narrow(0, (long)step * plan.BatchSize, n);
                sgd.zero_grad();
                var mean = F.cross_entropy(network.Forward(Augmented(batch), training: true), labels.index_select(0, batch));
                mean.backward();
                sgd.step();
                loss += mean.item<float>() * n;
            }
            training += clock.Elapsed.TotalSeconds - begin;
            double error = TestError();
            clock.Stop();
            report(new(epoch + 1, loss / data.Train.Count, error, training, clock.Elapsed.TotalSeconds));
        }
    }

    /// <summary>Images (n, 3, 32, 32) of these indices, each cut out of its padded image at a random place, half of them mirrored.</summary>
    private Tensor Augmented(Tensor batch)
    {
        long n = batch.shape[0];
        const int places = 2 * PaperRecipe.Padding + 1;
        var along = arange(32, ScalarType.Int64);
        var rows = along + randint(0, places, [n, 1], ScalarType.Int64);
        var mirrored = randint(0, 2, [n, 1], ScalarType.Bool);
        var columns = where(mirrored, 31 - along, along) + randint(0, places, [n, 1], ScalarType.Int64);
        // One gather: (n, 1, 1, 1), (1, 3, 1, 1), (n, 1, 32, 1) and (n, 1, 1, 32) indices make (n, 3, 32, 32).
        var pixels = padded.index(batch.reshape(n, 1, 1, 1), arange(3, ScalarType.Int64).reshape(1, 3, 1, 1), rows.reshape(n, 1, 32, 1), columns.reshape(n, 1, 1, 32));
        return Normalized(pixels);
    }

    private double TestError()
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        Tensor pixels = Pixels(data.Test), expected = Labels(data.Test);
        long wrong = 0;
        for (int first = 0; first < data.Test.Count; first += plan.BatchSize)
        {
            using var inner = NewDisposeScope();
            long n = Math.Min(plan.BatchSize, data.Test.Count - first);
            var chosen = network.Forward(Normalized(pixels.narrow(0, first, n)), training: false).argmax(1);
            wrong += chosen.ne(expected.narrow(0, first, n)).sum().ToInt64();
        }
        return (double)wrong / data.Test.Count;
    }

    private Tensor Normalized(Tensor pixels) => (layout.Of(pixels).to_type(ScalarType.Float32) - mean) / std;

    private static Tensor Pixels(LabelledImages images) => tensor(images.Pixels, [images.Count, 3, 32, 32], ScalarType.Byte);

    private static Tensor Labels(LabelledImages images) => tensor(Array.ConvertAll(images.Labels, label => (long)label));
}
