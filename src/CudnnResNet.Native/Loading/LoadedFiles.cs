using System.Diagnostics;

namespace CudnnResNet.Native.Loading;

/// <summary>Which files of cuDNN this process really has in memory, whoever opened them.</summary>
internal static class LoadedFiles
{
    /// <summary>Full paths, in order.</summary>
    public static string[] OfCudnn()
    {
        using var process = Process.GetCurrentProcess();
        return [.. process.Modules.Cast<ProcessModule>().Select(module => module.FileName).Where(IsCudnn).Distinct().Order(StringComparer.Ordinal)];
    }

    private static bool IsCudnn(string path)
    {
        string name = Path.GetFileName(path);
        return name.StartsWith("libcudnn", StringComparison.Ordinal) || name.StartsWith("cudnn", StringComparison.OrdinalIgnoreCase);
    }
}
