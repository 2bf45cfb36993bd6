using CudnnResNet.Model;
using CudnnResNet.Model.Devices;

namespace CudnnResNet.Kernels.Tests.Conformance;

/// <summary>One row of the joins' table.</summary>
/// <param name="N">Images.</param>
/// <param name="Spec">The unit; only the shape of its y and its shortcut count.</param>
internal sealed record JoinCase(int N, ConvNormSpec Spec)
{
    public string Name => $"{N}x{Spec.Y} {Spec.Shortcut}";

    public static JoinCase Of(int n, Shape y, ShortcutKind shortcut) => new(n, new("unit", "bn", y, y, 1) { Shortcut = shortcut });
}

/// <summary>The joins' table: to add a case is to add a line here.</summary>
internal static class JoinCases
{
    private static readonly ShortcutKind[] SameShape = [ShortcutKind.None, ShortcutKind.Identity];
    private static readonly ShortcutKind[] Downsampling = [ShortcutKind.OptionATrailing, ShortcutKind.OptionACentred, ShortcutKind.Reshape];

    /// <summary>The shapes of the networks' y, with the shortcuts that occur there.</summary>
    private static readonly (Shape Y, ShortcutKind[] Shortcuts)[] OfNetworks =
        [(new(16, 32, 32), SameShape), (new(32, 16, 16), [.. SameShape, .. Downsampling]), (new(64, 8, 8), [.. SameShape, .. Downsampling])];

    public static IEnumerable<JoinCase> Fast =>
    [
        .. Network(1), .. Network(3),
        // Full batches of the smallest shape; the others are long.
        JoinCase.Of(80, new(64, 8, 8), ShortcutKind.OptionACentred), JoinCase.Of(128, new(64, 8, 8), ShortcutKind.OptionATrailing),

        // Around a thread's four elements and a block's 1024.
        .. from count in new[] { 1, 2, 3, 4, 5, 7, 255, 1020, 1021, 1023, 1024, 1025, 1027, 1028, 2051 } from shortcut in SameShape select JoinCase.Of(1, new(count, 1, 1), shortcut),

        // Rows of every length around a thread's four, one image and several.
        .. from width in Enumerable.Range(1, 9) from shortcut in Downsampling select JoinCase.Of(width % 3 + 1, new(8, 3, width), shortcut),
        // Around a block's 256 groups of a row; the fewest channels of each kind.
        .. from height in new[] { 63, 64, 65 } from width in new[] { 1, 4, 5, 8 } from shortcut in Downsampling select JoinCase.Of(1, new(4, height, width), shortcut),
        JoinCase.Of(2, new(2, 5, 7), ShortcutKind.OptionATrailing), JoinCase.Of(1, new(2, 1, 1), ShortcutKind.OptionATrailing), JoinCase.Of(2, new(2, 5, 7), ShortcutKind.Reshape), JoinCase.Of(1, new(2, 1, 1), ShortcutKind.Reshape), JoinCase.Of(3, new(12, 9, 9), ShortcutKind.OptionACentred),
    ];

    /// <summary>Full batches.</summary>
    public static IEnumerable<JoinCase> Long => Network(80).Concat(Network(128)).ExceptBy(Fast.Select(what => what.Name), what => what.Name);

    private static IEnumerable<JoinCase> Network(int n) => from entry in OfNetworks from shortcut in entry.Shortcuts select JoinCase.Of(n, entry.Y, shortcut);
}
