using CudnnResNet.Model;
using CudnnResNet.Training;
using CudnnResNet.Training.Tests.Runs;

namespace CudnnResNet.Soak.Faults;

/// <summary>A trainer is made, trains and is disposed of, or is disposed of in the middle.</summary>
internal sealed class CycleFault() : RunFault("create and dispose a trainer")
{
    protected override string? Try(Random random, TrainOptions options, string folder)
    {
        if (random.Next(2) == 0)
        {
            TinyRun.Train(options);
            return Undisturbed.Difference(folder);
        }
        var trainer = Trainer.Start(options, TinyRun.Data);
        var result = trainer.Run(AtSomeStep(random, trainer.Dispose));
        trainer.Dispose();
        return result.Interrupted ? GoOn(folder) : Undisturbed.Difference(folder);
    }
}

/// <summary>Two trainers in this process at once.</summary>
internal sealed class TwoTrainersFault() : RunFault("two trainers at once")
{
    protected override string? Try(Random random, TrainOptions options, string folder)
    {
        // The other one has another seed, network and pace.
        var other = options with { Seed = 5, Depth = 14, Threads = random.Next(1, 5), Name = "other", CheckpointEvery = random.Next(0, 3) };
        var beside = Task.Factory.StartNew(() => TinyRun.Train(other), TaskCreationOptions.LongRunning);
        TinyRun.Train(options);
        beside.Wait();
        return Undisturbed.Difference(folder);
    }
}

/// <summary>Eight threads ask one model at once.</summary>
internal sealed class ConcurrentInferenceFault() : Fault("8-thread inference")
{
    private const int Threads = 8, ImageSize = 3 * 32 * 32, MostImages = 12;

    public override string? Try(Random random)
    {
        var architecture = new ArchitectureSpec(Architecture.ResNet, 8);
        using var network = new ResNet(architecture, new() { Device = DeviceOptions.Parse("cpu"), Training = false, Seed = (ulong)random.Next() });
        using var predictor = new Predictor(network, new() { Device = DeviceOptions.Parse("cpu") with { Threads = random.Next(1, 5) }, BatchSize = random.Next(1, 9), Concurrency = random.Next(1, Threads + 1) });
        byte[][] questions = [.. Enumerable.Range(0, 2 * Threads).Select(_ =>
        {
            var pixels = new byte[random.Next(1, MostImages) * ImageSize];
            random.NextBytes(pixels);
            return pixels;
        })];
        float[][] serial = [.. questions.Select(pixels => predictor.Logits(pixels).ToArray())];
        int wrong = 0;
        var threads = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            for (int i = 0; i < questions.Length; i++)
            {
                int question = (i + number) % questions.Length;
                if (!predictor.Logits(questions[question]).ToArray().AsSpan().SequenceEqual(serial[question])) Interlocked.Increment(ref wrong);
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return wrong == 0 ? null : $"{wrong} of {Threads * questions.Length} answers have other bytes than those of one thread";
    }
}
