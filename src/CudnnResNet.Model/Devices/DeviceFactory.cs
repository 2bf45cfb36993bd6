namespace CudnnResNet.Model.Devices;

/// <summary>The one place that decides which device computes.</summary>
internal static class DeviceFactory
{
    /// <summary>Opens the device for one network.</summary>
    /// <exception cref="DeviceUnavailableException">It was asked for by name and is not usable.</exception>
    public static IDevice Open(DeviceOptions options, NetworkPlan plan) => options.Kind switch
    {
        DeviceKind.Reference => new Reference.ReferenceDevice(plan),
        DeviceKind.Cuda => throw new DeviceUnavailableException($"{CudaSupport.WhyNot(options.Ordinal)}; use cpu or auto"),
        _ => Cpu.CpuDevice.Open(plan, options),
    };
}
