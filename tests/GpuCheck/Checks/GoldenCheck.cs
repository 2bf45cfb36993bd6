using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Reference;
using CudnnResNet.Model.Tests;
using CudnnResNet.Model.Tests.Golden;

namespace CudnnResNet.GpuCheck.Checks;

/// <summary>Two whole training steps of small networks: Reference keeps the losses it has always had, and the device agrees with it in every tensor.</summary>
internal static class GoldenCheck
{
    private const double LossTolerance = 1e-9;

    public static bool Run(StageContext stage)
    {
        bool passed = true;
        foreach (var row in SmallGoldenLosses.All)
        {
            string name = $"{row.Network.Name} {row.Network.Shortcut}";
            if (stage.IsLate)
            {
                stage.Line($"- {name}: left out for want of time");
                continue;
            }
            try
            {
                using (var reference = GoldenRun.OfSeed(row.Network, plan => new ReferenceDevice(plan)))
                {
                    Difference.AssertRelativeL2("Reference's first loss", [reference.Step()], [row.First], LossTolerance);
                    Difference.AssertRelativeL2("Reference's second loss", [reference.Step()], [row.Second], LossTolerance);
                }
                var tolerances = row.Network.Architecture == Architecture.Plain ? GoldenTolerances.Plain : GoldenTolerances.ResNet;
                using var runs = new AlignedRuns(open => GoldenRun.OfSeed(row.Network, open), plan => DeviceFactory.Open(stage.Device, plan), tolerances);
                runs.CompareInference();
                stage.Line($"- {name}: {runs.Step().Report}");
                stage.Line($"- {name}: {runs.Step().Report}");
            }
            catch (BreachException breach)
            {
                stage.Line($"- **{name}**: {breach.Message}");
                passed = false;
            }
        }
        return passed;
    }
}
