using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace CudnnResNet.GpuCheck;

/// <summary>What a stage came to.</summary>
/// <param name="Stage">Which.</param>
/// <param name="Passed">Whether all was as it must be.</param>
/// <param name="Seconds">Its time.</param>
/// <param name="Text">Its Markdown.</param>
internal sealed record StageOutcome(Stage Stage, bool Passed, double Seconds, string Text);

/// <summary>
/// A stage in a process of its own: one that hangs, is killed by a fault in a library, or leaves the GPU's context broken, spoils neither
/// the others nor the report.
/// </summary>
internal static class StageProcess
{
    /// <summary>Runs a stage as a child process, which is killed when its time is over.</summary>
    public static StageOutcome Start(Stage stage, CheckOptions options, double seconds)
    {
        long begun = Stopwatch.GetTimestamp();
        var (code, text) = ChildProcess.Run(
            ChildProcess.Self, ["stage", stage.Name, "--device", options.DeviceText, "--seconds", seconds.ToString("F1", CultureInfo.InvariantCulture)], seconds);
        string end = code switch
        {
            ExitCode.Passed or ExitCode.Failed => "",
            null => FormattableString.Invariant($"\n**It was ended after {seconds:F0} s.**\n"),
            _ => $"\n**The process ended with exit code {code}.**\n",
        };
        return new(stage, code == ExitCode.Passed, Stopwatch.GetElapsedTime(begun).TotalSeconds, text + end);
    }

    /// <summary>Runs a stage in this process.</summary>
    public static int RunHere(CheckOptions options)
    {
        var stage = Stages.Find(options.StageName);
        var context = new StageContext(options, new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)));
        try
        {
            return stage.Run(context) ? ExitCode.Passed : ExitCode.Failed;
        }
        catch (Exception error)
        {
            context.Line($"\n**{error.GetType().Name}**: {error.Message}\n\n```\n{error.StackTrace}\n```");
            return ExitCode.Failed;
        }
    }
}
