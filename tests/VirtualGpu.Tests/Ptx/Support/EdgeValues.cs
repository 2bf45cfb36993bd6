namespace CudnnResNet.VirtualGpu.Tests.Ptx.Support;

/// <summary>Values at which instructions go wrong, as bits.</summary>
internal static class EdgeValues
{
    /// <summary>Of a type such as <c>s32</c>, <c>f64</c> or <c>pred</c>.</summary>
    public static ulong[] Of(string type) => type switch
    {
        "pred" => [0, 1],
        "f32" => [.. floats.Select(value => (ulong)BitConverter.SingleToUInt32Bits(value)), 0x7FC0_1234, 0xFFFF_FFFF],
        "f64" => [.. doubles.Select(BitConverter.DoubleToUInt64Bits), 0x7FF8_0000_0000_1234, ulong.MaxValue],
        _ => Whole(Bits(type)),
    };

    /// <summary>Bits of a type.</summary>
    public static int Bits(string type) => type == "pred" ? 1 : int.Parse(type[1..], System.Globalization.CultureInfo.InvariantCulture);

    private static readonly float[] floats =
    [
        0f, -0f, 1, -1, 1.5f, -3, 0.1f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, float.Epsilon,
        -float.Epsilon, 1.17549435e-38f, 1.1754942e-38f, 1.0000001f, 16777217f, float.Pi, 1e-30f, 1e30f, -708,
    ];

    private static readonly double[] doubles =
    [
        0d, -0d, 1, -1, 1.5, -3, 0.1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.MinValue, double.Epsilon,
        -double.Epsilon, 2.2250738585072014e-308, 2.225073858507201e-308, 1.0000000000000002, 9007199254740993d, double.Pi, 1e-300, 1e300, 1e39,
        // Halfway between two floats, and just beyond the largest.
        1.00000005960464477539, 3.4028235677973366e38, 1e-46,
    ];

    private static ulong[] Whole(int bits)
    {
        ulong all = ulong.MaxValue >> (64 - bits), sign = 1UL << (bits - 1);
        return [.. new ulong[]
        {
            0, 1, 2, 3, 7, 15, 16, 17, 31, 32, 33, 63, 64, 100, 255, all, all - 1, sign, sign - 1, sign + 1, 0x5555_5555_5555_5555, 0xAAAA_AAAA_AAAA_AAAA,
            0x9E37_79B9_7F4A_7C15, 0xBB67_AE85_84CA_A73B,
        }.Select(value => value & all)];
    }
}
