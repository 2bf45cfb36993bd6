namespace CudnnResNet.Model;

/// <summary>The first training step after which a parameter or a running statistic was not finite.</summary>
/// <param name="Step">The step within the epoch, 0-based.</param>
/// <param name="Tensor">
/// The tensor's state-dict name. A NaN reaches nearly all of them in one step: this is the first in the order of the state dict, parameters
/// before statistics, and not the one where it began.
/// </param>
public sealed record NonFiniteUpdate(int Step, string Tensor);
