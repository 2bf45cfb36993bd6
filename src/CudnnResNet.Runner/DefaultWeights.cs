using CudnnResNet.Model;
using CudnnResNet.Runner.Settings;

namespace CudnnResNet.Runner;

/// <summary>The weights of a command that is given none: the ResNet-20 that comes with the program.</summary>
internal static class DefaultWeights
{
    /// <summary>Where they lie below the working folder or the program's.</summary>
    public const string Name = "pretrained/resnet20.safetensors";

    /// <summary>The file that <c>--weights</c> names, else the default one.</summary>
    /// <exception cref="InvalidSettingException">There is none.</exception>
    public static string Of(SettingReader settings) => settings.TryGet(CommonSettings.Weights, out string given) ? given : Find("", AppContext.BaseDirectory);

    /// <summary>The first that is there in these folders.</summary>
    /// <exception cref="InvalidSettingException">There is none.</exception>
    public static string Find(params IReadOnlyList<string> folders) =>
        folders.Select(folder => Path.Combine(folder, Name)).FirstOrDefault(File.Exists)
        ?? throw new InvalidSettingException($"--weights is missing, and there is no {Name} here or beside the program; for example --weights runs/NAME/last.safetensors");
}
