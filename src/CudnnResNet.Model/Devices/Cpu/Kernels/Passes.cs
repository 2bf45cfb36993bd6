using System.Runtime.CompilerServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>
/// Everything of a conv-norm unit that is not a convolution, one image at a time: it rides on the copies into and out of the padded
/// scratch image, so that batch norm, shortcut and ReLU cost no pass over memory of their own.
/// </summary>
/// <remarks>
/// Images are (C/16, H, W, 16); padded ones have a border of one zero pixel, which no pass ever writes. Per-channel coefficients are
/// read once for each register of channels. Sums run over the pixels of an image in two interleaved float chains (even and odd
/// columns), then into doubles: the order depends on the shape only.
/// </remarks>
internal static unsafe class Passes<TLanes> where TLanes : struct, ILanes<TLanes>
{
    /// <summary>padded = image.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pad(Shape shape, float* image, float* padded)
    {
        int row = shape.W * Blocked.Lanes;
        for (int r = 0; r < shape.C / Blocked.Lanes * shape.H; r++)
        {
            float* source = image + r * row;
            float* destination = padded + PaddedRow(shape, r);
            for (int i = 0; i < row; i += TLanes.Count) TLanes.Store(TLanes.Load(source + i), destination + i);
        }
    }

    /// <summary>padded = relu(scale z + shift).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PadNormalized(Shape shape, float* z, float* scale, float* shift, float* padded)
    {
        int row = shape.W * Blocked.Lanes;
        for (int c = 0; c < shape.C; c += TLanes.Count)
        {
            TLanes a = TLanes.Load(scale + c), b = TLanes.Load(shift + c);
            for (int h = 0; h < shape.H; h++)
            {
                int r = c / Blocked.Lanes * shape.H + h;
                float* source = z + r * row;
                float* destination = padded + PaddedRow(shape, r);
                for (int i = c % Blocked.Lanes; i < row; i += Blocked.Lanes)
                    TLanes.Store(TLanes.Relu(TLanes.MultiplyAdd(TLanes.Load(source + i), a, b)), destination + i);
            }
        }
    }

    /// <summary>y = padded = relu(scale z + shift + s).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PadJoined(Shape shape, float* z, float* scale, float* shift, float* s, float* y, float* padded)
    {
        int row = shape.W * Blocked.Lanes;
        for (int c = 0; c < shape.C; c += TLanes.Count)
        {
            TLanes a = TLanes.Load(scale + c), b = TLanes.Load(shift + c);
            for (int h = 0; h < shape.H; h++)
            {
                int r = c / Blocked.Lanes * shape.H + h, start = r * row;
                float* destination = padded + PaddedRow(shape, r);
                for (int i = c % Blocked.Lanes; i < row; i += Blocked.Lanes)
                {
                    TLanes joined = TLanes.Add(TLanes.MultiplyAdd(TLanes.Load(z + start + i), a, b), TLanes.Load(s + start + i));
                    TLanes value = TLanes.Relu(joined);
                    TLanes.Store(value, destination + i);
                    TLanes.Store(value, y + start + i);
                }
            }
        }
    }

    /// <summary>y = relu(scale z + shift + s), s null for none.</summary>
    /// <param name="y">May be z: inference, where nothing is kept.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Normalize(Shape shape, float* z, float* scale, float* shift, float* s, float* y)
    {
        for (int c = 0; c < shape.C; c += TLanes.Count)
        {
            TLanes a = TLanes.Load(scale + c), b = TLanes.Load(shift + c);
            int start = c / Blocked.Lanes * shape.Plane * Blocked.Lanes, end = start + shape.Plane * Blocked.Lanes;
            for (int i = start + c % Blocked.Lanes; i < end; i += Blocked.Lanes)
            {
                TLanes value = TLanes.MultiplyAdd(TLanes.Load(z + i), a, b);
                if (s != null) value = TLanes.Add(value, TLanes.Load(s + i));
                TLanes.Store(TLanes.Relu(value), y + i);
            }
        }
    }

    /// <summary>sum = sum + term, elementwise over whole images.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(int count, float* term, float* sum)
    {
        for (int i = 0; i < count; i += TLanes.Count) TLanes.Store(TLanes.Add(TLanes.Load(sum + i), TLanes.Load(term + i)), sum + i);
    }

