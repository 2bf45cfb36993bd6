using CudnnResNet.Model;

namespace CudnnResNet.GpuCheck.Checks;

/// <summary>The program's steps under compute-sanitizer, Nsight Systems and Nsight Compute, as far as the machine has them.</summary>
internal static class ToolsCheck
{
    private const int MostLines = 60;

    // What follows the tool's name; the program with its steps follows that.
    private static readonly (string Tool, string[] Words, string[] Steps)[] Tools =
    [
        ("compute-sanitizer", ["--tool", "memcheck", "--error-exitcode", "9"], ["--steps", "2", "--batch", "8"]),
        ("compute-sanitizer", ["--tool", "initcheck", "--error-exitcode", "9"], ["--steps", "2", "--batch", "8", "--no-graph"]),
        ("compute-sanitizer", ["--tool", "racecheck", "--error-exitcode", "9"], ["--steps", "1", "--batch", "8", "--no-graph"]),
        ("nsys", ["profile", "-t", "cuda,nvtx", "--cuda-graph-trace=node", "--stats=true", "--force-overwrite=true", "-o", "/tmp/gpu-check-graph"], ["--steps", "50"]),
        ("nsys", ["profile", "-t", "cuda,nvtx", "--capture-range=cudaProfilerApi", "--capture-range-end=stop", "--stats=true", "--force-overwrite=true", "-o", "/tmp/gpu-check-layers"],
            ["--steps", "20", "--capture", "10:12"]),
        ("ncu", ["--launch-skip", "200", "--launch-count", "30", "--clock-control", "none"], ["--steps", "3", "--no-graph"]),
    ];

    public static bool Run(StageContext stage)
    {
        bool passed = true;
        for (int i = 0; i < Tools.Length; i++)
        {
            var (tool, words, steps) = Tools[i];
            string command = $"{tool} {string.Join(' ', words)} gpu-check steps {string.Join(' ', steps)}";
            if (stage.Device.Kind != DeviceKind.Cuda) stage.Line($"- `{command}`: not run, since the device is not cuda");
            else if (Find(tool) is not { } path) stage.Line($"- `{command}`: not run, since there is no {tool} here");
            else passed &= Run(stage, path, command, [.. words, .. ChildProcess.Self, "steps", "--device", stage.Options.DeviceText, .. steps], stage.Part(Tools.Length - i));
        }
        return passed;
    }

    private static bool Run(StageContext stage, string path, string command, string[] words, TimeSpan time)
    {
        if (time < TimeSpan.FromSeconds(1))
        {
            stage.Line($"- `{command}`: left out for want of time");
            return true;
        }
        var (code, text) = ChildProcess.Run([path], words, time.TotalSeconds);
        // A tool that is slow, or may not read the counters here, says nothing about the program; an error that it found does.
        bool passed = code is null or 0 || Path.GetFileName(path) != "compute-sanitizer";
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string end = code is { } number ? $"exit code {number}" : "ended, since its time was over";
        stage.Line($"- `{command}`: {(passed ? end : $"**{end}**")}, {lines.Length} lines, the last of which are\n\n```\n{string.Join('\n', lines.TakeLast(MostLines))}\n```\n");
        return passed;
    }

    private static string? Find(string tool)
    {
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries), "/usr/local/cuda/bin", "/opt/nvidia/nsight-systems/bin"];
        return folders.Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
    }
}
