using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.GpuCheck;

/// <summary>What is checked.</summary>
/// <param name="Title">The report's first line.</param>
/// <param name="Slug">For the file's name.</param>
internal sealed record Subject(string Title, string Slug)
{
    private static readonly CudaVersion Ampere = new(8, 0);

    /// <summary>What a reader must not overlook, or null.</summary>
    public string? Warning { get; private init; }

    /// <summary>Whether an emulator plays the GPU.</summary>
    public bool IsEmulated { get; private init; }

    /// <summary>What it multiplies with.</summary>
    public IReadOnlyList<Precision> Precisions { get; private init; } = [Precision.Fp32];

    /// <summary>Looks what there is.</summary>
    public static Subject Find(DeviceOptions device)
    {
        if (device.Kind == DeviceKind.Cpu) return new("GPU check, exercised on the CPU: no GPU has run", "cpu") { Warning = "This shows that the check works. It says nothing about a GPU." };
        var found = CudaSupport.Inspect().Devices;
        if (device.Ordinal >= found.Count) return new($"GPU check: there is no cuda:{device.Ordinal}", "no-gpu");
        var gpu = found[device.Ordinal];
        IReadOnlyList<Precision> precisions = gpu.ComputeCapability < Ampere ? [Precision.Fp32] : [Precision.Fp32, Precision.Tf32];
        return gpu.IsEmulator
            ? new("GPU check on the EMULATOR: no GPU has run", "emulator")
            {
                Warning = "An emulator, not hardware, has computed this. Its times say nothing about a GPU.",
                IsEmulated = true,
                Precisions = precisions,
            }
            : new($"GPU check: {gpu.Name}", SlugOf(gpu.Name)) { Precisions = precisions };
    }

    private static string SlugOf(string name) =>
        string.Join('-', new string([.. name.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
