using System.CommandLine;
using CudnnResNet.Model;
using CudnnResNet.Peers.Worker;
using CudnnResNet.Runner;
using CudnnResNet.Runner.Settings;
using Command = System.CommandLine.Command;

namespace CudnnResNet.Peers;

/// <summary>The speed table.</summary>
internal sealed class SpeedCommand : Command
{
    private static readonly Setting<string> Only = new("--only", "ROW,ROW", "Only these rows: train20, train20-1, train56, train-plain32, infer20, latency20, train20-avx2, train110; of ours alone: eval20, load, threads, start", ValueText.Text);
    private static readonly Setting[] Settings = [PeerSettings.RoundCount, PeerSettings.Seconds, Only, CommonSettings.Threads, PeerSettings.Results, PeerSettings.LockFile];

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
        var (rows, starts) = Choose(Rows.All(programs, threads), settings.Get(Only, ""));
        using var held = PeerSettings.LockOf(settings).Take();
        Console.Out.WriteLine("Building the peers; the first time their packages are restored, which are more than a gigabyte.");
        foreach (var program in programs.All) program.Build();
        using var preparation = new Preparation();
        var page = new Page(PeerSettings.ResultsOf(settings), "");
        var sides = Rows.ForLogits(programs, threads);
        var versions = PageHead.Write(page, "Speed, side by side", sides, preparation, rounds);
        page.Line("- libtorch is eager, as its users run it; which algorithm convolves is its own choice, that is oneDNN's for batches. Its batch norms are not folded in inference; ours and ONNX Runtime's are.");
        page.Line("- GFLOP/s direct: what a direct convolution would compute; executed: what ours does compute; of peak: the latter against a loop of fused multiply-adds on the same threads, after each turn");
        page.Line("- peak MiB: the most memory that the side's process had");
        page.Line();

        var errors = LogitError.Write(page, rows.Select(row => row.Job.Network), sides, programs, preparation, threads);
        var results = new List<RowResult>();
        foreach (var row in rows)
        {
            var result = rounds.Measure(row, preparation, side => LogitError.ProblemOf(side, row, errors));
            results.Add(result);
            page.Line($"## {row.Id}: {row.Title}");
            page.Table(SpeedTables.Row(result));
        }
        if (rows.Any(row => !Rows.IsOurs(row, programs)))
        {
            page.Line("## Summary: images/s, each library by its faster variant");
            page.Table(SpeedTables.Summary(results, programs));
        }
        var figures = OwnFigures.Of(results, starts ? [.. Enumerable.Range(0, rounds.Count).Select(_ => Start.Measure(threads))] : []);
        if (figures.Count > 0)
        {
            page.Line($"## Our own figures: ResNet-20, batch 128, {Rows.ThreadsOf(threads)}");
            page.Table(OwnFigures.Table(figures));
        }

        string path = page.Write(new { Conditions = ResultJson.Conditions(rounds, threads, versions), Errors = errors, Rows = results.Select(ResultJson.Row), OwnFigures = figures });
        Console.Out.WriteLine($"wrote {path} and .json");
        return results.All(result => result.Sides[0].Problem is null) ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>The rows asked for, and whether the program's start is.</summary>
    private static (List<Row> Rows, bool Starts) Choose(IReadOnlyList<Row> rows, string only)
    {
        if (only.Length == 0) return ([.. rows], true);
        string[] ids = only.Split(',');
        return ([.. ids.Where(id => id != Start.Id).Select(id => rows.FirstOrDefault(row => row.Id == id)
            ?? throw new InvalidSettingException($"--only {id} is not one of {string.Join(", ", rows.Select(row => row.Id))}, {Start.Id}"))], ids.Contains(Start.Id));
    }
}
