using CudnnResNet.Model;
using CudnnResNet.Model.Tests.Conformance;

namespace CudnnResNet.GpuCheck.Checks;

/// <summary>The conformance tables of tests/Model.Tests: every tensor of every unit against Reference, and the same bytes twice.</summary>
internal static class ConformanceCheck
{
    private const int MostLines = 50;

    public static bool Run(StageContext stage)
    {
        // The small ones of each table first: full batches take Reference seconds, and whatever does not fit is said to be left out.
        (string Name, Func<List<string>> Breaches)[] rows =
        [
            .. from normalization in AugmentComparison.Normalizations
               from crop in Enum.GetValues<Crop>()
               select ($"augment {normalization} {crop}", (Func<List<string>>)(() => AugmentComparison.Breaches(stage.Device, [], normalization, crop, flip: true))),
            .. HeadCases.All.Select(what => ($"head {what.Name}", (Func<List<string>>)(() => HeadComparison.Breaches(what, stage.Device, [])))),
            .. ConvNormCases.Fast.Concat(ConvNormCases.Long).Select(what => ($"unit {what.Name}", (Func<List<string>>)(() => ConvNormComparison.Breaches(what, stage.Device, [])))),
        ];
        int done = 0, failed = 0, lines = 0;
        foreach (var (name, breaches) in rows)
        {
            if (stage.IsLate) break;
            var found = Try(breaches);
            done++;
            if (found.Count == 0) continue;
            failed++;
            foreach (string breach in found.Take(MostLines - lines)) stage.Line($"- **{name}**: {breach}");
            lines = Math.Min(MostLines, lines + found.Count);
        }
        string left = done < rows.Length ? $", {rows.Length - done} left out for want of time, from \"{rows[done].Name}\" on" : "";
        stage.Line($"\n{done - failed} of {done} rows agree with Reference{left}.");
        return failed == 0 && done > 0;
    }

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
