using CudnnResNet.Runner.Output;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Reporting;

/// <summary>
/// The page of a run that goes on: rewritten after every epoch, so that a browser left open shows it, and at the end with what the network
/// sees. What goes wrong with the page is told once and never ends the training.
/// </summary>
internal sealed class LiveReport : IProgress<TrainProgress>
{
    private const int RefreshSeconds = 20;

    private readonly Trainer trainer;
    private readonly DataSet data;
    private readonly TrainingDisplay display;
    private bool isWritten, hasFailed;

    /// <summary>Writes nothing yet.</summary>
    /// <param name="trainer">Made, not yet run.</param>
    /// <param name="data">The trainer's.</param>
    /// <param name="display">Told of what the trainer reports, and of what goes wrong here.</param>
    public LiveReport(Trainer trainer, DataSet data, TrainingDisplay display) => (this.trainer, this.data, this.display) = (trainer, data, display);

    /// <summary>Runs the trainer and keeps the page up to date.</summary>
    /// <param name="cancellation">Interrupts the run; what the network sees is then left out.</param>
    /// <returns>The trainer's result, with the page among the files written.</returns>
    public TrainResult Follow(CancellationToken cancellation)
    {
        TrainResult? result = null;
        try
        {
            result = trainer.Run(this, cancellation);
        }
        finally
        {
            // Also where the run has failed: nobody will write the page again, so it must not go on loading itself.
            Try(() => WriteLast(isOver: result is { Interrupted: false }, cancellation), tell: result is not null);
        }
        return isWritten ? result with { Written = [.. result.Written, Path.Combine(trainer.Folder.Path, ReportPage.FileName)] } : result;
    }

    /// <summary>Hands the report on, and rewrites the page where an epoch is over.</summary>
    public void Report(TrainProgress value)
    {
        display.Report(value);
        if (value is EpochProgress) Try(() => Write([], RefreshSeconds));
    }

    private void WriteLast(bool isOver, CancellationToken cancellation)
    {
        var run = ReadRun();
        if (run.Epochs.Count == 0) return;
        IReadOnlyList<InspectedNetwork> networks = [];
        try
        {
            if (isOver) networks = [NetworkInspector.Look(trainer.Network, run.Name, run.Labels, trainer.Options, data, cancellation)];
        }
        catch (OperationCanceledException)
        {
            // Whoever has no time for it still gets the curves.
        }
        Write(networks, refreshSeconds: null);
    }

    private ReportRun ReadRun() => RunReader.ReadFolder(trainer.Folder.Path) with
    {
        PlannedEpochs = trainer.Plan.Epochs,
        StepsPerEpoch = trainer.Plan.StepsPerEpoch,
        PlannedSteps = trainer.Plan.TotalSteps,
        IsSynthetic = data.IsSynthetic,
        IsEmulated = trainer.Network.IsEmulated,
    };

    private void Write(IReadOnlyList<InspectedNetwork> networks, int? refreshSeconds)
    {
        ReportPage.Write(trainer.Folder.Path, new() { Runs = [ReadRun()], Networks = networks, RefreshSeconds = refreshSeconds });
        isWritten = true;
    }

    /// <param name="write">What may go wrong.</param>
    /// <param name="tell">False where another error is told already.</param>
    private void Try(Action write, bool tell = true)
    {
        try
        {
            write();
        }
        catch (Exception error)
        {
            if (tell && !hasFailed) display.Say($"{ReportPage.FileName} could not be written: {error.Message.ReplaceLineEndings(" ")}; the training does not depend on it");
            hasFailed = true;
        }
    }
}
