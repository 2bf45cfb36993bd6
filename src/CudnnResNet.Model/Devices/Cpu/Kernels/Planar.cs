namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>The network's input image, channel by channel.</summary>
internal static unsafe class Planar
{
    /// <summary>Copies an image (C, H, W) into a padded one (C, H+2, W+2), whose border stays zero.</summary>
    public static void Pad(Shape shape, float* image, float* padded)
    {
        int width = shape.W + 2;
        for (int c = 0; c < shape.C; c++)
            for (int h = 0; h < shape.H; h++)
                new Span<float>(image + (c * shape.H + h) * shape.W, shape.W).CopyTo(new(padded + (c * (shape.H + 2) + h + 1) * width + 1, shape.W));
    }
}
