using CudnnResNet.Model;

namespace CudnnResNet.Runner.Settings;

/// <summary>What the command line knows better than a weights file.</summary>
internal static class WeightsSettings
{
    public static readonly Setting<Architecture> Arch = new("--arch", "resnet|plain", "What the network is (default: as the file says)", ValueText.OneOf<Architecture>());
    public static readonly Setting<ShortcutPadding> Shortcut = new("--shortcut", "NAME", "trailing, centred or reshape (default: as the file says)", ValueText.OneOf<ShortcutPadding>());

    /// <summary>These options as overrides.</summary>
    /// <param name="settings">What is given.</param>
    /// <param name="normalization">The normalisation that is asked for, or null.</param>
    public static WeightsOverrides Overrides(SettingReader settings, Normalization? normalization) => new()
    {
        Architecture = settings.TryGet(Arch, out var arch) ? arch : null,
        Shortcut = settings.TryGet(Shortcut, out var shortcut) ? shortcut : null,
        Normalization = normalization,
    };
}
