using CudnnResNet.Model;
using CudnnResNet.Native.Safe;
using CudnnResNet.Training;
using CudnnResNet.Training.Tests.Runs;

namespace CudnnResNet.Soak.Faults;

/// <summary>A random call of driver, cuDNN or cuBLAS fails, on the emulator, with or without graphs.</summary>
/// <param name="breaks">Whether all later calls fail too.</param>
internal sealed class NativeCallFault(bool breaks) : RunFault(breaks ? "native call breaks the context" : "native call fails", options => options with { Device = "cuda", BatchSize = 8, Epochs = 1 })
{
    private long calls;

    public override string? Absent
    {
        get
        {
            Emulator.Offer();
            return Emulator.IsBuilt ? null : "the emulator is not built (Linux x64 with gcc or clang)";
        }
    }

    public override bool CountsMemory => false;

    public override IReadOnlyList<string> Left() => [.. Emulator.Mistakes, .. Emulator.Leaks];

    protected override string? Try(Random random, TrainOptions options, string folder)
    {
        options = options with { NoGraph = random.Next(2) == 0 };
        if (calls == 0)
        {
            Emulator.Start();
            TinyRun.Train(options with { Name = "counted" });
            calls = Emulator.Counters.Calls;
        }
        Emulator.Start();
        Emulator.Interfere(failCall: random.NextInt64(1, calls + 1), breaks: breaks);
        try
        {
            TinyRun.Train(options);
            // What only gives something back may fail in silence.
            if (Undisturbed.Difference(folder) is { } difference) return difference;
        }
        catch (Exception error) when (error is NativeException or EngineException)
        {
        }
        if (Left() is { Count: > 0 }) return null; // counted as leaked
        Emulator.Start();
        return GoOn(folder);
    }
}
