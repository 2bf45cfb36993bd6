using CudnnResNet.Training;
using CudnnResNet.Training.Tests.Runs;

namespace CudnnResNet.Soak.Faults;

/// <summary>A kernel throws on a random thread of the cpu device, in a random layer and direction, in training or evaluation.</summary>
internal sealed class WorkerFault() : RunFault("worker thread throws")
{
    protected override string? Try(Random random, TrainOptions options, string folder)
    {
        FaultyWorkers device = null!;
        try
        {
            using var trainer = Trainer.StartWith(options, TinyRun.Data, FaultyWorkers.Networks(made => device = made));
            trainer.Run(AtSomeStep(random, () => device.Fault = (device.Layers[random.Next(device.Layers.Count)], random.Next(2) == 0, random.Next(-1, options.Threads))));
            return "the run did not notice";
        }
        catch (FaultyWorkers.KernelException)
        {
            return GoOn(folder);
        }
    }
}
