namespace CudnnResNet.Runner;

/// <summary>What a mistyped name was probably meant to be.</summary>
internal static class NearestName
{
    /// <summary>Longest text that is compared with the names, none of which is half as long: the table below has a cell for each pair of letters.</summary>
    private const int LongestTyped = 64;

    /// <summary>"; did you mean X?" for the nearest of the names, or nothing where none is near.</summary>
    public static string Hint(string typed, IEnumerable<string> names) => Find(typed, names) is { } name ? $"; did you mean {name}?" : "";

    /// <summary>The name with the fewest edits, if those are at most a third of what was typed (and one is always allowed).</summary>
    public static string? Find(string typed, IEnumerable<string> names)
    {
        if (typed.Length > LongestTyped) return null;
        string lower = typed.ToLowerInvariant();
        string core = lower.TrimStart('-');
        int limit = Math.Max(1, core.Length / 3);
        var (name, edits) = names
            .Select(candidate => (candidate, Edits(lower, candidate.ToLowerInvariant())))
            .OrderBy(pair => pair.Item2).ThenBy(pair => pair.candidate, StringComparer.Ordinal)
            .FirstOrDefault((null!, int.MaxValue));
        if (edits <= limit) return name;
        // A name that was cut short or written out: --weight for --weights, --learning for --lr finds nothing.
        return core.Length >= 3 ? names.FirstOrDefault(candidate => candidate.TrimStart('-').StartsWith(core, StringComparison.OrdinalIgnoreCase)) : null;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours that turn one text into the other.</summary>
    private static int Edits(string a, string b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) table[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) table[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                table[i, j] = Math.Min(replaced, Math.Min(table[i - 1, j], table[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
            }
        }
        return table[a.Length, b.Length];
    }
}
