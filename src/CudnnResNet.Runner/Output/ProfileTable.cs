using CudnnResNet.Model;

namespace CudnnResNet.Runner.Output;

/// <summary>Where the time of a network's steps went: a row of at most 80 columns for each op and direction.</summary>
internal static class ProfileTable
{
    /// <summary>Writes the table, and an object for each row.</summary>
    public static void Write(ResNet network, Report report)
    {
        var profile = network.ReadProfile();
        foreach (var row in profile.Rows) Record(row, report);
        report.Line();
        if (profile.Steps == 0)
        {
            report.Field("profile", "no step was run");
            return;
        }
        string steps = (network.Options.Training, profile.Steps == 1) switch
        {
            (true, true) => "training step",
            (true, false) => "training steps",
            (false, true) => "inference pass",
            (false, false) => "inference passes",
        };
        report.Field("profile", Words.Text($"{profile.Steps} {steps} of {profile.Seconds / profile.Steps * 1e3:F2} ms (columns: docs/profiling.md)"));
        var table = new TextTable(("op", false), ("direction", false), ("ms", true), ("share", true), ("GFLOP/s", true), ("executed", true), ("GB/s", true));
        foreach (var row in profile.Rows)
        {
            table.Add(row.Op.Name, Word(row.Op.Direction) ?? "", Words.Text($"{row.Seconds / profile.Steps * 1e3:F3}"), Words.Percent(row.Share),
                Rate(row.GflopsDirect), Rate(row.GflopsExecuted), Rate(row.GigabytesPerSecond));
        }
        foreach (string line in table.Lines()) report.Line(line);
        if (profile.Rows.Any(row => row.Op.Kernel is not null)) KernelLines.Write(network, report);
    }

    private static void Record(ProfileRow row, Report report) => report.Record("profile", new()
    {
        ["op"] = row.Op.Name,
        ["direction"] = Word(row.Op.Direction),
        ["kernel"] = row.Op.Kernel,
        ["calls"] = row.Calls,
        ["images"] = row.Images,
        ["seconds"] = row.Seconds,
        ["share"] = row.Share,
        ["gflops_direct"] = row.GflopsDirect,
        ["gflops_executed"] = row.GflopsExecuted,
        ["gigabytes_per_second"] = row.GigabytesPerSecond,
    });

    private static string? Word(Direction? direction) => direction?.ToString().ToLowerInvariant();

    private static string Rate(double? value) => value is { } rate ? Words.Text($"{rate:F1}") : "-";
}
