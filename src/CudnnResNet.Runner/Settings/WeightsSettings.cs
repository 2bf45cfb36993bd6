using CudnnResNet.Model;
using CudnnResNet.Runner.Output;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Settings;

/// <summary>The options by which a user knows better than a weights file what it holds.</summary>
internal static class WeightsSettings
{
    public static readonly Setting<Architecture> Arch = new("--arch", "resnet|plain", "What the network is (default: as the file says)", ValueText.OneOf<Architecture>());
    public static readonly Setting<ShortcutPadding> Shortcut = new("--shortcut", "NAME", "trailing, centred or reshape (default: as the file says)", ValueText.OneOf<ShortcutPadding>());
    public static readonly Setting<string> Normalize = new("--normalize", "NAME", "reference, imagenet, channel or pixel (default: as the file says)", ReadNormalize);

    /// <summary>Reads a weights file; what is typed wins over what it says.</summary>
    /// <exception cref="WeightsException">The file is unreadable, damaged, or not a network's of this engine.</exception>
    public static WeightsFile Load(SettingReader settings, string path)
    {
        string? normalize = settings.TryGet(Normalize, out string named) ? named : null;
        // The other two come from the training images, which are not read yet.
        return WeightsFile.Load(path, Overrides(settings, normalize switch { null => null, "imagenet" => Normalization.ImageNet, _ => Normalization.Reference }));
    }

    /// <summary>The options as overrides.</summary>
    /// <param name="settings">What is given.</param>
    /// <param name="normalization">The normalisation that is asked for, or null.</param>
    public static WeightsOverrides Overrides(SettingReader settings, Normalization? normalization) => new()
    {
        Architecture = settings.TryGet(Arch, out var arch) ? arch : null,
        Shortcut = settings.TryGet(Shortcut, out var shortcut) ? shortcut : null,
        Normalization = normalization,
    };

    /// <summary>How the network's images are normalised: as the file says, or as is typed.</summary>
    /// <param name="settings">The options.</param>
    /// <param name="file">What <see cref="Load"/> gave.</param>
    /// <param name="data">Gives the data set, whose training images <c>channel</c> and <c>pixel</c> are computed from.</param>
    public static Normalization NormalizationOf(SettingReader settings, WeightsFile file, Func<DataSet> data) =>
        settings.TryGet(Normalize, out string named) && named is "channel" or "pixel" ? NormalizationStatistics.Create(named, data().Train) : file.Normalization;

    /// <summary>The data set that such a normalisation is computed from: CIFAR-10, wherever <c>--data</c> says.</summary>
    public static DataSet ReadCifar10(SettingReader settings, Report report) =>
        DataSource.Load(Cifar10.Name, settings.TryGet(CommonSettings.Data, out string folder) ? folder : null, settings.Has(CommonSettings.Offline), report);

    private static string ReadNormalize(string text) => text is "reference" or "imagenet" or "channel" or "pixel"
        ? text
        : throw new FormatException("is not one of reference, imagenet, channel, pixel");
}
