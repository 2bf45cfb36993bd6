using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model;

/// <summary>Initial weights after He et al. 2015b: zero-mean normal, every number from its own Philox counter, rounded once.</summary>
/// <remarks>
/// Convolutions: variance 2 / (9 K), the fan-out, as in the reference project. Linear layer: variance 2 / 64, the fan-in.
/// Biases and running means 0; batch norm's scales and running variances 1.
/// </remarks>
internal static class Initializer
{
    /// <summary>The initial state of a network; the same for every device.</summary>
    public static StateDict Create(ArchitectureSpec architecture, ulong seed)
    {
        var state = new StateDict();
        int layer = 0;
        foreach (var unit in architecture.ConvNorms())
        {
            int k = unit.Y.C;
            state.Add($"{unit.Name}.weight", [k, unit.X.C, 3, 3], Normal(unit.WeightCount, Math.Sqrt(2.0 / (9 * k)), seed, layer++));
            state.Add($"{unit.NormName}.weight", [k], Constant(k, 1));
            state.Add($"{unit.NormName}.bias", [k], Constant(k, 0));
            state.Add($"{unit.NormName}.running_mean", [k], Constant(k, 0));
            state.Add($"{unit.NormName}.running_var", [k], Constant(k, 1));
        }
        var head = architecture.Head;
        int features = head.X.C;
        state.Add("fc.weight", [head.Classes, features], Normal(head.WeightCount, Math.Sqrt(2.0 / features), seed, layer));
        state.Add("fc.bias", [head.Classes], Constant(head.Classes, 0));
        return state;
    }

    private static float[] Constant(int count, float value)
    {
        var values = new float[count];
        Array.Fill(values, value);
        return values;
    }

    private static float[] Normal(int count, double deviation, ulong seed, int layer)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            var (a, b, c, d) = Philox.Draw(seed, (uint)i, (uint)layer, RandomPurpose.Weights);
            // Box-Muller; only one of its two numbers is used, which keeps element i at counter i.
            values[i] = (float)(deviation * Math.Sqrt(-2 * Math.Log(Philox.Unit(a, b))) * Math.Cos(2 * Math.PI * Philox.Unit(c, d)));
        }
        return values;
    }
}
