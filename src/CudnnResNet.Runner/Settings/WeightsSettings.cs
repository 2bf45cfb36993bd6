using CudnnResNet.Model;

namespace CudnnResNet.Runner.Settings;

/// <summary>What the command line knows better than a weights file.</summary>
internal static class WeightsSettings
{
    public static readonly Setting<Architecture> Arch = new("--arch", "resnet|plain", "What the network is (default: as the file says)", ValueText.OneOf<Architecture>());
    public static readonly Setting<ShortcutPadding> Shortcut = new("--shortcut", "NAME", "trailing, centred or reshape (default: as the file says)", ValueText.OneOf<ShortcutPadding>());
    public static readonly Setting<string> Normalize = new("--normalize", "NAME", "reference or imagenet (default: as the file says)", ValueText.Text);

    /// <summary>These options as overrides.</summary>
    /// <exception cref="InvalidSettingException"><see cref="Normalize"/> names a normalisation whose constants only a training knows.</exception>
    public static WeightsOverrides Overrides(SettingReader settings) => Overrides(settings, NormalizationOf(settings));

    /// <summary>The same with a normalisation that the command has found itself.</summary>
    /// <param name="settings">What is given.</param>
    /// <param name="normalization">The normalisation that is asked for, or null.</param>
    public static WeightsOverrides Overrides(SettingReader settings, Normalization? normalization) => new()
    {
        Architecture = settings.TryGet(Arch, out var arch) ? arch : null,
        Shortcut = settings.TryGet(Shortcut, out var shortcut) ? shortcut : null,
        Normalization = normalization,
    };

    private static Normalization? NormalizationOf(SettingReader settings)
    {
        if (!settings.TryGet(Normalize, out string name)) return null;
        if (name == Normalization.Reference.Name) return Normalization.Reference;
        return name == Normalization.ImageNet.Name ? Normalization.ImageNet
            : throw new InvalidSettingException($"--normalize '{name}' is not one of reference, imagenet; the others' constants stand in the weights file of a training");
    }
}
