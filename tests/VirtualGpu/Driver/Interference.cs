namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>What a test makes go wrong, so that the program's ways around it are tested too.</summary>
/// <param name="unsupported">
/// Functions and convolution algorithms of cuDNN, by their C names with commas between, that answer NOT_SUPPORTED when they are to run;
/// with <c>@n</c> behind the name only the n-th time.
/// </param>
/// <param name="failCall">The call that fails, counted from 1 over all libraries; 0 for none.</param>
/// <param name="breaks">Whether that call meets an illegal address: then every later one fails too, and only a reset helps.</param>
internal sealed class Interference(string unsupported, long failCall, bool breaks = false)
{
    private readonly Dictionary<string, long> unsupportedAt = Parse(unsupported);
    private readonly Dictionary<string, long> asked = [];
    private long left = failCall;

    /// <summary>Whether the call that fails breaks the context.</summary>
    public bool Breaks { get; } = breaks;

    /// <summary>Counts a call.</summary>
    /// <returns>Whether it is the one that fails.</returns>
    public bool FailsNow() => left > 0 && --left == 0;

    /// <summary>Counts a use of a function or an algorithm.</summary>
    /// <returns>Whether it is not supported this time.</returns>
    public bool IsUnsupported(string name)
    {
        if (!unsupportedAt.TryGetValue(name, out long at)) return false;
        asked[name] = asked.GetValueOrDefault(name) + 1;
        return at == 0 || at == asked[name];
    }

    private static Dictionary<string, long> Parse(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(entry => entry.Split('@'))
        .ToDictionary(parts => parts[0], parts => parts.Length == 1 ? 0 : long.Parse(parts[1]));
}

/// <summary>The failure of a call that a test asked for.</summary>
/// <param name="call">The function.</param>
internal sealed class InjectedFailure(string call) : Exception($"{call} was made to fail")
{
    /// <summary>Whether the function makes something, and so may lack the memory for it.</summary>
    public bool IsOfMaking { get; } = call.Contains("Create", StringComparison.Ordinal) || call.Contains("Alloc", StringComparison.Ordinal)
        || call.Contains("Instantiate", StringComparison.Ordinal) || call.Contains("Load", StringComparison.Ordinal);
}
