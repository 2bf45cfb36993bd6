using System.CommandLine;
using CudnnResNet.Model;
using CudnnResNet.Peers.Worker;
using CudnnResNet.Runner;
using CudnnResNet.Runner.Settings;
using Command = System.CommandLine.Command;

namespace CudnnResNet.Peers;

/// <summary>How the cost of a training step grows with depth and with the batch.</summary>
internal sealed class ScalingCommand : Command
{
    private const int Batch = 128, Depth = 20, MaxBatch = 4096;

    private static readonly Setting<IReadOnlyList<long>> Depths = new("--depths", "N,N", $"Depths at batch {Batch} (default 20,32,44,56,110)", ValueText.WholeList);
    private static readonly Setting<IReadOnlyList<long>> Batches = new("--batches", "N,N", $"Batches of ResNet-{Depth} (default 32,64,128,256,512)", ValueText.WholeList);
    private static readonly Flag Libtorch = new("--libtorch", "Beside libtorch, channels-last; all its networks together take some 13 GB");
    private static readonly Setting[] Settings =
        [Depths, Batches, Libtorch, PeerSettings.RoundCount, PeerSettings.Seconds, CommonSettings.Threads, PeerSettings.Results, PeerSettings.LockFile];

    public ScalingCommand() : base("scaling", "Cost of a training step by depth and by batch")
    {
        foreach (var setting in Settings) Add(setting.Option);
        SetAction(result => Run(new(result, Settings)));
    }

    private static int Run(SettingReader settings)
    {
        var rounds = PeerSettings.RoundsOf(settings);
        int threads = PeerSettings.ThreadsOf(settings);
        var depths = settings.Get(Depths, [20, 32, 44, 56, 110]).Select(depth => new ArchitectureSpec(Architecture.ResNet, (int)Math.Min(depth, int.MaxValue))).ToList();
        var batches = settings.Get(Batches, [32, 64, 128, 256, 512]).ToList();
        if (batches.FirstOrDefault(batch => batch is < 1 or > MaxBatch, -1) is var wrong and not -1) throw new InvalidSettingException($"--batches {wrong} is not within 1..{MaxBatch}");

        var programs = new Programs(PeerProgram.Ours(), PeerProgram.Of("libtorch", "Torch"), PeerProgram.Of("ONNX Runtime", "Onnx"));
        using var held = PeerSettings.LockOf(settings).Take();
        var sides = new List<Side> { new("ours", programs.Ours, "cpu", threads) };
        if (settings.Has(Libtorch))
        {
            programs.Torch.Build();
            sides.Add(new("libtorch, channels-last", programs.Torch, "channels-last", threads));
        }
        var job = new Job(new(Architecture.ResNet, Depth), WorkKind.Training, Batch);
        string words = Rows.ThreadsOf(threads);
        Row[] rows =
        [
            Series("depth", $"training step, batch {Batch}, {words}", depths.Select(network => job with { Network = network })),
            Series("batch", $"training step, ResNet-{Depth}, {words}", batches.Select(batch => job with { BatchSize = (int)batch })),
        ];

        using var preparation = new Preparation((int)batches.Append(Preparation.DefaultImages).Max());
        var page = new Page(PeerSettings.ResultsOf(settings), "-scaling");
        var versions = PageHead.Write(page, "Cost by depth and batch", sides, preparation, rounds);
        page.Line("- all lines of a table take turns; times the first: seconds per image against those of the same side's first line; work: the same of multiply-adds as direct convolution counts them");
        page.Line("- cost that grows linearly with depth: times the first is as work is; with the batch: times the first is 1 or below");
        page.Line();
        var errors = sides.Count == 1 ? [] : LogitError.Write(page, depths, sides, programs, preparation, threads);
        var results = new List<RowResult>();
        foreach (var row in rows.Where(row => row.Sides.Count > 0))
        {
            var result = rounds.Measure(row, preparation, side => LogitError.ProblemOf(side, row, errors));
            results.Add(result);
            page.Line($"## {row.Id}: {row.Title}");
            page.Table(ScalingTable.Of(result));
        }
        Console.Out.WriteLine($"wrote {page.Write(new { Conditions = ResultJson.Conditions(rounds, threads, versions), Errors = errors, Rows = results.Select(ResultJson.Row) })} and .json");
        return results.All(result => result.Sides.All(side => side.Problem is null)) ? ExitCode.Done : ExitCode.Failed;

        Row Series(string id, string title, IEnumerable<Job> jobs) => new(id, title, job, [.. sides.SelectMany(side => jobs.Select(job => side with { Job = job }))]);
    }
}
