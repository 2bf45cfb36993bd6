namespace CudnnResNet.Model.Devices.Reference;

/// <summary>The augmentation unit: image by image through <see cref="AugmentSpec.Pixels"/>.</summary>
internal sealed class ReferenceAugment(AugmentSpec spec) : AugmentUnit(spec)
{
    private readonly float[] table = spec.Normalization.Table(); // (3, 256)
    private readonly float[] pixels = new float[AugmentSpec.ImageSize]; // (3, 32, 32)

    public override void Forward(ImageSet images, int first, int n, Mode mode, Activation x, Labels labels)
    {
        var set = (ReferenceImageSet)images;
        for (int i = 0; i < n; i++)
        {
            int sample = mode == Mode.Training ? set.Sample(first + i) : first + i;
            var place = mode == Mode.Training ? Spec.Place(sample, set.Epoch) : default;
            AugmentSpec.Pixels(set.Image(sample), place, table, Spec.Normalization.PixelMean, pixels);
            for (int p = 0; p < pixels.Length; p++) ((ReferenceActivation)x).Values[i * pixels.Length + p] = pixels[p];
            ((ReferenceLabels)labels).Values[i] = set.Label(sample);
        }
    }
}
