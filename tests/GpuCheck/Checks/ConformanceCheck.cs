using System.Diagnostics;
using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Tests.Conformance;

namespace CudnnResNet.GpuCheck.Checks;

/// <summary>The conformance tables of tests/Model.Tests: every tensor of every unit against Reference, and the same bytes twice.</summary>
internal static class ConformanceCheck
{
    private const int MostLines = 50;

    /// <summary>A row of a table.</summary>
    /// <param name="Name">For people.</param>
    /// <param name="Work">Multiply-adds of a forward pass, by which the time of full batches is foretold; 0 where it is next to nothing.</param>
    /// <param name="Breaches">Compares; a line for each breach.</param>
    private sealed record Row(string Name, double Work, Func<List<string>> Breaches);

    public static bool Run(StageContext stage)
    {
        int done = 0, failed = 0, lines = 0;
        double work = 0, seconds = 0;
        var left = new List<string>();
        foreach (var row in Rows(stage.Device))
        {
            // Reference takes seconds for full batches, and a stage that is ended has no result.
            if (stage.IsLate || (work > 0 && row.Work / work * seconds > stage.Part(1).TotalSeconds))
            {
                left.Add(row.Name);
                continue;
            }
            long begun = Stopwatch.GetTimestamp();
            var found = Try(row.Breaches);
            if (row.Work > 0) (work, seconds) = (work + row.Work, seconds + Stopwatch.GetElapsedTime(begun).TotalSeconds);
            done++;
            if (found.Count == 0) continue;
            failed++;
            foreach (string breach in found.Take(MostLines - lines)) stage.Line($"- **{row.Name}**: {breach}");
            lines = Math.Min(MostLines, lines + found.Count);
        }
        stage.Line($"\n{done - failed} of {done} rows agree with Reference{(left.Count > 0 ? $"; {left.Count} were left out for want of time: {string.Join(", ", left)}" : "")}.");
        return failed == 0 && done > 0;
    }

    private static IEnumerable<Row> Rows(DeviceOptions device) =>
    [
        .. from normalization in AugmentComparison.Normalizations
           from crop in Enum.GetValues<Crop>()
           select new Row($"augment {normalization} {crop}", 0, () => AugmentComparison.Breaches(device, [], normalization, crop, flip: true)),
        .. HeadCases.All.Select(what => new Row($"head {what.Name}", 0, () => HeadComparison.Breaches(what, device, []))),
        .. ConvNormCases.Fast.Concat(ConvNormCases.Long).Select(what => new Row(
            $"unit {what.Name}", what.N * what.Links.Sum(link => (double)link.Spec.MultiplyAdds(Direction.Forward)), () => ConvNormComparison.Breaches(what, device, []))),
    ];

    // One row that throws must not keep the others from being compared.
    private static List<string> Try(Func<List<string>> breaches)
    {
        try
        {
            return breaches();
        }
        catch (Exception error)
        {
            return [$"{error.GetType().Name}: {error.Message}"];
        }
    }
}
