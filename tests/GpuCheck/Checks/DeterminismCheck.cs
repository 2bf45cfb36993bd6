using CudnnResNet.Model;

namespace CudnnResNet.GpuCheck.Checks;

/// <summary>The same bytes from the same steps: twice, and on cuda with and without the graph of a step, in each precision.</summary>
internal static class DeterminismCheck
{
    private const int Steps = 20;

    public static bool Run(StageContext stage)
    {
        bool isCuda = stage.Device.Kind == DeviceKind.Cuda, passed = true;
        var precisions = Subject.Find(stage.Device).Precisions;
        // So few images that an emulator gets through, and not a whole number of anything.
        const int batchSize = 24;
        for (int i = 0; i < precisions.Count; i++)
        {
            var device = stage.Device with { Precision = precisions[i] };
            using var first = new TrainingSteps(device, batchSize);
            int steps = first.Run(Steps, stage.Part(4 * (precisions.Count - i))).Steps;
            string hash = Hash(first);
            stage.Line($"- {precisions[i].ToString().ToLowerInvariant()}: {steps} steps of {batchSize} images, weights `{hash[..16]}`");
            passed &= Same(stage, "again", device, batchSize, steps, hash);
            if (isCuda) passed &= Same(stage, "without graphs", device with { Graph = false }, batchSize, steps, hash);
        }
        return passed;
    }

    private static bool Same(StageContext stage, string what, DeviceOptions device, int batchSize, int steps, string expected)
    {
        using var run = new TrainingSteps(device, batchSize);
        run.Run(steps, TimeSpan.MaxValue);
        bool same = Hash(run) == expected;
        stage.Line($"  - {what}: {(same ? "the same bytes" : "**other bytes**")}");
        return same;
    }

    private static string Hash(TrainingSteps run) => run.Network.State().Sha256() + run.Network.Momentum().Sha256();
}
