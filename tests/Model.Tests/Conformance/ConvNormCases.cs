using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>The conformance table of conv-norm units: to add a case to every check on every device is to add a line here.</summary>
internal static class ConvNormCases
{
    /// <summary>Cases that take well under a second each.</summary>
    public static IEnumerable<ConvNormCase> Fast =>
    [
        // The shapes of the networks.
        Unit(1, new(3, 32, 32), 16), Unit(3, new(3, 32, 32), 16), Unit(8, new(3, 32, 32), 16),
        Unit(1, new(16, 32, 32), 16), Unit(3, new(16, 32, 32), 16, ShortcutKind.Identity),
        Unit(3, new(16, 32, 32), 32, stride: 2), Unit(8, new(32, 16, 16), 32), Unit(3, new(32, 16, 16), 32, ShortcutKind.Identity),
        Unit(3, new(32, 16, 16), 32, ShortcutKind.OptionATrailing), Unit(1, new(32, 16, 16), 32, ShortcutKind.OptionACentred),
        Unit(3, new(32, 16, 16), 64, stride: 2), Unit(8, new(64, 8, 8), 64), Unit(3, new(64, 8, 8), 64, ShortcutKind.Identity),
        Unit(8, new(64, 8, 8), 64, ShortcutKind.OptionATrailing), Unit(3, new(64, 8, 8), 64, ShortcutKind.OptionACentred),
        Unit(3, new(32, 16, 16), 32, ShortcutKind.Reshape), Unit(3, new(64, 8, 8), 64, ShortcutKind.Reshape),

        // Odd and tiny images: every border at once, rows shorter than any register, both parities under stride 2.
        .. from shape in new (int H, int W)[] { (1, 1), (1, 2), (2, 1), (3, 5), (5, 7), (9, 9), (4, 17) }
           from stride in new[] { 1, 2 }
           select Unit(3, new(16, shape.H, shape.W), 32, stride: stride),
        .. from shape in new (int H, int W)[] { (1, 1), (3, 5), (5, 7), (9, 9) }
           from shortcut in new[] { ShortcutKind.Identity, ShortcutKind.OptionATrailing, ShortcutKind.OptionACentred, ShortcutKind.Reshape }
           select Unit(2, new(32, shape.H, shape.W), 32, shortcut),
        Unit(1, new(16, 1, 1), 16), Unit(1, new(3, 1, 1), 16), Unit(2, new(3, 5, 7), 16), Unit(17, new(16, 3, 3), 16),
        Unit(2, new(48, 5, 5), 16), Unit(2, new(16, 6, 6), 48, stride: 2),

        // Edge values.
        .. from content in new[] { Content.LargeMean, Content.ConstantChannels, Content.ZeroScale, Content.NaN, Content.Infinity }
           from shortcut in new[] { ShortcutKind.None, ShortcutKind.Identity, ShortcutKind.OptionATrailing, ShortcutKind.Reshape }
           select Unit(3, new(32, 8, 8), 32, shortcut, content: content),

        // Units in a row, as in the networks: what a device leaves for the next unit to do is done right.
        Chain(3, new(16, 8, 8), ShortcutKind.None, stem: false, 16, 16), Chain(3, new(16, 8, 8), ShortcutKind.Identity, stem: false, 16),
        Chain(2, new(16, 8, 8), ShortcutKind.OptionATrailing, stem: false, 32), Chain(2, new(16, 8, 8), ShortcutKind.OptionACentred, stem: false, 32),
        Chain(3, new(3, 16, 16), ShortcutKind.OptionATrailing, stem: true, 16, 32), Chain(2, new(3, 8, 8), ShortcutKind.OptionACentred, stem: true, 16, 16, 32, 32, 64),
        Chain(2, new(16, 8, 8), ShortcutKind.Reshape, stem: false, 32), Chain(2, new(3, 16, 16), ShortcutKind.Reshape, stem: true, 16, 32, 32, 64),
        Chain(3, new(3, 16, 16), ShortcutKind.None, stem: true, 16, 32), Chain(1, new(3, 32, 32), ShortcutKind.OptionATrailing, stem: true, 16, 32),
    ];

    /// <summary>Full batches.</summary>
    public static IEnumerable<ConvNormCase> Long =>
    [
        Unit(128, new(3, 32, 32), 16), Unit(128, new(16, 32, 32), 16, ShortcutKind.Identity), Unit(128, new(16, 32, 32), 32, stride: 2),
        Unit(128, new(32, 16, 16), 32, ShortcutKind.OptionATrailing), Unit(128, new(64, 8, 8), 64), Unit(80, new(32, 16, 16), 64, stride: 2),
        Chain(128, new(3, 32, 32), ShortcutKind.OptionATrailing, stem: true, 16, 32), Chain(128, new(3, 32, 32), ShortcutKind.Reshape, stem: true, 16, 32),
    ];

    /// <summary>A single unit whose x, and s where it has one, come from outside.</summary>
    private static ConvNormCase Unit(int n, Shape x, int k, ShortcutKind shortcut = ShortcutKind.None, int stride = 1, Content content = Content.Random)
    {
        Shape y = new(k, (x.H + stride - 1) / stride, (x.W + stride - 1) / stride);
        var spec = new ConvNormSpec("unit", "bn", x, y, stride) { Shortcut = shortcut, NeedsDx = x.C != 3 };
        string name = $"{n}x{x} to {k}{(stride == 2 ? " /2" : "")}{(shortcut == ShortcutKind.None ? "" : $" {shortcut}")}{(content == Content.Random ? "" : $" {content}")}";
        return shortcut == ShortcutKind.None
            ? new(name, n, [x], [new(spec, 0, null)]) { Content = content }
            : new(name, n, [x, spec.S], [new(spec, 0, 1)]) { Content = content };
    }

    /// <summary>Blocks of two units in a row, with the given numbers of channels; where they double, the block downsamples.</summary>
    private static ConvNormCase Chain(int n, Shape x, ShortcutKind shortcuts, bool stem, params int[] blocks)
    {
        var links = new List<Link>();
        Shape y = x;
        if (stem)
        {
            y = x with { C = 16 };
            links.Add(new(new("stem", "bn", x, y, 1) { NeedsDx = false }, 0, null));
        }
        for (int b = 0; b < blocks.Length; b++)
        {
            Shape from = y;
            bool downsamples = blocks[b] == 2 * from.C;
            if (downsamples) y = new(blocks[b], from.H / 2, from.W / 2);
            var shortcut = shortcuts == ShortcutKind.None || downsamples ? shortcuts : ShortcutKind.Identity;
            int source = links.Count; // activation 0 is the input, activation i + 1 the output of unit i
            links.Add(new(new($"block{b}.1", "bn", from, y, downsamples ? 2 : 1), source, null));
            links.Add(new(new($"block{b}.2", "bn", y, y, 1) { Shortcut = shortcut }, source + 1, shortcut == ShortcutKind.None ? null : source));
        }
        return new($"{n}x{x} {(stem ? "stem and " : "")}blocks of {string.Join(", ", blocks)} {shortcuts}", n, [x], [.. links]);
    }
}
