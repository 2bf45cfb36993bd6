using CudnnResNet.Model;

namespace CudnnResNet.GpuCheck.Checks;

/// <summary>Images a second of training ResNet-20 with batches of 128: eagerly and as a graph, in each precision.</summary>
internal static class SpeedCheck
{
    private const int Steps = 200, WarmUpSteps = 20, BatchSize = 128, EmulatedBatchSize = 4;

    public static bool Run(StageContext stage)
    {
        var subject = Subject.Find(stage.Device);
        (string Name, DeviceOptions Device)[] ways = stage.Device.Kind == DeviceKind.Cuda
            ?
            [
                .. from precision in subject.Precisions
                   from graph in new[] { false, true }
                   select ($"{precision.ToString().ToLowerInvariant()}, {(graph ? "graph" : "eager")}", stage.Device with { Precision = precision, Graph = graph }),
            ]
            : [("fp32", stage.Device)];
        stage.Line($"| way | steps | ms a step | images/s |\n|---|---|---|---|");
        for (int i = 0; i < ways.Length; i++)
        {
            var time = stage.Part(ways.Length - i);
            using var run = new TrainingSteps(ways[i].Device, subject.IsEmulated ? EmulatedBatchSize : BatchSize);
            if (subject.IsEmulated)
            {
                var (emulated, _) = run.Run(WarmUpSteps, time / 2);
                stage.Line($"| {ways[i].Name} | {emulated} | an emulator | has none |");
                continue;
            }
            run.Run(WarmUpSteps, time / 3);
            var (steps, seconds) = run.Run(Steps, time / 2);
            stage.Line($"| {ways[i].Name} | {steps} | {seconds / steps * 1e3:F3} | {steps * BatchSize / seconds:F0} |");
        }
        return true;
    }
}
