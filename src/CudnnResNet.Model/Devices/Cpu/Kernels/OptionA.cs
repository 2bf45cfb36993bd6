namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>
/// Option A's shortcut of one image: every second pixel of s, its channels from <see cref="ConvNormSpec.ShortcutOffset"/> on, zeros
/// elsewhere. Only two units of a network have one, so plain loops do; centred padding even splits channel blocks in half.
/// </summary>
internal static unsafe class OptionA
{
    /// <summary>gathered (K/16, H, W, 16) from s (C/16, 2H, 2W, 16).</summary>
    public static void Forward(ConvNormSpec spec, float* s, float* gathered)
    {
        new Span<float>(gathered, spec.Y.Size).Clear();
        for (int c = 0; c < spec.S.C; c++)
            for (int h = 0; h < spec.Y.H; h++)
                for (int w = 0; w < spec.Y.W; w++)
                    gathered[Target(spec, c, h, w)] = s[Source(spec, c, h, w)];
    }

    /// <summary>dx += ds: the copied channels of the masked dy go back to every second pixel.</summary>
    public static void AddBackward(ConvNormSpec spec, float* maskedDy, float* dx)
    {
        for (int c = 0; c < spec.S.C; c++)
            for (int h = 0; h < spec.Y.H; h++)
                for (int w = 0; w < spec.Y.W; w++)
                    dx[Source(spec, c, h, w)] += maskedDy[Target(spec, c, h, w)];
    }

    private static int Source(ConvNormSpec spec, int c, int h, int w) => Blocked.Element(spec.S, c, 2 * h * spec.S.W + 2 * w);

    private static int Target(ConvNormSpec spec, int c, int h, int w) => Blocked.Element(spec.Y, spec.ShortcutOffset + c, h * spec.Y.W + w);
}
