using CudnnResNet.Model;
using CudnnResNet.Peers.Worker;

namespace CudnnResNet.Peers;

/// <summary>How far a side's logits are from those in float64: same weights, same images.</summary>
/// <param name="Network">Which network.</param>
/// <param name="Side">Whose logits.</param>
/// <param name="Error">The largest difference; NaN where there is a problem.</param>
/// <param name="Largest">The largest logit in float64, by magnitude.</param>
/// <param name="Judge">Who computed in float64.</param>
/// <param name="Problem">Why there are no logits, or why they are those of another function; null where all is well.</param>
internal sealed record LogitError(string Network, string Side, double Error, double Largest, string Judge, string? Problem)
{
    private const int Images = 32;

    /// <summary>Two correct implementations agree to this part of the largest logit, and better.</summary>
    private const double Tolerance = 1e-4;

    /// <summary>Compares sides on networks, once on each, and writes what comes of it.</summary>
    public static IReadOnlyList<LogitError> Write(Page page, IEnumerable<ArchitectureSpec> networks, IReadOnlyList<Side> sides, Programs programs, Preparation preparation, int threads)
    {
        var errors = networks.DistinctBy(network => network.Name).SelectMany(network => Measure(network, sides, programs, preparation, threads)).ToList();
        if (errors.Count == 0) return errors;
        page.Line($"## Error of the logits against {errors[0].Judge}");
        page.Line($"Same weights, same {Images} images. A side whose logits are off by more than 1e-4 of the largest is not timed.");
        page.Line();
        page.Table(SpeedTables.Errors(errors));
        return errors;
    }

    /// <summary>Why a side of a row must not be timed; null where its logits are right, or are not compared.</summary>
    public static string? ProblemOf(Side side, Row row, IReadOnlyList<LogitError> errors) =>
        errors.FirstOrDefault(error => error.Network == row.JobOf(side).Network.Name && error.Side == side.Name)?.Problem;

    /// <summary>Compares sides on a network. The judge is libtorch in float64, or this engine's reference device where there is no libtorch.</summary>
    private static IReadOnlyList<LogitError> Measure(ArchitectureSpec network, IReadOnlyList<Side> sides, Programs programs, Preparation preparation, int threads)
    {
        Side ours = new("ours", programs.Ours, "reference", threads), torch = new("libtorch", programs.Torch, "float64", threads);
        var judge = programs.Torch.Problem is null ? torch : ours;
        string judgeName = judge == torch ? "libtorch in float64" : "our reference device, in float64";
        double[] exact = Logits(judge);
        double largest = exact.Max(Math.Abs);
        return [.. sides.Where(side => side.Program.Problem is null).Select(Compare)];

        LogitError Compare(Side side)
        {
            try
            {
                double error = Logits(side).Zip(exact, (a, b) => Math.Abs(a - b)).Max();
                string? problem = error <= Tolerance * Math.Max(1, largest) ? null : FormattableString.Invariant($"its logits are off by {error:G3}: not the same network");
                return new(network.Name, side.Name, error, largest, judgeName, problem);
            }
            catch (PeerException failure)
            {
                return new(network.Name, side.Name, double.NaN, largest, judgeName, failure.Message);
            }
        }

        double[] Logits(Side side)
        {
            using var child = new Child(side.Program, side.Threads, side.Environment);
            return child.Ask(new(Command.Logits) { Work = new(preparation.Weights(network), preparation.InputsFile, side.Variant, WorkKind.Inference, Images, side.Threads) }).Logits!;
        }
    }
}
