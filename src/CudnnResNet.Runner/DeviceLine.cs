using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Runner.Output;

namespace CudnnResNet.Runner;

/// <summary>The first line of every run: what computes, and why that.</summary>
internal static class DeviceLine
{
    /// <summary>Opens the device for a moment, so that one that cannot be used is an error before anything else is done.</summary>
    /// <param name="device">What was asked for.</param>
    /// <param name="captured">Steps of --cuda-profiler-range, which not every device can have.</param>
    /// <exception cref="DeviceUnavailableException">It is not usable on this machine.</exception>
    public static string Describe(DeviceOptions device, StepRange? captured = null)
    {
        using var smallest = new ResNet(new(Architecture.ResNet, ArchitectureSpec.MinDepth), new() { Device = device, BatchSize = 1, Training = false, CudaProfilerRange = captured });
        string why = device.Kind == DeviceKind.Auto && CudaSupport.WhyNotAuto() is { } problem ? $" (no usable CUDA: {problem})" : "";
        return smallest.DeviceDescription + why;
    }

    /// <summary>Writes the line.</summary>
    public static void Write(DeviceOptions device, Report report, StepRange? captured = null)
    {
        string text = Describe(device, captured);
        report.Field("device", text);
        report.Record("device", new() { ["description"] = text });
    }
}
