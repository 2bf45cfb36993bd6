using System.Globalization;
using CudnnResNet.Model;

namespace CudnnResNet.Fuzz;

/// <summary>What the command line says.</summary>
internal sealed record FuzzOptions
{
    /// <summary>What to type.</summary>
    public const string Usage = """
        Coverage-guided fuzzing of every reader of files.
          fuzz TARGET|all [--seconds N | --executions N] [--seed N] [--corpus DIR]
        --seconds N     time in all, shared by the targets (default 60)
        --executions N  files to read, for each target; with a seed and an empty corpus the same every time
        --seed N        whole number (default 1)
        --corpus DIR    inputs, findings and totals; a later run goes on from them (default artifacts/fuzz)
        """;

    /// <summary>What to do: <c>all</c>, a target's name, and for the processes that this one starts <see cref="FuzzHere"/> or <see cref="ReplayHere"/>.</summary>
    public required string Target { get; init; }

    /// <summary>Fuzz in this process, which is an instrumented copy.</summary>
    public bool FuzzHere { get; init; }

    /// <summary>Read the corpus once in this process, which is a copy that counts lines, and write the map.</summary>
    public bool ReplayHere { get; init; }

    /// <summary>Time for all targets together; null where executions decide.</summary>
    public double? Seconds { get; init; }

    /// <summary>Files to read for each target; null where time decides.</summary>
    public long? Executions { get; init; }

    /// <summary>Decides what chance decides.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Where inputs and findings are.</summary>
    public string Corpus { get; init; } = Repository.At("artifacts", "fuzz");

    /// <summary>The file in which a process that this one started says how far it is, or writes its map.</summary>
    public string? Result { get; init; }

    /// <summary>Reads a command line.</summary>
    /// <exception cref="InvalidSettingException">It cannot be read.</exception>
    public static FuzzOptions Parse(string[] args)
    {
        if (args.Length == 0) throw new InvalidSettingException("no target is given");
        var options = new FuzzOptions { Target = args[0] };
        for (int i = 1; i < args.Length; i++)
        {
            string name = args[i];
            options = name switch
            {
                "--fuzz-here" => options with { FuzzHere = true },
                "--replay-here" => options with { ReplayHere = true },
                "--seconds" => options with { Seconds = Number<double>(name, Value()) },
                "--executions" => options with { Executions = Number<long>(name, Value()) },
                "--seed" => options with { Seed = Number<int>(name, Value()) },
                "--corpus" => options with { Corpus = Value() },
                "--result" => options with { Result = Value() },
                _ => throw new InvalidSettingException($"unknown option '{name}'"),
            };

            string Value() => ++i < args.Length ? args[i] : throw new InvalidSettingException($"{name} needs a value");
        }
        _ = Targets.AllTargets.Named(options.Target);
        if (options is { Seconds: not null, Executions: not null, FuzzHere: false }) throw new InvalidSettingException("--seconds and --executions do not go together");
        return options is { Seconds: null, Executions: null } ? options with { Seconds = 60 } : options;
    }

    private static T Number<T>(string name, string text) where T : struct, System.Numerics.INumber<T> =>
        T.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out T value) && value >= T.Zero ? value : throw new InvalidSettingException($"{name} '{text}' is not a number from 0");
}
