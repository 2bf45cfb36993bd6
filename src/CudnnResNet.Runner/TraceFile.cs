using CudnnResNet.Model;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Settings;

namespace CudnnResNet.Runner;

/// <summary>The file of <c>--trace</c>: that it can be written is known before the work begins, and it is written however the work ends.</summary>
internal static class TraceFile
{
    // The first steps compile the code they run.
    private static readonly StepRange DefaultSteps = new(10, 30);

    /// <summary>Runs a command with a recorder, or with null where no trace is wanted, and saves what was recorded.</summary>
    /// <exception cref="InvalidSettingException">The file cannot be written.</exception>
    public static int Run(SettingReader settings, Report report, Func<TraceRecorder?, int> work)
    {
        if (!settings.TryGet(CommonSettings.Trace, out string path))
        {
            if (settings.Given(CommonSettings.TraceSteps)) throw new InvalidSettingException("--trace-steps does nothing without --trace FILE.json");
            return work(null);
        }
        var recorder = new TraceRecorder(settings.Get(CommonSettings.TraceSteps, DefaultSteps));
        RequireWritable(path);
        int code;
        try
        {
            code = work(recorder);
        }
        catch when (recorder.Count > 0)
        {
            TrySave(recorder, path, report);
            throw;
        }
        recorder.Save(path);
        Tell(recorder, path, report);
        return code;
    }

    private static void RequireWritable(string path)
    {
        if (Directory.Exists(path)) throw new InvalidSettingException($"--trace {path} is a folder; it has to name a file");
        string full = Path.GetFullPath(path), folder = Path.GetDirectoryName(full)!, probe = full + AtomicFile.TemporarySuffix;
        if (!Directory.Exists(folder)) throw new InvalidSettingException($"--trace {path}: there is no folder {folder}");
        try
        {
            FileOperations.Default.Create(probe).Dispose();
            FileOperations.Default.Delete(probe);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidSettingException($"--trace {path} cannot be written: {error.Message}");
        }
    }

    // What ended the work matters more than what keeps the trace from being written.
    private static void TrySave(TraceRecorder recorder, string path, Report report)
    {
        try
        {
            recorder.Save(path);
            Tell(recorder, path, report);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            report.Note($"the trace was not written: {error.Message}");
        }
    }

    private static void Tell(TraceRecorder recorder, string path, Report report)
    {
        string steps = recorder.StepsRecorded == recorder.Steps.Count ? $"steps {recorder.Steps}"
            : $"{recorder.StepsRecorded} of the {recorder.Steps.Count} steps {recorder.Steps}, since the run had no more";
        string dropped = recorder.Dropped > 0 ? $"; {Words.Count(recorder.Dropped)} found no room" : "";
        report.Field("trace", $"{path}, {Words.Count(recorder.Count)} ranges, the ops of {steps}{dropped}; open it with ui.perfetto.dev");
        report.Record("trace", new()
        {
            ["file"] = path,
            ["ranges"] = recorder.Count,
            ["steps"] = recorder.StepsRecorded,
            ["dropped"] = recorder.Dropped,
        });
    }
}
