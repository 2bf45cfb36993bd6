using System.Text.Json;

namespace CudnnResNet.Runner.Tests;

/// <summary>Runs of the whole program that take a second: ResNet-8 on a few drawn images.</summary>
[TestClass]
public static class TinyRun
{
    /// <summary>Environment: 160 training images, 20 steps of 8 an epoch.</summary>
    public const string Size = "CUDNNRESNET_TEST_SYNTHETIC=160,20";

    private static readonly Lazy<TemporaryFolder> Shared = new(() =>
    {
        var folder = new TemporaryFolder();
        Run(folder, "--epochs", "2", "--name", "tiny").Succeeds();
        return folder;
    });

    /// <summary>The finished run that the tests share; to be read only.</summary>
    public static string Finished => Shared.Value["runs", Name];

    /// <summary>What the program makes of --name tiny.</summary>
    public const string Name = "tiny-SYNTHETIC";

    internal static string[] Args(params string[] more) =>
        ["train", "--dataset", "synthetic", "--depth", "8", "--batch-size", "8", "--recipe", "demo", "--seed", "3", .. more];

    internal static Outcome Run(TemporaryFolder folder, params string[] more)
    {
        using var program = RunnerProgram.Start(folder, Args(more), Size);
        return program.Wait();
    }

    /// <summary>Goes on with the run in this folder.</summary>
    internal static Outcome Resume(TemporaryFolder folder, params string[] more)
    {
        using var program = RunnerProgram.Start(folder, ["train", "--resume", .. more], Size);
        return program.Wait();
    }

    /// <summary>A copy of the finished run in a folder of the caller's.</summary>
    internal static string CopyTo(TemporaryFolder folder)
    {
        string copy = Directory.CreateDirectory(folder["runs", Name]).FullName;
        foreach (string file in Directory.GetFiles(Finished)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }

    /// <summary>The records of a kind in the output of --json.</summary>
    internal static List<JsonElement> Records(string output, string kind) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).Where(record => record.GetProperty("event").GetString() == kind)];

    [AssemblyCleanup]
    public static void RemoveShared()
    {
        if (Shared.IsValueCreated) Shared.Value.Dispose();
    }
}
