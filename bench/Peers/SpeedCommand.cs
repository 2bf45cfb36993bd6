using System.CommandLine;
using System.Runtime.InteropServices;
using CudnnResNet.Model;
using CudnnResNet.Peers.Worker;
using CudnnResNet.Runner;
using CudnnResNet.Runner.Settings;
using Command = System.CommandLine.Command;

namespace CudnnResNet.Peers;

/// <summary>The speed table.</summary>
internal sealed class SpeedCommand : Command
{
    private static readonly Setting<string> Only = new("--only", "ROW,ROW", "Only these rows: train20, train20-1, train56, train-plain32, infer20, latency20, train20-avx2, train110, threads", ValueText.Text);
    private static readonly Setting[] Settings = [PeerSettings.RoundCount, PeerSettings.Seconds, Only, CommonSettings.Threads, PeerSettings.Results, PeerSettings.LockFile];

    // libtorch leaves a single image's convolutions to code of its own; from a few images on it is oneDNN, which then tells about itself.
    private const int ProbeBatch = 8;

    public SpeedCommand() : base("speed", "Speed of training and inference, side by side")
    {
        foreach (var setting in Settings) Add(setting.Option);
        SetAction(result => Run(new(result, Settings)));
    }

    private static int Run(SettingReader settings)
    {
        var rounds = PeerSettings.RoundsOf(settings);
        int threads = PeerSettings.ThreadsOf(settings);
        var programs = new Programs(PeerProgram.Ours(), PeerProgram.Of("libtorch", "Torch"), PeerProgram.Of("ONNX Runtime", "Onnx"));
        var rows = Choose(Rows.All(programs, threads), settings.Get(Only, ""));
        using var held = PeerSettings.LockOf(settings).Take();
        Console.Out.WriteLine("Building the peers; the first time their packages are restored, which are more than a gigabyte.");
        foreach (var program in programs.All) program.Build();
        using var preparation = new Preparation();
        var page = new Page(PeerSettings.ResultsOf(settings), "");
        var versions = WriteHead(page, programs, preparation, rounds, threads);

        var errors = rows.Select(row => row.Network).DistinctBy(network => network.Name).SelectMany(network => LogitError.Measure(network, programs, preparation, threads)).ToList();
        page.Line(FormattableString.Invariant($"## Error of the logits against {errors[0].Judge}"));
        page.Line("Same weights, same 32 images. A side whose logits are off by more than 1e-4 of the largest is not timed.");
        page.Line();
        page.Table(SpeedTables.Errors(errors));

        var results = new List<RowResult>();
        foreach (var row in rows)
        {
            var result = rounds.Measure(row, preparation, side => errors.FirstOrDefault(error => error.Network == row.Network.Name && error.Side == side.Name)?.Problem);
            results.Add(result);
            page.Line($"## {row.Id}: {row.Title}");
            page.Table(SpeedTables.Row(result));
        }
        page.Line("## Summary: images/s, each library by its faster variant");
        page.Table(SpeedTables.Summary(results, programs));

        string path = page.Write(ToJson(rounds, threads, versions, errors, results));
        Console.Out.WriteLine($"wrote {path} and .json");
        return results.All(result => result.Sides[0].Problem is null) ? ExitCode.Done : ExitCode.Failed;
    }

    private static List<Row> Choose(IReadOnlyList<Row> rows, string only)
    {
        if (only.Length == 0) return [.. rows];
        return [.. only.Split(',').Select(id => rows.FirstOrDefault(row => row.Id == id)
            ?? throw new InvalidSettingException($"--only {id} is not one of {string.Join(", ", rows.Select(row => row.Id))}"))];
    }

    /// <summary>Writes what was measured on, and asks every library for its version; one that does not answer is marked with its reason.</summary>
    private static List<string> WriteHead(Page page, Programs programs, Preparation preparation, Rounds rounds, int threads)
    {
        var versions = new List<string>();
        var network = new ArchitectureSpec(Model.Architecture.ResNet, 20);
        foreach (var side in Rows.ForLogits(programs, threads).DistinctBy(side => side.Program))
        {
            try
            {
                var (opened, oneDnn) = Instructions.Ask(side, new(preparation.Weights(network), preparation.InputsFile, side.Variant, Training: false, ProbeBatch, threads));
                versions.Add($"{opened.Version}: {opened.Device}{oneDnn}");
            }
            catch (PeerException error)
            {
                side.Program.Problem ??= error.Message;
                versions.Add($"{side.Program.Name}: not usable: {error.Message}");
            }
        }
        page.Line($"# Speed, side by side, {DateTime.Now:yyyy-MM-dd HH:mm}");
        page.Line();
        page.Line($"- {Machine.Processor()}, {Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, .NET {Environment.Version}");
        foreach (string version in versions) page.Line($"- {version}");
        page.Line(FormattableString.Invariant($"- {rounds.Count} rounds; in each, every side runs for {rounds.Seconds} s while the others sleep; a round's figure is the median of its steps, the table has the median of the rounds"));
        page.Line("- libtorch is eager, as its users run it; which algorithm convolves is its own choice, that is oneDNN's for batches. Its batch norms are not folded in inference; ours and ONNX Runtime's are.");
        page.Line("- GFLOP/s direct: what a direct convolution would compute; executed: what ours does compute; of peak: the latter against a loop of fused multiply-adds on the same threads, after each turn");
        page.Line("- peak MiB: the most memory that the side's process had");
        page.Line();
        return versions;
    }

    private static object ToJson(Rounds rounds, int threads, List<string> versions, List<LogitError> errors, List<RowResult> results) => new
    {
        Date = DateTime.Now.ToString("yyyy-MM-dd HH:mm"),
        Processor = Machine.Processor(),
        Environment.ProcessorCount,
        OperatingSystem = RuntimeInformation.OSDescription,
        Dotnet = Environment.Version.ToString(),
        Versions = versions,
        Threads = threads,
        Rounds = rounds.Count,
        SecondsPerTurn = rounds.Seconds,
        Errors = errors,
        Rows = results.Select(result => new
        {
            result.Row.Id,
            result.Row.Title,
            Network = result.Row.Network.Name,
            result.Row.Training,
            result.Row.BatchSize,
            OthersShare = result.OthersShare,
            GflopDirectPerStep = result.Row.DirectFlops / 1e9,
            Sides = result.Sides.Select(side => new
            {
                side.Side.Name,
                side.Side.Variant,
                side.Side.Threads,
                side.Side.Environment,
                side.Problem,
                side.Opened?.Device,
                ImagesPerSecond = side.Turns.Count > 0 ? result.Row.BatchSize / side.Seconds : (double?)null,
                SecondsPerStep = side.Turns.Select(turn => turn.MedianSeconds),
                Steps = side.Turns.Select(turn => turn.Steps),
                PeakBytes = side.Turns.Select(turn => turn.PeakBytes).DefaultIfEmpty(0).Max(),
                GflopExecutedPerStep = 2 * side.Opened?.ExecutedMultiplyAdds / 1e9,
                PeakGflops = side.Turns.Select(turn => turn.PeakFlops / 1e9),
            }),
        }),
    };
}
