using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training;

/// <summary>The epochs of one run, and what is written after each.</summary>
internal sealed class TrainingLoop
{
    private readonly Trainer trainer;
    private readonly TrainingPlan plan;
    private readonly ResNet network;
    private readonly TrainingImages images;
    private readonly IProgress<TrainProgress>? progress;
    private readonly CancellationToken cancellation;
    private readonly SummaryFile summary;
    private readonly EventFile events;
    private readonly RunClock clock;
    private readonly int[] order;
    private readonly RunSpeed speed;
    private readonly Queue<Request> requests = new(PendingTotals.MostOpen);

    /// <summary>Totals that the device was asked for.</summary>
    /// <param name="Totals">The answer, once it is there.</param>
    /// <param name="Steps">Steps of the epoch that were given to the device until then.</param>
    /// <param name="Rate">The rate of the last of these, where the answer is to be reported.</param>
    private readonly record struct Request(PendingTotals Totals, int Steps, double? Rate);

    // Where the run is. Steps counts those of this epoch that the device was given; sums is what the epoch had counted when it was last known.
    private int epoch, steps;
    private int finiteSteps; // of this epoch, after which its totals were known to be finite
    private Totals sums;
    private bool warmingUp;
    private BestEpoch? best;
    private Evaluation? lastEvaluation;
    private long? savedStep;
    private readonly AlgorithmChoice? earlierAlgorithms;

    public TrainingLoop(Trainer trainer, TrainingImages images, Checkpoint? from, IProgress<TrainProgress>? progress, CancellationToken cancellation)
    {
        (this.trainer, this.images, this.progress, this.cancellation) = (trainer, images, progress, cancellation);
        (plan, network) = (trainer.Plan, trainer.Network);
        order = new int[plan.TrainImages];
        clock = new(from);
        speed = new(plan, images.Judged.Count);
        warmingUp = plan.WarmupRate is not null;
        string header = images.Validation is null ? SummaryRow.Header : SummaryRow.ValidationHeader;
        string path = trainer.Folder.SummaryFile;
        var files = trainer.Folder.Files;
        summary = trainer.Folder.Guard(() => from is null ? SummaryFile.Create(path, header, files) : SummaryFile.Resume(path, from.SummaryRows, files));
        events = trainer.Folder.Guard(() => EventFile.Create(trainer.Folder.Path, firstStep: (from?.Step ?? 0) + 1, files));
        if (from is null) return;
        (epoch, steps, sums, warmingUp, best) = (from.Epoch, from.StepInEpoch, from.EpochTotals, from.WarmingUp, from.Best);
        (savedStep, earlierAlgorithms) = (from.Step, from.Algorithms);
    }

    private long StepsDone => StepsUpTo(steps);

    public TrainResult Run()
    {
        Log(trainer.Resumed ? $"resumed at step {StepsDone}: {plan.Describe()}" : $"{network.Architecture.Name}, {plan.Describe()}");
        Log(network.DeviceDescription);
        foreach (string notice in trainer.Notices) Log(notice);
        // From here on the run can be resumed, whatever happens to it.
        if (!trainer.Resumed) Save(network.State());
        while (epoch < plan.Epochs)
        {
            using var range = network.Timeline.Open("epoch", epoch);
            if (!Train() || !Judge()) return Interrupted();
        }
        var test = images.Validation is null && lastEvaluation is not null ? lastEvaluation : Evaluator.Run(network, images.Test);
        Log($"done: {test.Describe()}");
        return Result(test, interrupted: false);
    }

    /// <summary>The rest of this epoch's steps; false where cancelled between two of them.</summary>
    private bool Train()
    {
        EpochOrder.Fill(order, epoch, trainer.Options.Seed);
        double[] rates = plan.RatesOf(epoch, warmingUp);
        network.BeginEpoch(images.Train, epoch, order, rates);
        network.RestoreTotals(sums);
        speed.Begin(sums.Images, clock);
        clock.StartTraining();
        finiteSteps = steps;
        while (steps < rates.Length)
        {
            if (cancellation.IsCancellationRequested)
            {
                Ask(rate: null);
                Answer(waitForAll: true);
                return false;
            }
            network.TrainStep(images.Train, steps, steps * plan.BatchSize, plan.ImagesIn(steps));
            steps++;
            RequireFiniteUpdates();
            bool last = steps == rates.Length;
            bool reports = last || steps % trainer.Options.LogInterval == 0;
            bool saves = !last && trainer.Options.CheckpointEvery > 0 && steps % trainer.Options.CheckpointEvery == 0;
            if (reports || saves) Ask(reports ? rates[steps - 1] : null);
            Answer(waitForAll: last || saves);
            if (saves) Save(network.State());
            clock.StartTraining();
        }
        clock.StopTraining();
        return true;
    }

