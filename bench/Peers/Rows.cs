using CudnnResNet.Model;
using CudnnResNet.Peers.Worker;
using CudnnResNet.Runner.Output;

namespace CudnnResNet.Peers;

/// <summary>A kind of work, whoever does it.</summary>
/// <param name="Network">The network.</param>
/// <param name="Kind">What a step is.</param>
/// <param name="BatchSize">Images of a batch.</param>
internal sealed record Job(ArchitectureSpec Network, WorkKind Kind, int BatchSize)
{
    /// <summary>Images of a step.</summary>
    public int Images => Kind == WorkKind.Evaluation ? OurWork.SetSize : BatchSize;

    /// <summary>2 · multiply-adds of a step as direct convolution counts them; null where a step multiplies nothing worth counting.</summary>
    public double? DirectFlops => Kind switch
    {
        WorkKind.Training => 2.0 * Images * Network.TrainingMultiplyAdds,
        WorkKind.Loading => null,
        _ => 2.0 * Images * Network.MultiplyAdds,
    };
}

/// <summary>One side of a row.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Program">Who computes.</param>
/// <param name="Variant">Which way: a layout, a device.</param>
/// <param name="Threads">Threads that compute.</param>
internal sealed record Side(string Name, PeerProgram Program, string Variant, int Threads)
{
    /// <summary>True: the processor's AVX-512 must not be used.</summary>
    public bool Avx2Only { get; init; }

    /// <summary>What this side does where that is not what the row says.</summary>
    public Job? Job { get; init; }

    /// <summary>Variables for its process.</summary>
    public IReadOnlyDictionary<string, string> Environment => Avx2Only ? Instructions.Avx2Only : new Dictionary<string, string>();
}

/// <summary>Work that all sides do in turns; the first side is the one the others are compared with.</summary>
/// <param name="Id">For <c>--only</c> and for files.</param>
/// <param name="Title">For people.</param>
/// <param name="Job">What is done.</param>
/// <param name="Sides">Who does it.</param>
internal sealed record Row(string Id, string Title, Job Job, IReadOnlyList<Side> Sides)
{
    /// <summary>What a side of this row does.</summary>
    public Job JobOf(Side side) => side.Job ?? Job;
}

/// <summary>The programs of the sides.</summary>
internal sealed record Programs(PeerProgram Ours, PeerProgram Torch, PeerProgram Onnx)
{
    /// <summary>All of them.</summary>
    public IEnumerable<PeerProgram> All => [Ours, Torch, Onnx];
}

/// <summary>What <c>speed</c> measures.</summary>
internal static class Rows
{
    /// <summary>Our own work in two ways, in the order of <see cref="OwnFigures"/>.</summary>
    public const string Threads = "threads", Loading = "load", Evaluation = "eval20";

    private const int Batch = 128;

    /// <summary>The rows in the order of the table.</summary>
    public static IReadOnlyList<Row> All(Programs programs, int threads)
    {
        ArchitectureSpec resnet20 = new(Architecture.ResNet, 20), resnet56 = new(Architecture.ResNet, 56), resnet110 = new(Architecture.ResNet, 110), plain32 = new(Architecture.Plain, 32);
        Job training = new(resnet20, WorkKind.Training, Batch), inference = new(resnet20, WorkKind.Inference, Batch);
        string words = ThreadsOf(threads);
        var rows = new List<Row>
        {
            new("train20", $"training step, ResNet-20, batch {Batch}, {words}", training, Training(threads)),
            new("train56", $"training step, ResNet-56, batch {Batch}, {words}", training with { Network = resnet56 }, Training(threads)),
            new("train-plain32", $"training step, plain-32, batch {Batch}, {words}", training with { Network = plain32 }, Training(threads)),
            new("infer20", $"inference, ResNet-20, batch {Batch}, {words}", inference, Inference(threads)),
            new("latency20", $"inference of one image, ResNet-20, {words}", inference with { BatchSize = 1 }, Inference(threads)),
            new("train20-avx2", $"training step, ResNet-20, batch {Batch}, {words}, AVX2 only", training, [.. Training(threads).Select(side => side with { Avx2Only = true })]),
            new("train110", $"training step, ResNet-110, batch {Batch}, {words} (for its memory)", training with { Network = resnet110 }, Training(threads)),
            new(Evaluation, $"evaluation of {Words.Count(OurWork.SetSize)} images against inference, ResNet-20, batch {Batch}, {words}", inference,
                [Ours(threads, "evaluation") with { Job = inference with { Kind = WorkKind.Evaluation } }, Ours(threads, "inference")]),
            new(Loading, $"augmenting and normalising a batch of {Batch} against a training step, ResNet-20, {words}", training,
                [Ours(threads, "training step"), Ours(threads, "loading") with { Job = training with { Kind = WorkKind.Loading } }]),
        };
        if (threads > 1)
        {
            rows.Insert(1, new("train20-1", $"training step, ResNet-20, batch {Batch}, 1 thread", training, Training(1)));
            rows.Add(new(Threads, $"training step, ResNet-20, batch {Batch}, {words} against 1", training, [Ours(threads, words), Ours(1, ThreadsOf(1))]));
        }
        return rows;

        Side Ours(int threads, string what) => new($"ours, {what}", programs.Ours, "cpu", threads);
        Side[] Training(int threads) =>
        [
            new("ours", programs.Ours, "cpu", threads),
            new("libtorch, NCHW", programs.Torch, "nchw", threads),
            new("libtorch, channels-last", programs.Torch, "channels-last", threads),
        ];
        Side[] Inference(int threads) =>
        [
            .. Training(threads),
            new("ONNX Runtime, Slice and Pad", programs.Onnx, "SliceAndPad", threads),
            new("ONNX Runtime, 1x1 shortcut", programs.Onnx, "Convolution", threads),
        ];
    }

    /// <summary>The sides whose logits are compared with those in float64.</summary>
    public static IReadOnlyList<Side> ForLogits(Programs programs, int threads) => All(programs, threads).Single(row => row.Id == "infer20").Sides;

    /// <summary>Whether a row is of this engine alone.</summary>
    public static bool IsOurs(Row row, Programs programs) => row.Sides.All(side => side.Program == programs.Ours);

    /// <summary>A number of threads in words.</summary>
    public static string ThreadsOf(int threads) => threads == 1 ? "1 thread" : $"{threads} threads";
}
