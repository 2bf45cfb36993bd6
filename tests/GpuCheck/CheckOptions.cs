using System.Globalization;
using CudnnResNet.Model;

namespace CudnnResNet.GpuCheck;

/// <summary>What a process of this program does.</summary>
internal enum CheckMode
{
    /// <summary>Everything, each stage in a process of its own.</summary>
    All,

    /// <summary>One stage; its Markdown goes to stdout.</summary>
    Stage,

    /// <summary>Some training steps and nothing else, for a profiler or a sanitizer to watch.</summary>
    Steps,
}

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    public const int Passed = 0, Failed = 1, Usage = 2;
}

/// <summary>The command line.</summary>
internal sealed record CheckOptions
{
    private const string Usage =
        "usage: gpu-check [--device cuda|cuda:N|cpu] [--output DIR] [--minutes N] [--only STAGE,STAGE]"
        + " | gpu-check stage NAME [--device D] [--seconds N] | gpu-check steps [--device D] [--steps N] [--batch N] [--precision fp32|tf32] [--no-graph] [--capture A:B]";

    public CheckMode Mode { get; init; }

    /// <summary>The stage of <see cref="CheckMode.Stage"/>.</summary>
    public string StageName { get; init; } = "";

    /// <summary>What is checked.</summary>
    public DeviceOptions Device { get; init; } = new() { Kind = DeviceKind.Cuda };

    /// <summary>The device as it was typed.</summary>
    public string DeviceText { get; init; } = "cuda";

    /// <summary>Where the report is written.</summary>
    public string Output { get; init; } = "docs/gpu-runs";

    /// <summary>How long everything may take.</summary>
    public double Minutes { get; init; } = 8;

    /// <summary>The stages to run; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>How long a stage may take; it ends by itself before.</summary>
    public double Seconds { get; init; } = 60;

    /// <summary>Training steps of <see cref="CheckMode.Steps"/>.</summary>
    public int Steps { get; init; } = 20;

    /// <summary>Images of such a step.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Steps of which cuProfilerStart and cuProfilerStop tell a profiler.</summary>
    public StepRange? Capture { get; init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="InvalidSettingException">It is not one of the three forms.</exception>
    public static CheckOptions Parse(string[] args)
    {
        var options = new CheckOptions();
        var words = new Queue<string>(args);
        if (words.TryPeek(out string? first) && !first.StartsWith('-'))
        {
            words.Dequeue();
            options = first switch
            {
                "stage" => options with { Mode = CheckMode.Stage, StageName = Next(words, first) },
                "steps" => options with { Mode = CheckMode.Steps },
                _ => throw Wrong(first),
            };
        }
        while (words.TryDequeue(out string? name))
        {
            options = name switch
            {
                "--device" => options.On(Next(words, name)),
                "--output" => options with { Output = Next(words, name) },
                "--minutes" => options with { Minutes = Number(words, name, 0.05, 60) },
                "--only" => options with { Only = [.. Next(words, name).Split(',').Select(Stages.RequireName)] },
                "--seconds" => options with { Seconds = Number(words, name, 1, 3600) },
                "--steps" => options with { Steps = (int)Number(words, name, 1, 1_000_000) },
                "--batch" => options with { BatchSize = (int)Number(words, name, 1, NetworkOptions.MaxBatchSize) },
                "--precision" => options with { Device = options.Device with { Precision = PrecisionOf(Next(words, name)) } },
                "--no-graph" => options with { Device = options.Device with { Graph = false } },
                "--capture" => options with { Capture = RangeOf(Next(words, name)) },
                _ => throw Wrong(name),
            };
        }
        return options;
    }

    // Precision and graph that were typed before stay.
    private CheckOptions On(string device)
    {
        var parsed = DeviceOptions.Parse(device);
        if (parsed.Kind is not (DeviceKind.Cuda or DeviceKind.Cpu)) throw new InvalidSettingException($"--device {device} is not one of cuda, cuda:N, cpu");
        return this with { Device = Device with { Kind = parsed.Kind, Ordinal = parsed.Ordinal }, DeviceText = device };
    }

    private static string Next(Queue<string> words, string name) => words.TryDequeue(out string? value) ? value : throw new InvalidSettingException($"{name} needs a value; {Usage}");

    private static double Number(Queue<string> words, string name, double low, double high)
    {
        string text = Next(words, name);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= low && value <= high
            ? value
            : throw new InvalidSettingException(FormattableString.Invariant($"{name} {text} is not within {low}..{high}"));
    }

    private static Precision PrecisionOf(string text) =>
        Enum.TryParse(text, ignoreCase: true, out Precision precision) ? precision : throw new InvalidSettingException($"--precision {text} is not one of fp32, tf32");

    private static StepRange RangeOf(string text) =>
        text.Split(':') is [var a, var b] && long.TryParse(a, out long first) && long.TryParse(b, out long last)
            ? new(first, last)
            : throw new InvalidSettingException($"--capture {text} is not FIRST:LAST");

    private static InvalidSettingException Wrong(string word) => new($"unknown word {word}; {Usage}");
}
