using System.Runtime.InteropServices;
using CudnnResNet.Model;
using CudnnResNet.Peers.Worker;
using CudnnResNet.Runner;

namespace CudnnResNet.Peers;

/// <summary>What a page begins with: where, when, with which libraries and how it was measured.</summary>
internal static class PageHead
{
    // libtorch leaves a single image's convolutions to code of its own; from a few images on it is oneDNN, which then tells about itself.
    private const int ProbeBatch = 8;

    /// <summary>Asks every library for its version and writes the head; a library that does not answer is marked with its reason.</summary>
    /// <param name="page">Where to.</param>
    /// <param name="title">Without the date.</param>
    /// <param name="sides">One of each program is asked.</param>
    /// <param name="preparation">Weights and images.</param>
    /// <param name="rounds">How the rounds go.</param>
    /// <returns>What each library said.</returns>
    public static IReadOnlyList<string> Write(Page page, string title, IEnumerable<Side> sides, Preparation preparation, Rounds rounds)
    {
        var versions = sides.DistinctBy(side => side.Program).Select(side => Version(side, preparation)).ToList();
        page.Line($"# {title}, {DateTime.Now:yyyy-MM-dd HH:mm}");
        page.Line();
        page.Line($"- {Machine.Processor()}, {Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, .NET {Environment.Version}");
        foreach (string version in versions) page.Line($"- {version}");
        page.Line(FormattableString.Invariant($"- {rounds.Count} rounds; in each, every side runs for {rounds.Seconds} s while the others sleep; a round's figure is the median of its steps, the table has the median of the rounds"));
        return versions;
    }

    private static string Version(Side side, Preparation preparation)
    {
        try
        {
            var network = new ArchitectureSpec(Model.Architecture.ResNet, 20);
            var (opened, oneDnn) = Instructions.Ask(side, new(preparation.Weights(network), preparation.InputsFile, side.Variant, WorkKind.Inference, ProbeBatch, side.Threads));
            return $"{opened.Version}: {opened.Device}{oneDnn}";
        }
        catch (PeerException error)
        {
            side.Program.Problem ??= error.Message;
            return $"{side.Program.Name}: not usable: {error.Message}";
        }
    }
}
