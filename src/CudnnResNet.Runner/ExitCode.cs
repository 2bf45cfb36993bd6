using CudnnResNet.Images;
using CudnnResNet.Model;
using CudnnResNet.Runner.Reporting;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner;

/// <summary>What the process returns; the README documents the same list.</summary>
internal static class ExitCode
{
    public const int Done = 0, Failed = 1, Usage = 2, DeviceNotUsable = 3, Data = 4, Weights = 5, Diverged = 6;

    /// <summary>Interrupted by Ctrl-C or by SIGTERM, after saving: 128 + the signal's number, as shells have it.</summary>
    public const int Interrupted = 130, Terminated = 143;

    /// <summary>The code of an error that a library reported.</summary>
    public static int Of(Exception error) => error switch
    {
        InvalidSettingException => Usage,
        DeviceUnavailableException or DeviceMemoryException => DeviceNotUsable,
        DataException or ImageException or RunFileException => Data,
        WeightsException => Weights,
        DivergedException => Diverged,
        _ => Failed,
    };
}
