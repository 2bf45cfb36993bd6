using CudnnResNet.Model;

namespace CudnnResNet.Training.Tests.Checkpoints;

/// <summary>Checkpoints to test with.</summary>
internal static class Checkpoints
{
    private static readonly ArchitectureSpec Plain8 = new(Architecture.Plain, 8);

    /// <summary>A checkpoint of plain8 whose every value depends on the step.</summary>
    public static Checkpoint Sample(long step) => new()
    {
        Architecture = Plain8,
        State = Filled(parametersOnly: false, seed: step),
        Momentum = Filled(parametersOnly: true, seed: -step),
        Options = "{}",
        Seed = ulong.MaxValue,
        Step = step,
        Epoch = 4,
        StepInEpoch = 40,
        SummaryRows = 4,
    };

    public static void AreEqual(StateDict expected, StateDict actual)
    {
        CollectionAssert.AreEqual(expected.Tensors.Select(tensor => tensor.Name).ToArray(), actual.Tensors.Select(tensor => tensor.Name).ToArray());
        foreach (var tensor in expected.Tensors)
        {
            CollectionAssert.AreEqual(tensor.Shape, actual[tensor.Name].Shape);
            CollectionAssert.AreEqual(Bits(tensor), Bits(actual[tensor.Name]), tensor.Name);
        }
    }

    private static int[] Bits(NamedTensor tensor) => Array.ConvertAll(tensor.Values, BitConverter.SingleToInt32Bits);

    private static StateDict Filled(bool parametersOnly, long seed)
    {
        using var network = new ResNet(Plain8, new NetworkOptions { Device = DeviceOptions.Parse("reference"), BatchSize = 1 });
        var random = new Random((int)seed);
        var filled = new StateDict();
        foreach (var (name, shape, values) in (parametersOnly ? network.Momentum() : network.State()).Tensors)
            filled.Add(name, shape, Array.ConvertAll(values, _ => name.EndsWith(".running_var", StringComparison.Ordinal) ? random.NextSingle() : random.NextSingle() - 0.25f));
        return filled;
    }
}
