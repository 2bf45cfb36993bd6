namespace CudnnResNet.Soak;

/// <summary>A row of the table.</summary>
/// <param name="Name">The fault.</param>
internal sealed record FaultCount(string Name)
{
    /// <summary>How often it was tried.</summary>
    public int Tries { get; set; }

    /// <summary>Tries after which something was not equal to the undisturbed run, a checkpoint was not whole, or an error was not one of ours.</summary>
    public int Lost { get; set; }

    /// <summary>Tries that did not end.</summary>
    public int Hung { get; set; }

    /// <summary>Tries that left memory, handles, threads, or objects of a driver or library.</summary>
    public int Leaked { get; set; }

    /// <summary>Why it was not tried.</summary>
    public string? Absent { get; init; }

    /// <summary>Whether all is as promised.</summary>
    public bool IsClean => Lost + Hung + Leaked == 0;

    /// <summary>The table.</summary>
    public static void Write(IReadOnlyList<FaultCount> counts, TextWriter output)
    {
        int width = counts.Max(count => count.Name.Length);
        output.WriteLine($"{"fault".PadRight(width)} {"tries",7} {"lost",6} {"hung",6} {"leaked",6}");
        foreach (var count in counts)
            output.WriteLine($"{count.Name.PadRight(width)} {(count.Absent is { } why ? $"      - not here: {why}" : $"{count.Tries,7} {count.Lost,6} {count.Hung,6} {count.Leaked,6}")}");
        output.WriteLine($"{"all".PadRight(width)} {counts.Sum(count => count.Tries),7} {counts.Sum(count => count.Lost),6} {counts.Sum(count => count.Hung),6} {counts.Sum(count => count.Leaked),6}");
    }
}
