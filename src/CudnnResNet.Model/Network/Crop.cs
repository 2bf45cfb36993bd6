namespace CudnnResNet.Model;

/// <summary>How training images are cropped.</summary>
public enum Crop
{
    /// <summary>A random 32x32 window of the image padded with 4 zero pixels on each side: 81 places (He et al. 2015, section 4.2).</summary>
    Random,

    /// <summary>One of five windows of the padded image: the four corners and the centre.</summary>
    Five,

    /// <summary>The image as it is.</summary>
    None,
}
