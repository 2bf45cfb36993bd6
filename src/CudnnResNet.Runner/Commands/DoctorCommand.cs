using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Settings;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Commands;

/// <summary>What this machine has, what was chosen and why, and the next command to type.</summary>
internal sealed class DoctorCommand() : RunnerCommand("doctor", "Show what this machine has, what is missing, and the next command to type",
    """
    doctor
    doctor --json
    """,
    CommonSettings.Data)
{
    protected override int Run(SettingReader settings, Report report)
    {
        var found = new JsonObject();
        void Say(string name, string text)
        {
            report.Field(name, text);
            found[name.Replace(' ', '_')] = text;
        }

        Say("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}");
        Say("dotnet", RuntimeInformation.FrameworkDescription);
        Say("processor", $"{Machine.Processor()}, {Environment.ProcessorCount} logical processor{(Environment.ProcessorCount == 1 ? "" : "s")} for this process");
        Say("memory", Words.Text($"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:F1} GB for this process"));
        Say("cpu", DeviceLine.Describe(new() { Kind = DeviceKind.Cpu }));
        using (var network = new ResNet(new(Model.Architecture.ResNet, 20), new() { Device = new() { Kind = DeviceKind.Cpu }, BatchSize = 1, Training = false }))
            found["kernels"] = KernelLines.Write(network, report);
        found["cuda_details"] = CudaLines.Write(Say, report);
        Say("ptx", $"ISA {CudaKernels.Isa} for {CudaKernels.Target} and later, by {CudaKernels.Compiler}; compilers here: nvcc {Machine.Find("nvcc") ?? "not found"}, clang-19 {Machine.Find("clang-19") ?? "not found"}");

        var places = DataLocator.Places(new() { Folder = settings.TryGet(CommonSettings.Data, out string folder) ? folder : null });
        for (int i = 0; i < places.Count; i++) Say($"data {i + 1}", $"{places[i].Name}: {places[i].Problem ?? $"CIFAR-10, {places[i].Folder}"}");
        bool data = places.Any(place => place.Problem is null);

        string next = data ? $"{ProgramName.Typed} --depth 20" : DataSource.HowToGet;
        report.Line();
        string device = CudaSupport.WhyNotAuto() is null ? "cuda" : "cpu only";
        report.Result(data ? $"READY ({device}), with CIFAR-10" : $"READY ({device}), without CIFAR-10: training would use SYNTHETIC images, or download");
        report.Field("next", next);
        found["ready"] = true;
        found["cifar10"] = data;
        found["next"] = next;
        report.Record("doctor", found);
        return ExitCode.Done;
    }
}
