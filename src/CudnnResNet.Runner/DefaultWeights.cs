using CudnnResNet.Model;

namespace CudnnResNet.Runner;

/// <summary>The weights of a command that is given none.</summary>
internal static class DefaultWeights
{
    /// <summary>Where they lie below the working folder or the program's.</summary>
    public const string Name = "pretrained/resnet20.safetensors";

    /// <summary>The first of them that is there.</summary>
    /// <param name="folders">Folders to look in; null for the working folder and the program's.</param>
    /// <exception cref="InvalidSettingException">There is none.</exception>
    public static string Find(params IReadOnlyList<string>? folders) =>
        (folders is { Count: > 0 } ? folders : ["", AppContext.BaseDirectory]).Select(folder => Path.Combine(folder, Name)).FirstOrDefault(File.Exists)
        ?? throw new InvalidSettingException($"--weights is missing, and there is no {Name} here or beside the program; for example --weights runs/NAME/last.safetensors");
}
