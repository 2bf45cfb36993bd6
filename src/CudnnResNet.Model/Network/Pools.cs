using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model;

/// <summary>
/// Hands out the units' outputs. Training keeps every one of them until the backward pass; inference needs three of a shape in turn:
/// a unit reads the one before it and its shortcut's source, and writes the third.
/// </summary>
internal sealed class OutputPool(IDevice device, bool training)
{
    private readonly Dictionary<Shape, List<Activation>> rotating = [];
    private readonly Dictionary<Shape, int> next = [];

    public Activation Next(ConvNormSpec producer)
    {
        if (training) return device.CreateOutput(producer);
        if (!rotating.TryGetValue(producer.Y, out var list)) rotating[producer.Y] = list = [];
        int turn = next.GetValueOrDefault(producer.Y);
        next[producer.Y] = turn + 1;
        if (list.Count < 3) list.Add(device.CreateOutput(producer));
        return list[turn % 3];
    }
}

/// <summary>
/// Hands out the gradients of the backward pass. A block reads dy, writes the gradient of its hidden activation, then writes dx
/// while ds may still share dy's memory: three of a shape suffice, two of them in turn between neighbouring blocks.
/// </summary>
internal sealed class GradientPool(IDevice device, bool training)
{
    private readonly Dictionary<Shape, Gradient> hidden = [];
    private readonly Dictionary<Shape, Gradient[]> alternating = [];
    private readonly Dictionary<Shape, int> next = [];

    /// <summary>The gradient inside a block: written and read before the next block needs it.</summary>
    public Gradient? Hidden(Shape shape)
    {
        if (!training) return null;
        if (!hidden.TryGetValue(shape, out var gradient)) hidden[shape] = gradient = device.CreateGradient(shape);
        return gradient;
    }

    /// <summary>The gradient between two blocks; neighbouring blocks get different ones.</summary>
    public Gradient? Alternating(Shape shape)
    {
        if (!training) return null;
        if (!alternating.TryGetValue(shape, out var pair)) alternating[shape] = pair = [device.CreateGradient(shape), device.CreateGradient(shape)];
        int turn = next.GetValueOrDefault(shape);
        next[shape] = turn + 1;
        return pair[turn % 2];
    }

    /// <summary>The gradient of a shortcut's source, null where the unit has none.</summary>
    public Gradient? OfShortcut(ConvNormSpec spec) => training && spec.Shortcut != ShortcutKind.None ? device.CreateShortcutGradient(spec) : null;
}
