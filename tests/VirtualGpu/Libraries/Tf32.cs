namespace CudnnResNet.VirtualGpu.Libraries;

/// <summary>The numbers that TF32 units multiply: 32-bit floats with 10 bits of mantissa instead of 23, rounded to the nearest.</summary>
internal static class Tf32
{
    private const uint Half = 1u << 12;
    private const uint Kept = ~((1u << 13) - 1);

    /// <summary>Rounds; halves go away from zero, and what is not finite stays.</summary>
    public static float Round(float value) => float.IsFinite(value) ? BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(value) + Half) & Kept) : value;
}
