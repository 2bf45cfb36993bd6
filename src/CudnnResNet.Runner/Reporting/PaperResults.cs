using CudnnResNet.Model;

namespace CudnnResNet.Runner.Reporting;

/// <summary>A test error that the paper gives.</summary>
/// <param name="Error">Fraction, 0..1.</param>
/// <param name="ReadOffFigure">Whether it was read off figure 6, to about half a percent, because the paper's text has no number; tables mark it with an asterisk.</param>
internal sealed record PaperResult(double Error, bool ReadOffFigure);

/// <summary>The test errors of He et al. 2015: table 6 for the residual networks, figure 6 for the plain ones.</summary>
internal static class PaperResults
{
    /// <summary>What the paper shows, in its order: the rows of every table.</summary>
    public static IReadOnlyList<(Architecture Architecture, int Depth)> Networks { get; } =
    [
        (Architecture.Plain, 20), (Architecture.Plain, 32), (Architecture.Plain, 44), (Architecture.Plain, 56),
        (Architecture.ResNet, 20), (Architecture.ResNet, 32), (Architecture.ResNet, 44), (Architecture.ResNet, 56), (Architecture.ResNet, 110),
    ];

    /// <summary>The paper's test error of a network, or null where it has none.</summary>
    public static PaperResult? Find(Architecture architecture, int depth) => (architecture, depth) switch
    {
        (Architecture.Plain, 20) => new(0.095, ReadOffFigure: true),
        (Architecture.Plain, 32) => new(0.10, ReadOffFigure: true),
        (Architecture.Plain, 44) => new(0.12, ReadOffFigure: true),
        (Architecture.Plain, 56) => new(0.135, ReadOffFigure: true),
        (Architecture.ResNet, 20) => new(0.0875, ReadOffFigure: false),
        (Architecture.ResNet, 32) => new(0.0751, ReadOffFigure: false),
        (Architecture.ResNet, 44) => new(0.0717, ReadOffFigure: false),
        (Architecture.ResNet, 56) => new(0.0697, ReadOffFigure: false),
        (Architecture.ResNet, 110) => new(0.0643, ReadOffFigure: false), // the best of five; their mean is 6.61 % ± 0.16
        _ => null,
    };
}