    /// <summary>padded = a g + b z + c per channel: dz by the chain rule through batch norm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PadNormGradient(Shape shape, float* g, float* z, float* a, float* b, float* c, float* padded)
    {
        int row = shape.W * Blocked.Lanes;
        for (int k = 0; k < shape.C; k += TLanes.Count)
        {
            TLanes ofG = TLanes.Load(a + k), ofZ = TLanes.Load(b + k), constant = TLanes.Load(c + k);
            for (int h = 0; h < shape.H; h++)
            {
                int r = k / Blocked.Lanes * shape.H + h, start = r * row;
                float* destination = padded + PaddedRow(shape, r);
                for (int i = k % Blocked.Lanes; i < row; i += Blocked.Lanes)
                {
                    TLanes value = TLanes.MultiplyAdd(TLanes.Load(z + start + i), ofZ, constant);
                    TLanes.Store(TLanes.MultiplyAdd(TLanes.Load(g + start + i), ofG, value), destination + i);
                }
            }
        }
    }

    /// <summary>
    /// masked = y &lt;= 0 ? 0 : g + addend, with y read from its padded image, and per channel the sums of masked and of
    /// masked·(z - mean), which the batch norm that made y needs for its own backward pass.
    /// </summary>
    /// <param name="addend">Null for none.</param>
    /// <param name="masked">May be g.</param>
    /// <param name="sums">(C) sums of masked, then (C) sums of masked·(z - mean); added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MaskAndSum(Shape shape, float* g, float* addend, float* paddedY, float* z, float* mean, float* masked, double* sums)
    {
        int row = shape.W * Blocked.Lanes;
        for (int c = 0; c < shape.C; c += TLanes.Count)
        {
            TLanes mu = TLanes.Load(mean + c);
            TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero, product0 = TLanes.Zero, product1 = TLanes.Zero;
            for (int h = 0; h < shape.H; h++)
            {
                int r = c / Blocked.Lanes * shape.H + h, start = r * row;
                float* y = paddedY + PaddedRow(shape, r);
                int i = c % Blocked.Lanes;
                for (; i + Blocked.Lanes < row; i += 2 * Blocked.Lanes)
                {
                    TLanes even = Masked(g, addend, y, masked, start, i), odd = Masked(g, addend, y, masked, start, i + Blocked.Lanes);
                    sum0 = TLanes.Add(sum0, even);
                    sum1 = TLanes.Add(sum1, odd);
                    product0 = TLanes.MultiplyAdd(even, TLanes.Subtract(TLanes.Load(z + start + i), mu), product0);
                    product1 = TLanes.MultiplyAdd(odd, TLanes.Subtract(TLanes.Load(z + start + i + Blocked.Lanes), mu), product1);
                }
                if (i < row)
                {
                    TLanes last = Masked(g, addend, y, masked, start, i);
                    sum0 = TLanes.Add(sum0, last);
                    product0 = TLanes.MultiplyAdd(last, TLanes.Subtract(TLanes.Load(z + start + i), mu), product0);
                }
            }
            AddLanes(TLanes.Add(sum0, sum1), sums + c);
            AddLanes(TLanes.Add(product0, product1), sums + shape.C + c);
        }
    }

