using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Output;

/// <summary>How far a download is: one redrawn line on a terminal, a line every few seconds elsewhere.</summary>
internal sealed class DownloadDisplay(Report report) : IDisposable
{
    private readonly Lock gate = new();
    private readonly long[] lastShown = new long[Enum.GetValues<DownloadStage>().Length];
    private bool lineOpen;

    private static long Interval => Terminal.IsInteractive ? 200 : 5000;

    /// <summary>Takes what the download reports, on any thread.</summary>
    public void Show(DownloadProgress progress)
    {
        lock (gate)
        {
            long now = Environment.TickCount64;
            ref long last = ref lastShown[(int)progress.Stage];
            if (last != 0 && now - last < Interval) return;
            last = now;
            if (report.Json)
            {
                report.Record("download", new() { ["stage"] = progress.Stage.ToString().ToLowerInvariant(), ["bytes"] = progress.Bytes, ["total"] = progress.Total });
                return;
            }
            string text = progress.Stage switch
            {
                DownloadStage.WaitingForAnotherProcess => "waiting for another process that downloads the same",
                DownloadStage.Connecting => "connecting",
                DownloadStage.Receiving => Words.Text($"{progress.Bytes / 1e6:F1} of {progress.Total / 1e6:F1} MB"),
                DownloadStage.Checking => "checking the archive",
                _ => "unpacking",
            };
            if (report.Quiet) return;
            if (Terminal.IsInteractive)
            {
                Console.Out.Write($"\r{"download",-10}{text}\u001b[K");
                lineOpen = true;
            }
            else
            {
                report.Field("download", text);
            }
        }
    }

    /// <summary>Ends the redrawn line.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (lineOpen) Console.Out.Write("\r\u001b[K");
            lineOpen = false;
        }
    }
}
