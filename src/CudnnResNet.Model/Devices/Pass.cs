namespace CudnnResNet.Model.Devices;

/// <summary>One whole pass of a network over images of a set: from their bytes to the updated weights, or to the totals of an evaluation.</summary>
/// <param name="Mode">Training: augmentation, forward, backward, update. The others: normalisation and forward.</param>
/// <param name="Images">The set.</param>
/// <param name="First">Where the batch begins: a position of the epoch's order (training) or an image (the others).</param>
/// <param name="N">Images.</param>
/// <param name="Step">The step within the epoch, which selects the learning rate; 0 in an evaluation.</param>
internal readonly record struct Pass(Mode Mode, ImageSet Images, int First, int N, int Step);
