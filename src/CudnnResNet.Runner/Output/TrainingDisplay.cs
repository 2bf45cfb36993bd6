using CudnnResNet.Training;

namespace CudnnResNet.Runner.Output;

/// <summary>How a run is shown while it goes on: redrawn on a terminal, as lines elsewhere, as objects for programs, or not at all.</summary>
internal abstract class TrainingDisplay : IProgress<TrainProgress>
{
    /// <summary>The one for this report and this terminal.</summary>
    /// <param name="report">Where it is shown.</param>
    /// <param name="marks">What the head of its table is to say, or nothing.</param>
    public static TrainingDisplay Create(Report report, string marks) =>
        report.Json ? new JsonDisplay(report)
        : report.Quiet ? new QuietDisplay(report)
        : Terminal.IsInteractive ? new LiveDisplay(marks)
        : new PlainDisplay(report, marks);

    /// <summary>Takes what the trainer reports, on its thread.</summary>
    public void Report(TrainProgress value)
    {
        switch (value)
        {
            case StepProgress step: OnStep(step); break;
            case EpochProgress epoch: OnEpoch(epoch); break;
            case Notice notice: Say(notice.Text); break;
        }
    }

    /// <summary>Shows a run from its first step to its last.</summary>
    public virtual TrainResult Show(Func<TrainResult> train) => train();

    /// <summary>One line that a user should see now; any thread.</summary>
    public abstract void Say(string text);

    protected abstract void OnStep(StepProgress step);

    protected abstract void OnEpoch(EpochProgress epoch);
}

/// <summary>Nothing but what has to be said.</summary>
internal sealed class QuietDisplay(Report report) : TrainingDisplay
{
    public override void Say(string text) => report.Note(text);

    protected override void OnStep(StepProgress step) { }

    protected override void OnEpoch(EpochProgress epoch) { }
}

/// <summary>Lines for a pipe, a log or a terminal that cannot redraw.</summary>
internal sealed class PlainDisplay(Report report, string marks) : TrainingDisplay
{
    // An epoch of a deep network takes minutes; a log that says nothing for so long looks dead.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private long lastLine;

    public override TrainResult Show(Func<TrainResult> train)
    {
        report.Line(EpochTable.Head(marks));
        lastLine = Environment.TickCount64;
        return train();
    }

    public override void Say(string text) => report.Note(text);

    protected override void OnStep(StepProgress step)
    {
        if (Environment.TickCount64 - lastLine < Patience.TotalMilliseconds || step.Step == step.Steps) return;
        lastLine = Environment.TickCount64;
        report.Line(EpochTable.Within(step));
    }

    protected override void OnEpoch(EpochProgress epoch)
    {
        lastLine = Environment.TickCount64;
        report.Line(EpochTable.Row(epoch));
    }
}

/// <summary>One object for every report.</summary>
internal sealed class JsonDisplay(Report report) : TrainingDisplay
{
    public override void Say(string text) => report.Note(text);

    protected override void OnStep(StepProgress step) => report.Record("step", new()
    {
        ["epoch"] = step.Epoch,
        ["epochs"] = step.Epochs,
        ["step"] = step.Step,
        ["steps"] = step.Steps,
        ["lr"] = step.LearningRate,
        ["loss"] = JsonLines.Number(step.Loss),
        ["train_err"] = JsonLines.Number(step.Error),
        ["images_per_second"] = JsonLines.Number(step.ImagesPerSecond),
        ["eta_seconds"] = JsonLines.Number(step.Remaining.TotalSeconds),
    });

    protected override void OnEpoch(EpochProgress epoch) => report.Record("epoch", new()
    {
        ["epoch"] = epoch.Row.Epoch,
        ["epochs"] = epoch.Epochs,
        ["lr"] = epoch.Row.LearningRate,
        ["train_loss"] = JsonLines.Number(epoch.Row.TrainLoss),
        ["train_err"] = JsonLines.Number(epoch.Row.TrainError),
        ["test_err"] = JsonLines.Number(epoch.Row.TestError),
        ["test_loss"] = JsonLines.Number(epoch.Row.TestLoss),
        ["best_test_err"] = JsonLines.Number(epoch.Row.BestTestError),
        ["images_per_second"] = JsonLines.Number(epoch.Row.ImagesPerSecond),
        ["epoch_seconds"] = epoch.Row.EpochSeconds,
        ["eta_seconds"] = JsonLines.Number(epoch.Remaining.TotalSeconds),
        ["weights_sha256"] = epoch.Row.WeightsSha256,
    });
}
