namespace CudnnResNet.Model;

/// <summary>One op of a network's step, and how much work a call of it is.</summary>
/// <param name="Name">The layer's state-dict name (<c>conv1</c>, <c>layer1.0.conv1</c>, <c>fc</c>), or <c>augment</c>, <c>update</c>, <c>other</c>.</param>
/// <param name="Direction">Forward or backward; null for augmentation, update and other.</param>
/// <param name="Kernel">What computes the convolution; null for everything that is none.</param>
/// <param name="MultiplyAdds">
/// For one image, of the convolution or the linear layer, as direct convolution counts them: y forward; dw and dx backward.
/// </param>
/// <param name="ExecutedMultiplyAdds">Those that the kernel executes; Winograd's are fewer, its transforms are not counted.</param>
/// <param name="ImageBytes">
/// For each image: the activations and gradients that the op is given to read or write, each once, as 4-byte floats. What a kernel keeps
/// for itself, or reads twice, is not in it, and neither is what a cache saves.
/// </param>
/// <param name="CallBytes">For each call: the weights, and where it writes them their gradients, likewise.</param>
public sealed record OpWork(string Name, Direction? Direction, string? Kernel, long MultiplyAdds, long ExecutedMultiplyAdds, long ImageBytes, long CallBytes);