    /// <summary>Adds an image to the mean and the sum of squared deviations of each channel of z.</summary>
    /// <remarks>
    /// The float sums run over z minus the image's own first pixel, so that a large mean costs no digits; images are joined in double
    /// (Chan, Golub, LeVeque 1979).
    /// </remarks>
    /// <param name="imagesBefore">Images already in the moments.</param>
    /// <param name="moments">(C) means, then (C) sums of squared deviations.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Statistics(Shape shape, float* z, int imagesBefore, double* moments)
    {
        float* sums = stackalloc float[Blocked.Lanes], squares = stackalloc float[Blocked.Lanes];
        for (int c = 0; c < shape.C; c += TLanes.Count)
        {
            float* source = z + c / Blocked.Lanes * shape.Plane * Blocked.Lanes + c % Blocked.Lanes;
            TLanes origin = TLanes.Load(source);
            TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero, square0 = TLanes.Zero, square1 = TLanes.Zero;
            int pixel = 0;
            for (; pixel + 1 < shape.Plane; pixel += 2)
            {
                TLanes even = TLanes.Subtract(TLanes.Load(source + pixel * Blocked.Lanes), origin);
                TLanes odd = TLanes.Subtract(TLanes.Load(source + (pixel + 1) * Blocked.Lanes), origin);
                sum0 = TLanes.Add(sum0, even);
                sum1 = TLanes.Add(sum1, odd);
                square0 = TLanes.MultiplyAdd(even, even, square0);
                square1 = TLanes.MultiplyAdd(odd, odd, square1);
            }
            if (pixel < shape.Plane)
            {
                TLanes last = TLanes.Subtract(TLanes.Load(source + pixel * Blocked.Lanes), origin);
                sum0 = TLanes.Add(sum0, last);
                square0 = TLanes.MultiplyAdd(last, last, square0);
            }
            TLanes.Store(TLanes.Add(sum0, sum1), sums);
            TLanes.Store(TLanes.Add(square0, square1), squares);
            for (int lane = 0; lane < TLanes.Count; lane++)
            {
                double shifted = (double)sums[lane] / shape.Plane;
                var image = new Moments(source[lane] + shifted, squares[lane] - sums[lane] * shifted);
                Moments.Join(ref moments[c + lane], ref moments[shape.C + c + lane], (double)imagesBefore * shape.Plane, image, shape.Plane);
            }
        }
    }

    /// <summary>averages[c] = mean of a padded image's channel.</summary>
    public static void Average(Shape shape, float* padded, float* averages)
    {
        TLanes scale = TLanes.Broadcast(1f / shape.Plane);
        for (int c = 0; c < shape.C; c += TLanes.Count)
        {
            TLanes sum = TLanes.Zero;
            for (int h = 0; h < shape.H; h++)
            {
                float* source = padded + PaddedRow(shape, c / Blocked.Lanes * shape.H + h) + c % Blocked.Lanes;
                for (int i = 0; i < shape.W * Blocked.Lanes; i += Blocked.Lanes) sum = TLanes.Add(sum, TLanes.Load(source + i));
            }
            TLanes.Store(TLanes.MultiplyAdd(sum, scale, TLanes.Zero), averages + c);
        }
    }

    /// <summary>Every pixel of channel c = values[c].</summary>
    public static void Spread(Shape shape, float* values, float* image)
    {
        for (int c = 0; c < shape.C; c += TLanes.Count)
        {
            TLanes value = TLanes.Load(values + c);
            float* destination = image + c / Blocked.Lanes * shape.Plane * Blocked.Lanes + c % Blocked.Lanes;
            for (int i = 0; i < shape.Plane * Blocked.Lanes; i += Blocked.Lanes) TLanes.Store(value, destination + i);
        }
    }

    /// <summary>sum = term[0] + term[1] + … in that order, for count floats of each of the terms, which lie stride floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SumTerms(float* terms, int number, nint stride, int count, float* sum)
    {
        for (int i = 0; i < count; i += TLanes.Count)
        {
            TLanes total = TLanes.Load(terms + i);
            for (int term = 1; term < number; term++) total = TLanes.Add(total, TLanes.Load(terms + term * stride + i));
            TLanes.Store(total, sum + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Masked(float* g, float* addend, float* y, float* masked, int start, int i)
    {
        TLanes gradient = TLanes.Load(g + start + i);
        if (addend != null) gradient = TLanes.Add(gradient, TLanes.Load(addend + start + i));
        gradient = TLanes.WherePositive(TLanes.Load(y + i), gradient);
        TLanes.Store(gradient, masked + start + i);
        return gradient;
    }

    private static int PaddedRow(Shape shape, int row)
    {
        int block = row / shape.H, h = row % shape.H;
        return ((block * (shape.H + 2) + h + 1) * (shape.W + 2) + 1) * Blocked.Lanes;
    }

    private static void AddLanes(TLanes value, double* sums)
    {
        float* lanes = stackalloc float[Blocked.Lanes];
        TLanes.Store(value, lanes);
        for (int lane = 0; lane < TLanes.Count; lane++) sums[lane] += lanes[lane];
    }
}
