using System.Runtime.InteropServices;
using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Native.Loading;

namespace CudnnResNet.GpuCheck.Checks;

/// <summary>What the machine has, and whether the device can be opened.</summary>
internal static class MachineCheck
{
    public static bool Run(StageContext stage)
    {
        stage.Line($"- {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors, .NET {Environment.Version}");
        if (stage.Device.Kind == DeviceKind.Cuda) WriteCuda(stage);
        using var smallest = new ResNet(new(Model.Architecture.ResNet, ArchitectureSpec.MinDepth), new() { Device = stage.Device, BatchSize = 1, Training = false });
        stage.Line($"- device: {smallest.DeviceDescription}");
        return true;
    }

    private static void WriteCuda(StageContext stage)
    {
        var cuda = CudaSupport.Inspect();
        stage.Line($"- driver: {(cuda.DriverVersion is { } driver ? $"runs CUDA up to {driver}" : "not found")}, {cuda.FileOf(NativeLibraryKind.Driver)}");
        foreach (var gpu in cuda.Devices) stage.Line($"- GPU {gpu.Ordinal}: {gpu}");
        stage.Line($"- cuDNN: {(cuda.CudnnVersion is { } version ? $"{version} for CUDA {cuda.CudnnCudaVersion}" : "not found")}, {cuda.FileOf(NativeLibraryKind.Cudnn)}");
        stage.Line($"- cuBLAS: {cuda.FileOf(NativeLibraryKind.Cublas) ?? "not found"}");
        foreach (var problem in cuda.Problems) stage.Line($"- **problem**: {problem}");
        foreach (string note in cuda.Notes) stage.Line($"- note: {note}");
        if (cuda.Problems.Count == 0) return;
        stage.Line($"\nLooked for at:\n");
        foreach (var attempt in cuda.Report.Attempts) stage.Line($"- {attempt}");
        stage.Line($"");
    }
}
