using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>A device under test.</summary>
/// <param name="Name">For people: the device, and the algorithm where it has several.</param>
/// <param name="Options">Opens it.</param>
/// <param name="SameAs">Settings that must give the same bytes.</param>
internal sealed record TestDevice(string Name, DeviceOptions Options, IReadOnlyList<DeviceOptions> SameAs)
{
    public override string ToString() => Name;
}

/// <summary>The one list of devices that are compared with Reference: the cpu device once for each of its convolutions.</summary>
internal static class TestDevices
{
    /// <summary>What the others are compared with.</summary>
    public static readonly TestDevice Reference = new("reference", new() { Kind = DeviceKind.Reference }, []);

    private static readonly TestDevice[] All = [Cpu("direct"), Cpu("winograd"), new("cuda", new() { Kind = DeviceKind.Cuda }, [])];

    /// <summary>Those that this machine has.</summary>
    public static IReadOnlyList<TestDevice> Available { get; } = [.. All.Where(device => WhyMissing(device.Options) is null)];

    /// <summary>The others, with the reason.</summary>
    public static IReadOnlyList<string> Missing { get; } =
        [.. All.Select(device => (device.Name, Why: WhyMissing(device.Options))).Where(entry => entry.Why is not null).Select(entry => $"{entry.Name}: {entry.Why}")];

    /// <summary>Rows for a test of every device.</summary>
    public static IEnumerable<object[]> Rows => Available.Select(device => new object[] { device.Name });

    /// <summary>Rows for a test of every device and of Reference too.</summary>
    public static IEnumerable<object[]> RowsWithReference => Rows.Append([Reference.Name]);

    /// <summary>The device of a row.</summary>
    public static TestDevice Find(string name) => Available.Append(Reference).Single(device => device.Name == name);

    /// <summary>
    /// Two threads for the comparison; one, an odd number and more than this machine may have give the same bytes. So do narrower
    /// registers: every kernel is written once, with the same order of sums and the same fused multiplications for each width.
    /// </summary>
    private static TestDevice Cpu(string convolution)
    {
        var two = Threads(2);
        var narrower = new[] { "avx2", "vector128" }.Select(isa => two with { CpuIsa = isa }).Where(options => WhyMissing(options) is null);
        return new($"cpu-{convolution}", two, [Threads(1), Threads(3), Threads(5), .. narrower]);

        DeviceOptions Threads(int count) => new() { Kind = DeviceKind.Cpu, Threads = count, CpuConvolution = convolution };
    }

    private static string? WhyMissing(DeviceOptions options)
    {
        try
        {
            var shape = new Shape(16, 4, 4);
            using var opened = DeviceFactory.Open(options, new([new("conv", "bn", shape, shape, 1)], null, 1, Training: true));
            return null;
        }
        catch (DeviceUnavailableException missing)
        {
            return missing.Message;
        }
    }
}
