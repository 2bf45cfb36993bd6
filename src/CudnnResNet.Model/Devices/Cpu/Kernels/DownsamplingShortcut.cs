using System.Runtime.Intrinsics;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>
/// The shortcut of one image that downsamples: the pixel phases of s one behind the other, from channel
/// <see cref="ConvNormSpec.ShortcutOffset"/> on, zeros elsewhere. Four channels at a time, because centred padding splits channel blocks
/// in half.
/// </summary>
internal static unsafe class DownsamplingShortcut
{
    private const int Step = 4;

    /// <summary>gathered (K/16, H, W, 16) from s (C/16, 2H, 2W, 16).</summary>
    public static void Forward(ConvNormSpec spec, ImagePlace s, ImagePlace gathered)
    {
        if (spec.ShortcutPhases * spec.S.C < spec.Y.C) new Span<float>(gathered.First, spec.Y.Size).Clear();
        for (int phase = 0; phase < spec.ShortcutPhases; phase++)
        {
            for (int c = 0; c < spec.S.C; c += Step)
            {
                int k = Channel(spec, phase, c);
                for (int h = 0; h < spec.Y.H; h++)
                {
                    float* source = s.Row(c / Blocked.Lanes, 2 * h + phase) + phase * Blocked.Lanes + c % Blocked.Lanes;
                    float* destination = gathered.Row(k / Blocked.Lanes, h) + k % Blocked.Lanes;
                    for (int w = 0; w < spec.Y.W; w++)
                        Vector128.Load(source + w * 2 * Blocked.Lanes).Store(destination + w * Blocked.Lanes);
                }
            }
        }
    }

    /// <summary>dx += ds for some rows of dx: the masked dy goes back to the pixels that were read.</summary>
    /// <param name="rows">Rows of the shortcut's source.</param>
    /// <param name="dx">Memory that holds these rows alone.</param>
    public static void AddBackward(ConvNormSpec spec, float* maskedDy, ImageRows rows, float* dx)
    {
        for (int phase = 0; phase < spec.ShortcutPhases; phase++)
        {
            for (int c = 0; c < spec.S.C; c += Step)
            {
                // The rows 2h + phase that are among those of dx.
                for (int h = (rows.First - phase + 1) / 2; 2 * h + phase < rows.End; h++)
                {
                    float* source = maskedDy + Blocked.Element(spec.Y, Channel(spec, phase, c), h * spec.Y.W);
                    float* destination = dx + rows.InBand(c / Blocked.Lanes, 2 * h + phase) + phase * Blocked.Lanes + c % Blocked.Lanes;
                    for (int w = 0; w < spec.Y.W; w++)
                    {
                        float* pixel = destination + w * 2 * Blocked.Lanes;
                        (Vector128.Load(pixel) + Vector128.Load(source + w * Blocked.Lanes)).Store(pixel);
                    }
                }
            }
        }
    }

    /// <summary>The channel of y that gets channel c of s in a phase.</summary>
    private static int Channel(ConvNormSpec spec, int phase, int c) => spec.ShortcutOffset + phase * spec.S.C + c;
}
