using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model;

/// <summary>The ops of a step, and the one place that counts their work.</summary>
internal static class OpList
{
    public const string AugmentName = "augment", UpdateName = "update";

    /// <summary>What a step does beside its ops.</summary>
    public static OpWork Other { get; } = new("other", null, null, 0, 0, 0, 0);

    /// <summary>The ops of a network in forward order, each layer's two directions side by side.</summary>
    public static IEnumerable<OpWork> Of(IReadOnlyList<ConvNormUnit> units, HeadSpec head, long parameters, bool training)
    {
        yield return new(AugmentName, null, null, 0, 0, AugmentSpec.ImageSize * (sizeof(byte) + sizeof(float)), 0);
        for (int i = 0; i < units.Count; i++)
        {
            yield return Forward(units[i]);
            // The gradient of a block's shortcut is an input of its first unit's backward pass.
            bool hasAddend = i + 1 < units.Count && units[i + 1].Spec.Shortcut != ShortcutKind.None;
            if (training) yield return Backward(units[i], hasAddend);
        }
        long weights = head.WeightCount, bytes = Floats(head.X.Size + head.Classes);
        yield return new(HeadSpec.Name, Direction.Forward, null, weights, weights, bytes, Floats(weights + head.Classes));
        if (!training) yield break;
        yield return new(HeadSpec.Name, Direction.Backward, null, 2 * weights, 2 * weights, bytes, Floats(2 * (weights + head.Classes)));
        // Weight, velocity and gradient are read, weight and velocity written.
        yield return new(UpdateName, null, null, 0, 0, 0, Floats(5 * parameters));
    }

    private static OpWork Forward(ConvNormUnit unit)
    {
        var spec = unit.Spec;
        return Of(unit, Direction.Forward, spec.X.Size + spec.S.Size + spec.Y.Size, Parameters(spec));
    }

    private static OpWork Backward(ConvNormUnit unit, bool hasAddend)
    {
        // x, y, dy and the addend are read, dx and ds written; y and dy have one shape, and so have x, dx and the addend.
        var spec = unit.Spec;
        long x = 1 + (spec.NeedsDx ? 1 : 0) + (hasAddend ? 1 : 0);
        return Of(unit, Direction.Backward, x * spec.X.Size + 2 * spec.Y.Size + spec.S.Size, 2 * Parameters(spec));
    }

    private static OpWork Of(ConvNormUnit unit, Direction direction, long imageFloats, long callFloats) =>
        new(unit.Spec.Name, direction, unit.Kernel, unit.Spec.MultiplyAdds(direction), unit.ExecutedMultiplyAdds(direction), Floats(imageFloats), Floats(callFloats));

    /// <summary>w, scale and bias.</summary>
    private static long Parameters(ConvNormSpec spec) => spec.WeightCount + 2L * spec.Y.C;

    private static long Floats(long count) => count * sizeof(float);
}
