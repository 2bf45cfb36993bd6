namespace CudnnResNet.Model.Devices.Reference;

/// <summary>The end of a conv-norm unit, y = relu(a + shortcut(s)) with a = bn(z), and its gradients: one channel of one image at a time.</summary>
internal static class Join
{
    /// <summary>Adds the shortcut to channel k: s itself, or one of its pixel phases where the shortcut downsamples.</summary>
    /// <param name="spec">The unit.</param>
    /// <param name="image">Which of s.</param>
    /// <param name="k">The channel of y.</param>
    /// <param name="s">The shortcut's source, or nothing.</param>
    /// <param name="plane">Channel k of the image: a, then a + shortcut(s).</param>
    public static void AddShortcut(ConvNormSpec spec, int image, int k, ReadOnlySpan<double> s, Span<double> plane)
    {
        if (!TryShortcutPlane(spec, image, k, out int start, out int step)) return;
        for (int oy = 0; oy < spec.Y.H; oy++)
            for (int ox = 0; ox < spec.Y.W; ox++)
                plane[oy * spec.Y.W + ox] += s[start + step * (oy * spec.S.W + ox)];
    }

    /// <summary>max(0, y); NaN stays NaN.</summary>
    public static void Relu(Span<double> y)
    {
        foreach (ref double value in y) value = value < 0 ? 0 : value;
    }

    /// <summary>g = dy relu'(y), the gradient of a + shortcut(s).</summary>
    public static void ReluBackward(ReadOnlySpan<double> y, ReadOnlySpan<double> dy, Span<double> g)
    {
        for (int i = 0; i < g.Length; i++) g[i] = y[i] <= 0 ? 0 : dy[i];
    }

    /// <summary>ds is g where s was added; elsewhere it is left as it is, which has to be 0.</summary>
    /// <param name="spec">The unit.</param>
    /// <param name="image">Which of ds.</param>
    /// <param name="k">The channel of y.</param>
    /// <param name="g">Channel k of the image's g.</param>
    /// <param name="ds">The gradient of s, of all images.</param>
    public static void ShortcutBackward(ConvNormSpec spec, int image, int k, ReadOnlySpan<double> g, Span<double> ds)
    {
        if (!TryShortcutPlane(spec, image, k, out int start, out int step)) return;
        for (int oy = 0; oy < spec.Y.H; oy++)
            for (int ox = 0; ox < spec.Y.W; ox++)
                ds[start + step * (oy * spec.S.W + ox)] = g[oy * spec.Y.W + ox];
    }

    /// <summary>Where in s channel k of y gets its shortcut from: pixel (oy, ox) is at start + step (oy S.W + ox).</summary>
    private static bool TryShortcutPlane(ConvNormSpec spec, int image, int k, out int start, out int step)
    {
        step = spec.Downsamples ? 2 : 1;
        start = 0;
        int added = k - spec.ShortcutOffset;
        if (added < 0 || added >= spec.ShortcutPhases * spec.S.C) return false;
        int c = added % spec.S.C, phase = added / spec.S.C;
        start = (image * spec.S.C + c) * spec.S.Plane + phase * (spec.S.W + 1);
        return true;
    }
}
