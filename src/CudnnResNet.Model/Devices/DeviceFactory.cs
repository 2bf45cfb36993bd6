using CudnnResNet.Native.Loading;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices;

/// <summary>The one place that decides which device computes.</summary>
internal static class DeviceFactory
{
    /// <summary>Opens the device for one network.</summary>
    /// <exception cref="DeviceUnavailableException">It was asked for by name and is not usable.</exception>
    /// <exception cref="InvalidSettingException">It lacks what the options ask for.</exception>
    public static IDevice Open(DeviceOptions options, NetworkPlan plan)
    {
        DeviceKind kind = options.Kind != DeviceKind.Auto ? options.Kind : CudaSupport.WhyNotAuto() is null ? DeviceKind.Cuda : DeviceKind.Cpu;
        if (kind == DeviceKind.Cuda) return OpenCuda(options, plan);
        if (options.Precision != Precision.Fp32)
            throw new InvalidSettingException($"precision {options.Precision.ToString().ToLowerInvariant()} is the cuda device's; the {kind.ToString().ToLowerInvariant()} device has fp32 only");
        if (options.Autotune) throw new InvalidSettingException($"autotune is the cuda device's; the {kind.ToString().ToLowerInvariant()} device has nothing to choose");
        return kind == DeviceKind.Reference ? new Reference.ReferenceDevice(plan) : Cpu.CpuDevice.Open(plan, options);
    }

    private static Cuda.CudaDevice OpenCuda(DeviceOptions options, NetworkPlan plan)
    {
        if (CudaSupport.WhyNot(options.Ordinal) is { } problem) throw new DeviceUnavailableException($"{problem}; use cpu or auto");
        try
        {
            return new(options, plan);
        }
        catch (Exception error) when (error is NativeException or NativeLibraryNotFoundException or EntryPointNotFoundException)
        {
            // What an inspection cannot see without a context: a GPU that another process has, a library that lacks a function.
            throw new DeviceUnavailableException($"cuda:{options.Ordinal} cannot be used: {error.Message.ReplaceLineEndings(" ")}; use cpu", error);
        }
    }
}
