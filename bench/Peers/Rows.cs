using CudnnResNet.Model;

namespace CudnnResNet.Peers;

/// <summary>One side of a row.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Program">Who computes.</param>
/// <param name="Variant">Which way: a layout, a device.</param>
/// <param name="Threads">Threads that compute.</param>
internal sealed record Side(string Name, PeerProgram Program, string Variant, int Threads)
{
    /// <summary>True: the processor's AVX-512 must not be used.</summary>
    public bool Avx2Only { get; init; }

    /// <summary>Variables for its process.</summary>
    public IReadOnlyDictionary<string, string> Environment => Avx2Only ? Instructions.Avx2Only : new Dictionary<string, string>();
}

/// <summary>One kind of work that all sides do in turns; the first side is the one the others are compared with.</summary>
/// <param name="Id">For <c>--only</c> and for files.</param>
/// <param name="Title">For people.</param>
/// <param name="Network">The network.</param>
/// <param name="Training">Whole training steps, or inference.</param>
/// <param name="BatchSize">Images of one step.</param>
/// <param name="Sides">Who does it.</param>
internal sealed record Row(string Id, string Title, ArchitectureSpec Network, bool Training, int BatchSize, IReadOnlyList<Side> Sides)
{
    /// <summary>2 · multiply-adds of a step as direct convolution counts them.</summary>
    public double DirectFlops => 2.0 * BatchSize * (Training ? Network.TrainingMultiplyAdds : Network.MultiplyAdds);
}

/// <summary>The programs of the sides.</summary>
internal sealed record Programs(PeerProgram Ours, PeerProgram Torch, PeerProgram Onnx)
{
    /// <summary>All of them.</summary>
    public IEnumerable<PeerProgram> All => [Ours, Torch, Onnx];
}

/// <summary>What is measured.</summary>
internal static class Rows
{
    private const int Batch = 128;

    /// <summary>The rows in the order of the table.</summary>
    public static IReadOnlyList<Row> All(Programs programs, int threads)
    {
        ArchitectureSpec resnet20 = new(Architecture.ResNet, 20), resnet56 = new(Architecture.ResNet, 56), resnet110 = new(Architecture.ResNet, 110), plain32 = new(Architecture.Plain, 32);
        string words = ThreadsOf(threads);
        var rows = new List<Row>
        {
            new("train20", $"training step, ResNet-20, batch {Batch}, {words}", resnet20, true, Batch, Training(threads)),
            new("train56", $"training step, ResNet-56, batch {Batch}, {words}", resnet56, true, Batch, Training(threads)),
            new("train-plain32", $"training step, plain-32, batch {Batch}, {words}", plain32, true, Batch, Training(threads)),
            new("infer20", $"inference, ResNet-20, batch {Batch}, {words}", resnet20, false, Batch, Inference(threads)),
            new("latency20", $"inference of one image, ResNet-20, {words}", resnet20, false, 1, Inference(threads)),
            new("train20-avx2", $"training step, ResNet-20, batch {Batch}, {words}, AVX2 only", resnet20, true, Batch, [.. Training(threads).Select(side => side with { Avx2Only = true })]),
            new("train110", $"training step, ResNet-110, batch {Batch}, {words} (for its memory)", resnet110, true, Batch, Training(threads)),
        };
        if (threads > 1)
        {
            rows.Insert(1, new("train20-1", $"training step, ResNet-20, batch {Batch}, 1 thread", resnet20, true, Batch, Training(1)));
            rows.Add(new("threads", $"training step, ResNet-20, batch {Batch}, {words} against 1", resnet20, true, Batch, [Ours(threads) with { Name = $"ours, {words}" }, Ours(1) with { Name = "ours, 1 thread" }]));
        }
        return rows;

        Side Ours(int threads) => new("ours", programs.Ours, "cpu", threads);
        Side[] Training(int threads) =>
        [
            Ours(threads),
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

    private static string ThreadsOf(int threads) => threads == 1 ? "1 thread" : $"{threads} threads";
}
