using CudnnResNet.Model;
using CudnnResNet.Model.Devices;

namespace CudnnResNet.GpuCheck;

/// <summary>What is checked, for the report's name and head.</summary>
/// <param name="Title">The report's first line.</param>
/// <param name="Slug">For the file's name.</param>
/// <param name="Warning">What a reader must not overlook, or null.</param>
internal sealed record Subject(string Title, string Slug, string? Warning)
{
    /// <summary>Looks what there is.</summary>
    public static Subject Find(DeviceOptions device)
    {
        if (device.Kind == DeviceKind.Cpu) return new("GPU check, exercised on the CPU: no GPU has run", "cpu", "This shows that the check works. It says nothing about a GPU.");
        var found = CudaSupport.Inspect().Devices;
        if (device.Ordinal >= found.Count) return new($"GPU check: there is no cuda:{device.Ordinal}", "no-gpu", null);
        var gpu = found[device.Ordinal];
        return gpu.IsEmulator
            ? new("GPU check on the EMULATOR: no GPU has run", "emulator", "An emulator, not hardware, has computed this. Its times say nothing about a GPU.")
            : new($"GPU check: {gpu.Name}", SlugOf(gpu.Name), null);
    }

    private static string SlugOf(string name) =>
        string.Join('-', new string([.. name.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
