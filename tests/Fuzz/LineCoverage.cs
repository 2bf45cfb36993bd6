namespace CudnnResNet.Fuzz;

/// <summary>How many lines of a reader's own files were run, of those on which a statement begins.</summary>
/// <param name="Covered">Lines run.</param>
/// <param name="Missed">The others.</param>
internal sealed record LineCoverage(IReadOnlyList<SourceLine> Covered, IReadOnlyList<SourceLine> Missed)
{
    /// <summary>0..1.</summary>
    public double Fraction => Covered.Count / (double)(Covered.Count + Missed.Count);

    /// <summary>Sorts out the lines of a target's files.</summary>
    /// <param name="target">Says which files and methods count.</param>
    /// <param name="lines">What each byte of the map stands for; a line may have several.</param>
    /// <param name="map">Not 0 where it was run.</param>
    public static LineCoverage Of(Target target, IReadOnlyList<SourceLine> lines, ReadOnlySpan<byte> map)
    {
        HashSet<SourceLine> covered = [], all = [];
        for (int i = 0; i < lines.Count; i++)
        {
            if (!target.Sources.Any(source => lines[i].File.EndsWith('/' + source, StringComparison.Ordinal))) continue;
            // Tables are made once, before the first file.
            if (lines[i].Method.EndsWith("..cctor", StringComparison.Ordinal) || target.NotReading.Any(lines[i].IsIn)) continue;
            all.Add(lines[i]);
            if (map[i] != 0) covered.Add(lines[i]);
        }
        return new([.. covered], [.. all.Except(covered).OrderBy(line => line.File, StringComparer.Ordinal).ThenBy(line => line.Line)]);
    }
}

/// <summary>A line on which a statement begins.</summary>
/// <param name="File">The source file.</param>
/// <param name="Line">1-based.</param>
/// <param name="Method">Its type and method, as the compiler calls them.</param>
internal sealed record SourceLine(string File, int Line, string Method)
{
    /// <summary>Whether it is in a method, or in a function within it.</summary>
    public bool IsIn(string method) => Method.EndsWith('.' + method, StringComparison.Ordinal) || Method.Contains($"<{method}>", StringComparison.Ordinal);
}
