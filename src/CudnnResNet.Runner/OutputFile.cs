using CudnnResNet.Model;

namespace CudnnResNet.Runner;

/// <summary>A file that a command is to write: that its name can be one is known before the work begins.</summary>
internal static class OutputFile
{
    /// <summary>Checks the name; a file that is there is replaced, as everywhere in this program, as a whole or not at all.</summary>
    /// <param name="option">The option that names it.</param>
    /// <param name="path">The file.</param>
    /// <param name="extensions">What its name may end with.</param>
    /// <returns>Its extension, in small letters.</returns>
    /// <exception cref="InvalidSettingException">It has another extension, is a folder, or lies in a folder that is not there.</exception>
    public static string Check(string option, string path, params string[] extensions)
    {
        string extension = Path.GetExtension(path).ToLowerInvariant();
        if (!extensions.Contains(extension)) throw new InvalidSettingException($"{option} {path} does not end with {string.Join(" or ", extensions)}");
        if (Directory.Exists(path)) throw new InvalidSettingException($"{option} {path} is a folder; it has to name a file");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder)) throw new InvalidSettingException($"{option} {path}: there is no folder {folder}");
        return extension;
    }
}