    /// <summary>Evaluates and saves the epoch whose steps are all done; false where cancelled before the evaluation was over.</summary>
    private bool Judge()
    {
        double trainLoss = sums.Loss, trainError = sums.Error;
        try
        {
            if (trainer.Options.TrainError == TrainErrorKind.Full)
            {
                var train = Evaluator.Run(network, images.Train, cancellation);
                (trainLoss, trainError) = (train.Loss, train.Error);
            }
            lastEvaluation = Evaluator.Run(network, images.Judged, cancellation);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        if (!double.IsFinite(trainLoss)) throw DivergedInEvaluation(images.Train);
        if (!double.IsFinite(lastEvaluation.Loss)) throw DivergedInEvaluation(images.Judged);

        bool isBest = best is null || lastEvaluation.Error < best.Error;
        if (isBest) best = new(epoch, lastEvaluation.Error);
        bool warmedUp = warmingUp && sums.Error < PaperRecipe.WarmupError;
        double rate = plan.RatesOf(epoch, warmingUp)[^1];

        var state = FiniteState();
        string sha256 = state.Sha256();
        SaveWeights(trainer.Folder.LastWeightsFile, state);
        if (isBest) SaveWeights(trainer.Folder.BestWeightsFile, state);
        var row = new SummaryRow(epoch, trainLoss, trainError, lastEvaluation.Error, rate, lastEvaluation.Loss, best!.Error,
            Told(sums.Images / clock.EpochTraining), clock.Epoch, clock.Elapsed, sha256);
        trainer.Folder.Guard(() =>
        {
            summary.Append(row);
            events.Write(StepsDone, EventValues(row));
        });
        speed.EndEpoch(clock);

        (epoch, steps, sums) = (epoch + 1, 0, default);
        if (warmedUp) warmingUp = false;
        clock.NextEpoch();
        Save(state);
        Log(Line(row));
        progress?.Report(new EpochProgress(row, plan.Epochs, isBest, speed.Remaining(StepsDone)));
        if (warmedUp) Notify($"warm-up is over after epoch {epoch - 1}: the training error is below {PaperRecipe.WarmupError * 100} %");
        return true;
    }

    private IEnumerable<(string Tag, double Value)> EventValues(SummaryRow row)
    {
        yield return ("Loss/train", row.TrainLoss);
        yield return ($"Loss/{images.JudgedName}", row.TestLoss);
        yield return ("Error/train", row.TrainError);
        yield return ($"Error/{images.JudgedName}", row.TestError);
        yield return ("LearningRate", row.LearningRate);
        if (!double.IsNaN(row.ImagesPerSecond)) yield return ("Throughput", row.ImagesPerSecond);
    }

    private TrainResult Interrupted()
    {
        clock.StopTraining();
        if (savedStep != StepsDone) Save(network.State());
        Log($"interrupted at step {StepsDone}; the checkpoint is saved");
        return Result(null, interrupted: true);
    }

    private TrainResult Result(Evaluation? test, bool interrupted)
    {
        double imagesPerSecond = Told(clock.Training > 0 ? plan.ImagesUpTo(StepsDone) / clock.Training : 0);
        return new(interrupted, epoch, StepsDone, test, best?.Error, best?.Epoch, TimeSpan.FromSeconds(clock.Elapsed), imagesPerSecond,
            network.State().Sha256(), trainer.Folder.WrittenFiles());
    }

    // ---- Reporting ----

    /// <summary>Asks for what the epoch has counted after the steps until now.</summary>
    private void Ask(double? rate) => requests.Enqueue(new(network.RequestTotals(), steps, rate));

    /// <summary>
    /// Takes the answers that are there. It waits where the device is two log intervals behind, so that progress and an interruption come
    /// when they are due; and for all of them where the run has to know where it is.
    /// </summary>
    private void Answer(bool waitForAll)
    {
        while (requests.TryPeek(out var request) && (waitForAll || requests.Count >= PendingTotals.MostOpen || request.Totals.AreThere))
        {
            requests.Dequeue();
            sums = request.Totals.Read();
            // A device that was given no more has nothing to do: what follows is not time of training.
            if (request.Steps == steps) clock.StopTraining();
            speed.Measure(sums.Images, clock);
            RequireFiniteUpdates();
            if (sums.Images > 0 && !double.IsFinite(sums.LossSum)) throw Diverged("the loss", firstSuspect: finiteSteps + 1, request.Steps);
            finiteSteps = request.Steps;
            if (request.Rate is { } rate) ReportSteps(request.Steps, rate);
        }
    }

    private void ReportSteps(int done, double rate) => progress?.Report(new StepProgress(
        epoch, plan.Epochs, done, plan.StepsIn(epoch), rate, sums.Loss, sums.Error, Told(speed.ImagesPerSecond), speed.Remaining(StepsUpTo(done))));

    private long StepsUpTo(int done) => Math.Min((long)epoch * plan.StepsPerEpoch, plan.TotalSteps) + done;

    // A speed of an emulator must not be taken for a GPU's.
    private double Told(double imagesPerSecond) => network.IsEmulated ? double.NaN : imagesPerSecond;

    private string Line(SummaryRow row) => FormattableString.Invariant(
        $"epoch {row.Epoch}: lr {row.LearningRate:G3}, loss {row.TrainLoss:F4}, train error {row.TrainError * 100:F2} %, {lastEvaluation!.Describe(images.JudgedName)}, {(double.IsNaN(row.ImagesPerSecond) ? "emulated" : FormattableString.Invariant($"{row.ImagesPerSecond:F1} img/s"))}, {row.EpochSeconds:F1} s");

    private void Notify(string text)
    {
        Log(text);
        progress?.Report(new Notice(text));
    }

    private void Log(string line) => trainer.Folder.Log(line);

    // ---- Saving ----

    private void Save(StateDict state)
    {
        using var range = network.Timeline.Open("save checkpoint");
        RequireFinite(state);
        var checkpoint = new Checkpoint
        {
            Architecture = network.Architecture,
            State = state,
            Momentum = network.Momentum(),
            Options = trainer.Options.ToJson(),
            Seed = trainer.Options.Seed,
            Step = StepsDone,
            Epoch = epoch,
            StepInEpoch = steps,
            EpochTotals = sums,
            Best = best,
            WarmingUp = warmingUp,
            ElapsedSeconds = clock.Elapsed,
            EpochSeconds = clock.Epoch,
            TrainingSeconds = clock.Training,
            EpochTrainingSeconds = clock.EpochTraining,
            SummaryRows = epoch,
            Device = CheckpointMetadata.Text(network.DeviceKind),
            DataSha256 = trainer.DataSha256,
            Algorithms = network.Algorithms ?? earlierAlgorithms,
        };
        RequireFinite(checkpoint.Momentum);
        trainer.Folder.Guard(() => checkpoint.Save(trainer.Folder.CheckpointFile, trainer.Folder.Files));
        savedStep = StepsDone;
    }

    private void SaveWeights(string path, StateDict state)
    {
        using var range = network.Timeline.Open("save weights");
        double? testError = images.Validation is null ? lastEvaluation?.Error : null;
        var origin = new WeightsOrigin(epoch + 1, testError, trainer.Options.Seed, trainer.Options.Dataset, StepsDone);
        trainer.Folder.Guard(() => WeightsFile.Save(path, network.Architecture, network.Options.Normalization, state, origin, trainer.ClassNames, NamingScheme.Own, trainer.Folder.Files));
    }

    private StateDict FiniteState()
    {
        var state = network.State();
        RequireFinite(state);
        RequireFinite(network.Momentum());
        return state;
    }

    // Nothing that is not finite may replace a file that can be gone on from.
    private void RequireFinite(StateDict state)
    {
        if (state.FirstNonFinite() is { } name) throw Diverged($"tensor '{name}'", firstSuspect: 1, steps);
    }

    // ---- Divergence ----

    private void RequireFiniteUpdates()
    {
        if (network.FirstNonFinite is { } found) throw Diverged($"tensor '{found.Tensor}'", found.Step + 1, found.Step + 1);
    }

    /// <summary>What to throw where a training step of this epoch, between two of them, made something that is not finite.</summary>
    private DivergedException Diverged(string noticed, int firstSuspect, int last)
    {
        DivergenceOrigin? origin = null;
        string where = Search((search, from) =>
        {
            Notify($"diverged: {noticed} is not finite; steps {from.StepInEpoch + 1} to {last} of epoch {epoch} are done again to find the layer");
            origin = search.InTraining(firstSuspect, last);
            return origin is null ? "; done again from the checkpoint, all is finite: a fault of memory or hardware?" : $", the first in that step is {origin.Values.Values}";
        });
        return Diverged(noticed, origin?.StepInEpoch ?? last, where, origin?.Values.Layer);
    }

    private DivergedException DivergedInEvaluation(DeviceImages set)
    {
        NonFiniteValues? origin = null;
        string where = Search((search, _) => (origin = search.InEvaluation(set)) is null ? "" : $", the first is {origin.Values}");
        return Diverged("the loss in evaluation", steps, where, origin?.Layer);
    }

    /// <summary>Looks for the layer, and leaves the network with its last good weights. What comes in the way must not hide the divergence itself.</summary>
    private string Search(Func<DivergenceSearch, Checkpoint, string> look)
    {
        try
        {
            var from = Checkpoint.Load(trainer.Folder.CheckpointFile);
            var search = new DivergenceSearch(trainer, images, from, cancellation);
            string where = look(search, from);
            search.Restore();
            return cancellation.IsCancellationRequested ? "; the search for the layer was cancelled" : where;
        }
        catch (EngineException error)
        {
            return $"; the layer is not known: {error.Message}";
        }
    }

    private DivergedException Diverged(string noticed, int step, string where, string? layer)
    {
        string message = $"diverged at step {StepsUpTo(step)} (epoch {epoch}, step {step} of {plan.StepsIn(epoch)}): {noticed} is not finite{where}; the last good checkpoint is {trainer.Folder.CheckpointFile}, of step {savedStep}; try a smaller --lr";
        Log(message);
        return new(message, StepsUpTo(step), layer);
    }
}
