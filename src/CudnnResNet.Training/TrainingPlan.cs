using CudnnResNet.Model;
using CudnnResNet.Model.Devices;

namespace CudnnResNet.Training;

/// <summary>What a run does, with every null of the options filled in: its recipe, its number of steps, its rates.</summary>
/// <param name="Recipe">Never <see cref="Recipe.Auto"/>.</param>
/// <param name="TrainImages">Images of an epoch.</param>
/// <param name="BatchSize">Images of a step; the last step of an epoch has what is left.</param>
/// <param name="TotalSteps">Steps of the whole run.</param>
/// <param name="Schedule">The rate of each step.</param>
/// <param name="WarmupRate">The rate until an epoch's training error is below <see cref="PaperRecipe.WarmupError"/>, or null for no warm-up.</param>
/// <param name="Momentum">SGD's momentum.</param>
/// <param name="WeightDecay">SGD's weight decay.</param>
public sealed record TrainingPlan(
    Recipe Recipe, int TrainImages, int BatchSize, long TotalSteps, LearningRateSchedule Schedule, double? WarmupRate, double Momentum, double WeightDecay)
{
    /// <summary>Steps of a whole epoch: 391 for 50,000 images in batches of 128.</summary>
    public int StepsPerEpoch => StepsFor(TrainImages, BatchSize);

    /// <summary>Epochs, the last of which may be cut short by the number of steps.</summary>
    public int Epochs => (int)((TotalSteps + StepsPerEpoch - 1) / StepsPerEpoch);

    /// <summary>Steps of this epoch.</summary>
    public int StepsIn(int epoch) => (int)Math.Min(StepsPerEpoch, TotalSteps - (long)epoch * StepsPerEpoch);

    /// <summary>Images of this step of an epoch: 128, and 80 in the last of 391.</summary>
    public int ImagesIn(int step) => Math.Min(BatchSize, TrainImages - step * BatchSize);

    /// <summary>Images that this many steps from the start of the run have seen.</summary>
    public long ImagesUpTo(long steps) => steps / StepsPerEpoch * TrainImages + steps % StepsPerEpoch * BatchSize;

    /// <summary>The rates of an epoch's steps.</summary>
    /// <param name="epoch">0-based.</param>
    /// <param name="warmingUp">True while the warm-up has not ended.</param>
    public double[] RatesOf(int epoch, bool warmingUp)
    {
        var rates = new double[StepsIn(epoch)];
        for (int step = 0; step < rates.Length; step++)
            rates[step] = warmingUp && WarmupRate is { } rate ? rate : Schedule.RateAt((long)epoch * StepsPerEpoch + step);
        return rates;
    }

    /// <summary>One phrase for people: <c>fast: 15 epochs, batch 128, lr up to 0.2 and down to 0, momentum 0.9, weight decay 0.0005</c>.</summary>
    public string Describe()
    {
        string length = TotalSteps % StepsPerEpoch == 0 ? $"{Epochs} epoch{(Epochs == 1 ? "" : "s")}" : $"{TotalSteps:N0} iterations";
        string warmup = WarmupRate is { } rate ? $", warm-up {rate}" : "";
        return $"{Recipe.ToString().ToLowerInvariant()}: {length}, batch {BatchSize}, {Schedule.Describe()}{warmup}, momentum {Momentum}, weight decay {WeightDecay}";
    }

    /// <summary>Fills in what the options leave open.</summary>
    /// <param name="options">Checked here.</param>
    /// <param name="trainImages">Images of an epoch, without those held back.</param>
    /// <param name="synthetic">Whether the data set is the synthetic one.</param>
    /// <exception cref="InvalidSettingException">A value is out of range, or two do not go together.</exception>
    public static TrainingPlan Create(TrainOptions options, int trainImages, bool synthetic)
    {
        options.Check();
        if (trainImages < 1) throw new InvalidSettingException($"{trainImages} training images are too few");
        Recipe recipe = Choose(options, synthetic);
        bool paper = recipe == Recipe.Paper;
        int stepsPerEpoch = StepsFor(trainImages, options.BatchSize);
        long steps = options.Iterations ?? (options.Epochs is { } epochs ? (long)epochs * stepsPerEpoch : recipe switch
        {
            Recipe.Paper => PaperRecipe.Iterations,
            Recipe.Fast => (long)FastRecipe.Epochs * stepsPerEpoch,
            _ => (long)DemoRecipe.Epochs * stepsPerEpoch,
        });

        bool stepped = paper || options.Milestones is not null;
        if (options.Gamma is { } gamma && !stepped)
            throw new InvalidSettingException($"gamma {gamma} does nothing in recipe {recipe.ToString().ToLowerInvariant()} without milestones");
        double batchFactor = (double)options.BatchSize / PaperRecipe.BatchSize;
        LearningRateSchedule schedule = stepped
            ? new StepSchedule(options.Lr ?? PaperRecipe.LearningRate, options.Milestones ?? PaperRecipe.Milestones, options.Gamma ?? PaperRecipe.Gamma)
            : recipe == Recipe.Fast
                ? new OneCycleSchedule(options.Lr ?? FastRecipe.PeakRate * batchFactor, Rise(steps, FastRecipe.WarmupFraction), steps)
                : new OneCycleSchedule(options.Lr ?? DemoRecipe.PeakRate * batchFactor, Rise(steps, DemoRecipe.WarmupFraction), steps);
        double? warmup = options.WarmupLr ?? (stepped && options.Depth >= PaperRecipe.WarmupDepth ? PaperRecipe.WarmupRate : null);
        double decay = options.WeightDecay ?? recipe switch
        {
            Recipe.Paper => PaperRecipe.WeightDecay,
            Recipe.Fast => FastRecipe.WeightDecay,
            _ => DemoRecipe.WeightDecay,
        };
        return new(recipe, trainImages, options.BatchSize, steps, schedule, warmup, options.Momentum ?? PaperRecipe.Momentum, decay);
    }

    /// <summary>The options with this plan's values in the places that were null, for <c>args.json</c>; they lead to the same plan again.</summary>
    public TrainOptions Effective(TrainOptions options)
    {
        var filled = options with { Recipe = Recipe, WarmupLr = WarmupRate, Momentum = Momentum, WeightDecay = WeightDecay };
        filled = TotalSteps % StepsPerEpoch == 0 ? filled with { Epochs = Epochs, Iterations = null } : filled with { Iterations = TotalSteps, Epochs = null };
        return Schedule switch
        {
            StepSchedule steps => filled with { Lr = steps.Rate, Milestones = steps.Milestones, Gamma = steps.Gamma },
            OneCycleSchedule cycle => filled with { Lr = cycle.Peak },
            _ => throw new InvalidOperationException($"{Schedule.GetType().Name} has no options"),
        };
    }

    private static Recipe Choose(TrainOptions options, bool synthetic)
    {
        if (options.Recipe != Recipe.Auto) return options.Recipe;
        if (synthetic) return Recipe.Demo;
        var kind = DeviceOptions.Parse(options.Device).Kind;
        return kind == DeviceKind.Cuda || (kind == DeviceKind.Auto && CudaSupport.WhyNotAuto() is null) ? Recipe.Paper : Recipe.Fast;
    }

    private static long Rise(long steps, double fraction) => (long)Math.Ceiling(steps * fraction);

    private static int StepsFor(int images, int batchSize) => (images + batchSize - 1) / batchSize;
}
