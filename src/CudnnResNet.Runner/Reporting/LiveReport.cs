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
    private bool hasFailed;

    /// <summary>Writes nothing yet.</summary>
    /// <param name="trainer">Made, not yet run.</param>
    /// <param name="data">The trainer's.</param>
    /// <param name="display">Told of what the trainer reports, and of what goes wrong here.</param>
    public LiveReport(Trainer trainer, DataSet data, TrainingDisplay display) => (this.trainer, this.data, this.display) = (trainer, data, display);

    /// <summary>Whether there is a page.</summary>
    public bool IsWritten { get; private set; }

    /// <summary>Hands the report on, and rewrites the page where an epoch is over.</summary>
    public void Report(TrainProgress value)
    {
        display.Report(value);
        if (value is EpochProgress epoch) Try(() => Write([], epoch.Row.Epoch + 1 < epoch.Epochs ? RefreshSeconds : null));
    }

    /// <summary>The page of a run that was interrupted or has failed: it does not load itself again.</summary>
    public void Stop()
    {
        if (IsWritten) Try(() => Write([], null));
    }

    /// <summary>The page of a run that is over, with what the network sees.</summary>
    /// <param name="cancellation">Leaves that out.</param>
    public void Finish(CancellationToken cancellation)
    {
        try
        {
            Try(() => Write([NetworkInspector.Look(trainer.Network, ReadRun(), trainer.Options, data, cancellation)], null));
        }
        catch (OperationCanceledException)
        {
            // The page of the last epoch is there.
        }
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
        IsWritten = true;
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            if (!hasFailed) display.Say($"{ReportPage.FileName} could not be written: {error.Message.ReplaceLineEndings(" ")}; the training goes on");
            hasFailed = true;
        }
    }
}
