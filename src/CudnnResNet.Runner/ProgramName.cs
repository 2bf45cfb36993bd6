namespace CudnnResNet.Runner;

/// <summary>What a user types to start this program, for the commands that it proposes.</summary>
internal static class ProgramName
{
    private const string Tool = "cudnn-resnet", FromSource = "dotnet run --project Runner --";

    /// <summary>The tool's name where it is installed as one, else the command of a checkout.</summary>
    public static string Typed { get; } = IsTool(AppContext.BaseDirectory) ? Tool : FromSource;

    /// <summary>Every package of a .NET tool has this file beside its program.</summary>
    internal static bool IsTool(string folder) => File.Exists(Path.Combine(folder, "DotnetToolSettings.xml"));
}
