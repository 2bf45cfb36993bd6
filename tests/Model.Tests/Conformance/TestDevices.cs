using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>A device under test.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Options">Opens it.</param>
/// <param name="SameAs">Settings that must give the same bytes.</param>
internal sealed record TestDevice(string Name, DeviceOptions Options, IReadOnlyList<DeviceOptions> SameAs)
{
    public override string ToString() => Name;
}

/// <summary>The one list of devices that are compared with Reference.</summary>
internal static class TestDevices
{
    private static readonly TestDevice[] All =
    [
        // Two threads for the comparison; one, an odd number and more than this machine may have give the same bytes. So do narrower
        // registers: every kernel is written once, with the same order of sums and the same fused multiplications for each width.
        new("cpu", Cpu(2), [Cpu(1), Cpu(3), Cpu(5), .. new[] { Cpu(2) with { CpuIsa = "avx2" }, Cpu(2) with { CpuIsa = "vector128" } }.Where(IsUsable)]),
        new("cuda", new() { Kind = DeviceKind.Cuda }, []),
    ];

    /// <summary>Those that this machine has.</summary>
    public static IReadOnlyList<TestDevice> Available { get; } = [.. All.Where(device => WhyMissing(device) is null)];

    /// <summary>Those, and the same devices with other algorithms, whose rounding is larger but within the table's tolerances.</summary>
    public static IReadOnlyList<TestDevice> WithVariants { get; } =
        [.. Available, new("cpu-winograd", Winograd(2), [Winograd(1), Winograd(3), .. new[] { Winograd(2) with { CpuIsa = "avx2" }, Winograd(2) with { CpuIsa = "vector128" } }.Where(IsUsable)])];

    /// <summary>The others, with the reason.</summary>
    public static IReadOnlyList<string> Missing { get; } =
        [.. All.Select(device => (device.Name, Why: WhyMissing(device))).Where(entry => entry.Why is not null).Select(entry => $"{entry.Name}: {entry.Why}")];

    private static DeviceOptions Cpu(int threads) => new() { Kind = DeviceKind.Cpu, Threads = threads };

    private static DeviceOptions Winograd(int threads) => Cpu(threads) with { CpuConvolution = "winograd" };

    private static bool IsUsable(DeviceOptions options) => WhyMissing(new("", options, [])) is null;

    private static string? WhyMissing(TestDevice device)
    {
        try
        {
            var shape = new Shape(16, 4, 4);
            using var opened = DeviceFactory.Open(device.Options, new([new("conv", "bn", shape, shape, 1)], null, 1, Training: true));
            return null;
        }
        catch (DeviceUnavailableException missing)
        {
            return missing.Message;
        }
    }
}
