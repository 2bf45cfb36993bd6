using CudnnResNet.GpuCheck.Checks;
using CudnnResNet.Model;

namespace CudnnResNet.GpuCheck;

/// <summary>One part of the check.</summary>
/// <param name="Name">For the command line.</param>
/// <param name="Title">For the report.</param>
/// <param name="Share">Of the whole time, at most.</param>
/// <param name="Run">Writes Markdown; false where something is not as it must be.</param>
internal sealed record Stage(string Name, string Title, double Share, Func<StageContext, bool> Run);

/// <summary>What a stage works with.</summary>
/// <param name="Options">The command line.</param>
/// <param name="Out">Where its Markdown goes.</param>
internal sealed record StageContext(CheckOptions Options, TextWriter Out)
{
    private readonly DateTime end = DateTime.UtcNow + TimeSpan.FromSeconds(Options.Seconds * Usable);

    // What is left is for the process to start and to end in.
    private const double Usable = 0.85;

    /// <summary>What is checked.</summary>
    public DeviceOptions Device => Options.Device;

    /// <summary>Whether the stage's time is over.</summary>
    public bool IsLate => DateTime.UtcNow > end;

    /// <summary>The time that is left, for a part of the stage.</summary>
    /// <param name="parts">How many parts are still to come, this one included.</param>
    public TimeSpan Part(int parts) => (end - DateTime.UtcNow) / parts;

    /// <summary>A line of the report.</summary>
    public void Line(FormattableString text)
    {
        Out.WriteLine(FormattableString.Invariant(text));
        Out.Flush();
    }
}

/// <summary>The stages in their order: what the others rest on comes first.</summary>
internal static class Stages
{
    public static IReadOnlyList<Stage> All { get; } =
    [
        new("machine", "Machine", 0.06, MachineCheck.Run),
        new("conformance", "Units against Reference", 0.30, ConformanceCheck.Run),
        new("golden", "Golden steps", 0.12, GoldenCheck.Run),
        new("determinism", "Determinism", 0.10, DeterminismCheck.Run),
        new("speed", "Speed of ResNet-20", 0.20, SpeedCheck.Run),
        new("tools", "NVIDIA's tools", 0.20, ToolsCheck.Run),
    ];

    /// <summary>The stage of this name.</summary>
    /// <exception cref="InvalidSettingException">There is none.</exception>
    public static Stage Find(string name) => All.SingleOrDefault(stage => stage.Name == name)
        ?? throw new InvalidSettingException($"stage '{name}' is not one of {string.Join(", ", All.Select(stage => stage.Name))}");

    /// <summary>The name, where there is such a stage.</summary>
    /// <exception cref="InvalidSettingException">There is none.</exception>
    public static string RequireName(string name) => Find(name).Name;
}
