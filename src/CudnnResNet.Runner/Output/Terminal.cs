namespace CudnnResNet.Runner.Output;

/// <summary>What standard output is connected to.</summary>
internal static class Terminal
{
    /// <summary>The escape sequence that shows the cursor, which a live display hides.</summary>
    public const string ShowCursor = "\u001b[?25h";

    /// <summary>Whether lines may be redrawn and coloured: a terminal that can, and no NO_COLOR (https://no-color.org).</summary>
    public static bool IsInteractive { get; } = !Console.IsOutputRedirected && !IsSet("NO_COLOR") && CanRedraw();

    // Windows consoles set no TERM and can redraw.
    private static bool CanRedraw() => OperatingSystem.IsWindows() || (IsSet("TERM") && Environment.GetEnvironmentVariable("TERM") != "dumb");

    private static bool IsSet(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 };
}
