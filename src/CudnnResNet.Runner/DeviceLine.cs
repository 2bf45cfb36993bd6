using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Runner.Output;

namespace CudnnResNet.Runner;

/// <summary>The first line of every run: what computes, and why that.</summary>
internal static class DeviceLine
{
    /// <summary>Opens the device for a moment, so that one that cannot be used is an error before anything else is done.</summary>
    /// <exception cref="DeviceUnavailableException">It is not usable on this machine.</exception>
    public static string Describe(DeviceOptions device)
    {
        using var smallest = new ResNet(new(Architecture.ResNet, ArchitectureSpec.MinDepth), new() { Device = device, BatchSize = 1, Training = false });
        string why = device.Kind == DeviceKind.Auto && CudaSupport.WhyNotAuto() is { } problem ? $" (no usable CUDA: {problem})" : "";
        return smallest.DeviceDescription + why;
    }

    /// <summary>Writes the line.</summary>
    public static void Write(DeviceOptions device, Report report)
    {
        string text = Describe(device);
        report.Field("device", text);
        report.Record("device", new() { ["description"] = text });
    }
}
