namespace CudnnResNet.Training;

/// <summary>How a network is trained where the options do not say.</summary>
public enum Recipe
{
    /// <summary>A fixed rule: cuda takes <see cref="Paper"/>, other devices <see cref="Fast"/>, the synthetic data set <see cref="Demo"/>.</summary>
    Auto,

    /// <summary>64,000 iterations as in He et al. 2015; see <see cref="PaperRecipe"/>.</summary>
    Paper,

    /// <summary>A tenth of that with one rise and fall of the learning rate; see <see cref="FastRecipe"/>.</summary>
    Fast,

    /// <summary>Three epochs for the synthetic data set; see <see cref="DemoRecipe"/>.</summary>
    Demo,
}

/// <summary>The recipe for a processor: above 90 % on CIFAR-10 in a tenth of the paper's iterations.</summary>
/// <remarks>One linear rise, then half a cosine down to nearly 0 (Smith and Topin 2017; Loshchilov and Hutter 2016). Not the paper's.</remarks>
public static class FastRecipe
{
    /// <summary>Epochs.</summary>
    public const int Epochs = 30;

    /// <summary>The highest learning rate for a batch of 128; it grows in proportion to the batch.</summary>
    public const double PeakRate = 0.2;

    /// <summary>The part of all steps in which the rate rises.</summary>
    public const double WarmupFraction = 0.15;

    /// <summary>Weight decay: more than the paper's, because the run is short and its rate high.</summary>
    public const double WeightDecay = 5e-4;
}

/// <summary>The recipe for the synthetic data set: minutes on two cores, and a result that can be compared between machines.</summary>
public static class DemoRecipe
{
    /// <summary>Epochs.</summary>
    public const int Epochs = 3;

    /// <summary>The highest learning rate for a batch of 128; it grows in proportion to the batch.</summary>
    public const double PeakRate = 0.1;

    /// <summary>The part of all steps in which the rate rises.</summary>
    public const double WarmupFraction = 0.1;

    /// <summary>Weight decay.</summary>
    public const double WeightDecay = 5e-4;
}
