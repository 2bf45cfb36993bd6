namespace CudnnResNet.Model;

/// <summary>One class, and how sure the network is of it.</summary>
/// <param name="Class">The class's number: its place among the logits.</param>
/// <param name="Name">Its name, from <see cref="Predictor.ClassNames"/>.</param>
/// <param name="Probability">Its softmax, 0..1.</param>
public readonly record struct ClassProbability(int Class, string Name, float Probability);

/// <summary>What a network takes one image for.</summary>
/// <param name="Classes">The likeliest classes, the likeliest first; of equal ones the lower number first.</param>
public sealed record Prediction(IReadOnlyList<ClassProbability> Classes)
{
    /// <summary>The likeliest class.</summary>
    public ClassProbability Best => Classes[0];
}
