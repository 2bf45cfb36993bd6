namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>Between the device's layouts and the host's NCHW. For loading, saving and tests, not for the training loop.</summary>
internal static unsafe class HostCopy
{
    public static void Read(ReadOnlySpan<float> source, Span<double> destination)
    {
        for (int i = 0; i < source.Length; i++) destination[i] = source[i];
    }

    public static void Write(ReadOnlySpan<double> source, Span<float> destination)
    {
        for (int i = 0; i < source.Length; i++) destination[i] = (float)source[i];
    }

    /// <summary>n images of an activation or a gradient.</summary>
    public static void Read(Shape shape, int n, float* source, Span<double> destination)
    {
        for (int i = 0; i < n * shape.Size; i++) destination[i] = source[Place(shape, i)];
    }

    /// <summary>n images into an activation or a gradient.</summary>
    public static void Write<T>(Shape shape, int n, ReadOnlySpan<T> source, float* destination) where T : System.Numerics.INumber<T>
    {
        for (int i = 0; i < n * shape.Size; i++) destination[Place(shape, i)] = float.CreateChecked(source[i]);
    }

    /// <summary>y of an activation, computed from z where it is not stored.</summary>
    public static void ReadActivation(CpuActivation y, int n, Span<double> destination)
    {
        if (y.Values != null)
        {
            Read(y.Shape, n, y.Values, destination);
            return;
        }
        if (y.Padded != null)
        {
            ReadPadded(y.Shape, n, y.Padded, destination);
            return;
        }
        Read(y.Shape, n, y.Z, destination);
        double[]? shortcut = y.S is null ? null : Shortcut(y.Producer!, y.S, n);
        for (int i = 0; i < n * y.Shape.Size; i++)
        {
            int c = i / y.Shape.Plane % y.Shape.C;
            float value = MathF.FusedMultiplyAdd((float)destination[i], y.Scale[c], y.Shift[c]);
            if (shortcut is not null) value += (float)shortcut[i];
            destination[i] = value < 0 ? 0 : value;
        }
    }

    private static void ReadPadded(Shape shape, int n, float* source, Span<double> destination)
    {
        var rows = ImageRows.All(shape);
        for (int i = 0; i < n * shape.Size; i++)
        {
            int image = i / shape.Size, c = i / shape.Plane % shape.C, pixel = i % shape.Plane;
            destination[i] = source[(nint)image * rows.PaddedSize + rows.InPadded(c / Blocked.Lanes, pixel / shape.W) + pixel % shape.W * Blocked.Lanes + c % Blocked.Lanes];
        }
    }

    /// <summary>ds (n, C, 2H, 2W or H, W) from the masked dy.</summary>
    public static void ReadShortcutGradient(ConvNormSpec spec, int n, float* maskedDy, Span<double> destination)
    {
        if (spec.Shortcut == ShortcutKind.Identity)
        {
            Read(spec.Y, n, maskedDy, destination);
            return;
        }
        var image = new float[spec.S.Size];
        fixed (float* ds = image)
        {
            for (int i = 0; i < n; i++)
            {
                Array.Clear(image);
                DownsamplingShortcut.AddBackward(spec, maskedDy + (nint)i * spec.Y.Size, ImageRows.All(spec.S), ds);
                Read(spec.S, 1, ds, destination.Slice(i * spec.S.Size, spec.S.Size));
            }
        }
    }

    /// <summary>What a shortcut adds, (n, K, H, W).</summary>
    private static double[] Shortcut(ConvNormSpec spec, CpuActivation s, int n)
    {
        var source = new double[n * spec.S.Size];
        ReadActivation(s, n, source);
        if (spec.Shortcut == ShortcutKind.Identity) return source;
        var added = new double[n * spec.Y.Size];
        for (int image = 0; image < n; image++)
            for (int i = 0; i < spec.ShortcutPhases * spec.S.C; i++)
                for (int h = 0; h < spec.Y.H; h++)
                    for (int w = 0; w < spec.Y.W; w++)
                    {
                        int c = i % spec.S.C, phase = i / spec.S.C;
                        added[((image * spec.Y.C + spec.ShortcutOffset + i) * spec.Y.H + h) * spec.Y.W + w] = source[((image * spec.S.C + c) * spec.S.H + 2 * h + phase) * spec.S.W + 2 * w + phase];
                    }
        return added;
    }

    /// <summary>Where element i of (N, C, H, W) lies.</summary>
    private static nint Place(Shape shape, int i)
    {
        if (shape.C % Blocked.Lanes != 0) return i;
        int image = i / shape.Size, rest = i % shape.Size;
        return (nint)image * shape.Size + Blocked.Element(shape, rest / shape.Plane, rest % shape.Plane);
    }
}
