using System.Diagnostics;

namespace CudnnResNet.Packages.Tests;

/// <summary>The sample of training on images of one's own.</summary>
[TestClass]
public sealed class TrainOwnDataTests
{
    private static readonly string Sample = Path.Combine(AppContext.BaseDirectory, "TrainOwnData.dll");

    // It learns its four arrows in seconds, and its last line says so.
    [TestMethod]
    public void It_is_interrupted_goes_on_and_ends_well()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("skipped: Ctrl-C cannot be sent to a single process here");
        using var folder = new TemporaryFolder();
        bool pressed = false;
        var (exitCode, output) = ChildProcess.Run(ChildProcess.Dotnet, ["exec", Sample, "--output", folder.Path], folder.Path, watch: (line, process) =>
        {
            if (pressed || !line.StartsWith("epoch 1/5, step 8/32", StringComparison.Ordinal)) return;
            pressed = true;
            Process.Start("kill", ["-INT", $"{process}"]).WaitForExit();
        });
        Assert.AreEqual(130, exitCode, output);
        string last = output.Split('\n')[^1], run = folder["resnet8-fast-seed1-arrows"];
        Assert.StartsWith("interrupted after ", last);
        Assert.EndsWith($"to go on: --resume {run}", last);

        string[] lines = ChildProcess.Succeeds(ChildProcess.Dotnet, ["exec", Sample, "--resume", run], folder.Path).Split('\n');
        Assert.StartsWith("ok: test error ", lines[^1]);
        string[] arrows = ["up", "right", "down", "left"];
        CollectionAssert.AreEqual(arrows, lines[^5..^1].Select(line => line.Split(',')[0]).ToArray());
    }
}
