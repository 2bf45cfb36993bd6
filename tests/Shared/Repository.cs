using System.Reflection;

namespace CudnnResNet.Tests;

/// <summary>The checkout that this assembly was built from.</summary>
internal static class Repository
{
    public static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "RepoRoot").Value!;

    /// <summary>A file or folder of it.</summary>
    public static string At(params string[] parts) => Path.Combine([Root, .. parts]);
}
