using CudnnResNet.Model;

namespace ClassifyImage.Web;

/// <summary>What the network takes an image for.</summary>
/// <param name="Width">Columns of the uploaded image.</param>
/// <param name="Height">Rows.</param>
/// <param name="Classes">The five likeliest classes, the likeliest first.</param>
internal sealed record Answer(int Width, int Height, IReadOnlyList<ClassProbability> Classes);

/// <summary>Whether the service works, and with what.</summary>
internal sealed record Health(string Status, string Network, string Device);
