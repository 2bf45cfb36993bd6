using System.Runtime.Intrinsics;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>
/// Option A's shortcut of one image: every second pixel of s, its channels from <see cref="ConvNormSpec.ShortcutOffset"/> on, zeros
/// elsewhere. Four channels at a time, because centred padding splits channel blocks in half.
/// </summary>
internal static unsafe class OptionA
{
    private const int Step = 4;

    /// <summary>gathered (K/16, H, W, 16) from s (C/16, 2H, 2W, 16).</summary>
    public static void Forward(ConvNormSpec spec, ImagePlace s, ImagePlace gathered)
    {
        new Span<float>(gathered.First, spec.Y.Size).Clear();
        for (int c = 0; c < spec.S.C; c += Step)
        {
            int k = spec.ShortcutOffset + c;
            for (int h = 0; h < spec.Y.H; h++)
            {
                float* source = s.Row(c / Blocked.Lanes, 2 * h) + c % Blocked.Lanes, destination = gathered.Row(k / Blocked.Lanes, h) + k % Blocked.Lanes;
                for (int w = 0; w < spec.Y.W; w++)
                    Vector128.Load(source + w * 2 * Blocked.Lanes).Store(destination + w * Blocked.Lanes);
            }
        }
    }

    /// <summary>dx += ds for some rows of dx: the copied channels of the masked dy go back to every second pixel.</summary>
    /// <param name="rows">Rows of the shortcut's source.</param>
    /// <param name="dx">Memory that holds these rows alone.</param>
    public static void AddBackward(ConvNormSpec spec, float* maskedDy, ImageRows rows, float* dx)
    {
        for (int c = 0; c < spec.S.C; c += Step)
        {
            for (int h = (rows.First + 1) / 2; 2 * h < rows.End; h++)
            {
                float* source = maskedDy + Target(spec, c, h), destination = dx + rows.InBand(c / Blocked.Lanes, 2 * h) + c % Blocked.Lanes;
                for (int w = 0; w < spec.Y.W; w++)
                {
                    float* pixel = destination + w * 2 * Blocked.Lanes;
                    (Vector128.Load(pixel) + Vector128.Load(source + w * Blocked.Lanes)).Store(pixel);
                }
            }
        }
    }

    private static int Target(ConvNormSpec spec, int c, int h) => Blocked.Element(spec.Y, spec.ShortcutOffset + c, h * spec.Y.W);
}
