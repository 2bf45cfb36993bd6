namespace CudnnResNet.Training;

/// <summary>
/// The constants of He et al. 2015, "Deep Residual Learning for Image Recognition", section 4.2 ("CIFAR-10 and Analysis"), where no
/// other section is named. Nothing else may hold these numbers.
/// </summary>
public static class PaperRecipe
{
    /// <summary>"a mini-batch size of 128".</summary>
    public const int BatchSize = 128;

    /// <summary>"We start with a learning rate of 0.1".</summary>
    public const double LearningRate = 0.1;

    /// <summary>"divide it by 10 at 32k and 48k iterations".</summary>
    public const double Gamma = 0.1;

    /// <summary>"terminate training at 64k iterations".</summary>
    public const long Iterations = 64_000;

    /// <summary>"momentum of 0.9".</summary>
    public const double Momentum = 0.9;

    /// <summary>"a weight decay of 0.0001".</summary>
    public const double WeightDecay = 1e-4;

    /// <summary>"4 pixels are padded on each side, and a 32x32 crop is randomly sampled from the padded image or its horizontal flip".</summary>
    public const int Padding = 4;

    /// <summary>"So we use 0.01 to warm up the training" of the 110-layer network.</summary>
    public const double WarmupRate = 0.01;

    /// <summary>"until the training error is below 80% (about 400 iterations), and then go back to 0.1".</summary>
    public const double WarmupError = 0.8;

    /// <summary>The depth from which the warm-up is used: with n = 18 a rate of 0.1 "is slightly too large to start converging".</summary>
    public const int WarmupDepth = 110;

    /// <summary>The images held back "on a 45k/5k train/val split".</summary>
    public const int ValidationImages = 5_000;

    /// <summary>The iterations at which the rate is divided by 10.</summary>
    public static IReadOnlyList<long> Milestones { get; } = [32_000, 48_000];
}
