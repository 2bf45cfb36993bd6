using System.Runtime.CompilerServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>
/// Everything of a conv-norm unit that is not a convolution, some rows of an image at a time: it rides on the copies into and out of
/// scratch memory, so that batch norm, shortcut and ReLU cost no pass over memory of their own.
/// </summary>
/// <remarks>
/// Images are (C/16, H, W, 16). Padded scratch has a border of one pixel on each side: its left and right columns are zero because no
/// pass ever writes them, the rows above and below are the image's own where it has them and zero at its edges. Per-channel
/// coefficients are read once for each register of channels. Sums run over a band's pixels in two interleaved float chains (even
/// and odd columns), then into doubles: the order depends on the shape only.
/// What is written to whole activations goes past the caches where they are too small for it (<see cref="CpuContext.Streams"/>): an
/// ordinary store first reads the line it overwrites.
/// </remarks>
internal static unsafe class Passes<TLanes> where TLanes : struct, ILanes<TLanes>
{
    /// <summary>padded = image.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void Pad(ImageRows rows, float* image, float* padded)
    {
        ClearOutside(rows, padded);
        var (first, end) = Reach(rows);
        for (int block = 0; block < rows.Shape.C / Blocked.Lanes; block++)
        {
            for (int h = first; h < end; h++)
            {
                float* source = image + rows.InImage(block, h), destination = padded + rows.InPadded(block, h);
                for (int i = 0; i < rows.RowFloats; i += TLanes.Count) TLanes.Store(TLanes.Load(source + i), destination + i);
            }
        }
    }

    /// <summary>padded = relu(scale z + shift + s).</summary>
    /// <param name="s">Null for none.</param>
    /// <param name="y">Where the rows themselves, without those above and below, are stored too; null for nowhere.</param>
    [MethodImpl(Jit.Kernel)]
    public static void PadNormalized(ImageRows rows, float* z, float* scale, float* shift, float* s, float* y, bool streams, float* padded)
    {
        ClearOutside(rows, padded);
        var (first, end) = Reach(rows);
        for (int c = 0; c < rows.Shape.C; c += TLanes.Count)
        {
            TLanes a = TLanes.Load(scale + c), b = TLanes.Load(shift + c);
            for (int h = first; h < end; h++)
            {
                int start = rows.InImage(c / Blocked.Lanes, h);
                float* destination = padded + rows.InPadded(c / Blocked.Lanes, h);
                bool storesY = y != null && h >= rows.First && h < rows.End;
                for (int i = c % Blocked.Lanes; i < rows.RowFloats; i += Blocked.Lanes)
                {
                    TLanes value = TLanes.MultiplyAdd(TLanes.Load(z + start + i), a, b);
                    if (s != null) value = TLanes.Add(value, TLanes.Load(s + start + i));
                    value = TLanes.Relu(value);
                    TLanes.Store(value, destination + i);
                    if (storesY) Write(value, y + start + i, streams);
                }
            }
        }
    }

    /// <summary>padded = a g + b z + c per channel: dz by the chain rule through batch norm.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void PadNormGradient(ImageRows rows, float* g, float* z, float* a, float* b, float* c, float* padded)
    {
        ClearOutside(rows, padded);
        var (first, end) = Reach(rows);
        for (int k = 0; k < rows.Shape.C; k += TLanes.Count)
        {
            TLanes ofG = TLanes.Load(a + k), ofZ = TLanes.Load(b + k), constant = TLanes.Load(c + k);
            for (int h = first; h < end; h++)
            {
                int start = rows.InImage(k / Blocked.Lanes, h);
                float* destination = padded + rows.InPadded(k / Blocked.Lanes, h);
                for (int i = k % Blocked.Lanes; i < rows.RowFloats; i += Blocked.Lanes)
                {
                    TLanes value = TLanes.MultiplyAdd(TLanes.Load(z + start + i), ofZ, constant);
                    TLanes.Store(TLanes.MultiplyAdd(TLanes.Load(g + start + i), ofG, value), destination + i);
                }
            }
        }
    }

    /// <summary>y = relu(scale z + shift + s), with z in memory that holds the rows alone: inference.</summary>
    /// <param name="s">One with First null for none.</param>
    [MethodImpl(Jit.Kernel)]
    public static void Normalize(ImageRows rows, float* z, float* scale, float* shift, ImagePlace s, ImagePlace y)
    {
        bool joins = s.First != null;
        for (int c = 0; c < rows.Shape.C; c += TLanes.Count)
        {
            TLanes a = TLanes.Load(scale + c), b = TLanes.Load(shift + c);
            for (int h = rows.First; h < rows.End; h++)
            {
                float* source = z + rows.InBand(c / Blocked.Lanes, h), destination = y.Row(c / Blocked.Lanes, h);
                float* shortcut = joins ? s.Row(c / Blocked.Lanes, h) : null;
                for (int i = c % Blocked.Lanes; i < rows.RowFloats; i += Blocked.Lanes)
                {
                    TLanes value = TLanes.MultiplyAdd(TLanes.Load(source + i), a, b);
                    if (joins) value = TLanes.Add(value, TLanes.Load(shortcut + i));
                    TLanes.Store(TLanes.Relu(value), destination + i);
                }
            }
        }
    }

    /// <summary>Zeros the border of some rows of a whole padded image: the pixels beside them, and the row above or below where they touch an edge.</summary>
    public static void ClearBorder(ImageRows rows, float* image)
    {
        var all = ImageRows.All(rows.Shape);
        int row = all.PaddedRowFloats, first = rows.First == 0 ? -1 : rows.First, end = rows.End == all.End ? rows.End + 1 : rows.End;
        for (int block = 0; block < rows.Shape.C / Blocked.Lanes; block++)
        {
            for (int h = first; h < end; h++)
            {
                float* left = image + all.InPadded(block, h) - Blocked.Lanes;
                if (h < 0 || h >= rows.Shape.H) new Span<float>(left, row).Clear();
                new Span<float>(left, Blocked.Lanes).Clear();
                new Span<float>(left + row - Blocked.Lanes, Blocked.Lanes).Clear();
            }
        }
    }

    /// <summary>z = band, and per channel the sums of z - origin and of its square.</summary>
    /// <param name="band">Memory that holds the rows alone.</param>
    /// <param name="origin">Per channel a number of about the mean's size, so that a large mean costs the sums no digits.</param>
    /// <param name="sums">(C) sums, then (C) sums of squares; added to.</param>
    [MethodImpl(Jit.Kernel)]
    public static void StoreAndSum(ImageRows rows, float* band, float* origin, bool streams, float* z, double* sums)
    {
        for (int c = 0; c < rows.Shape.C; c += TLanes.Count)
        {
            TLanes o = TLanes.Load(origin + c);
            TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero, square0 = TLanes.Zero, square1 = TLanes.Zero;
            for (int h = rows.First; h < rows.End; h++)
            {
                float* source = band + rows.InBand(c / Blocked.Lanes, h), destination = z + rows.InImage(c / Blocked.Lanes, h);
                int i = c % Blocked.Lanes;
                for (; i + Blocked.Lanes < rows.RowFloats; i += 2 * Blocked.Lanes)
                {
                    TLanes even = TLanes.Load(source + i), odd = TLanes.Load(source + i + Blocked.Lanes);
                    Write(even, destination + i, streams);
                    Write(odd, destination + i + Blocked.Lanes, streams);
                    even = TLanes.Subtract(even, o);
                    odd = TLanes.Subtract(odd, o);
                    sum0 = TLanes.Add(sum0, even);
                    sum1 = TLanes.Add(sum1, odd);
                    square0 = TLanes.MultiplyAdd(even, even, square0);
                    square1 = TLanes.MultiplyAdd(odd, odd, square1);
                }
                if (i < rows.RowFloats)
                {
                    TLanes last = TLanes.Load(source + i);
                    Write(last, destination + i, streams);
                    last = TLanes.Subtract(last, o);
                    sum0 = TLanes.Add(sum0, last);
                    square0 = TLanes.MultiplyAdd(last, last, square0);
                }
            }
            TLanes.AddTo(TLanes.Add(sum0, sum1), sums + c);
            TLanes.AddTo(TLanes.Add(square0, square1), sums + rows.Shape.C + c);
        }
    }

    /// <summary>
    /// masked = y &lt;= 0 ? 0 : g + addend, with y read from its padded rows, and per channel the sums of masked and of
    /// masked·(z - mean), which the batch norm that made y needs for its own backward pass.
    /// </summary>
    /// <param name="g">Memory that holds the rows alone.</param>
    /// <param name="addend">Null for none.</param>
    /// <param name="sums">(C) sums of masked, then (C) sums of masked·(z - mean); added to.</param>
    [MethodImpl(Jit.Kernel)]
    public static void MaskAndSum(ImageRows rows, float* g, float* addend, float* paddedY, float* z, float* mean, bool streams, float* masked, double* sums)
    {
        for (int c = 0; c < rows.Shape.C; c += TLanes.Count)
        {
            TLanes mu = TLanes.Load(mean + c);
            TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero, product0 = TLanes.Zero, product1 = TLanes.Zero;
            for (int h = rows.First; h < rows.End; h++)
            {
                int start = rows.InImage(c / Blocked.Lanes, h);
                float* gradient = g + rows.InBand(c / Blocked.Lanes, h), y = paddedY + rows.InPadded(c / Blocked.Lanes, h);
                int i = c % Blocked.Lanes;
                for (; i + Blocked.Lanes < rows.RowFloats; i += 2 * Blocked.Lanes)
                {
                    int j = i + Blocked.Lanes;
                    TLanes even = TLanes.Load(gradient + i), odd = TLanes.Load(gradient + j);
                    if (addend != null)
                    {
                        even = TLanes.Add(even, TLanes.Load(addend + start + i));
                        odd = TLanes.Add(odd, TLanes.Load(addend + start + j));
                    }
                    even = TLanes.WherePositive(TLanes.Load(y + i), even);
                    odd = TLanes.WherePositive(TLanes.Load(y + j), odd);
                    Write(even, masked + start + i, streams);
                    Write(odd, masked + start + j, streams);
                    sum0 = TLanes.Add(sum0, even);
                    sum1 = TLanes.Add(sum1, odd);
                    product0 = TLanes.MultiplyAdd(even, TLanes.Subtract(TLanes.Load(z + start + i), mu), product0);
                    product1 = TLanes.MultiplyAdd(odd, TLanes.Subtract(TLanes.Load(z + start + j), mu), product1);
                }
                if (i < rows.RowFloats)
                {
                    TLanes last = TLanes.Load(gradient + i);
                    if (addend != null) last = TLanes.Add(last, TLanes.Load(addend + start + i));
                    last = TLanes.WherePositive(TLanes.Load(y + i), last);
                    Write(last, masked + start + i, streams);
                    sum0 = TLanes.Add(sum0, last);
                    product0 = TLanes.MultiplyAdd(last, TLanes.Subtract(TLanes.Load(z + start + i), mu), product0);
                }
            }
            TLanes.AddTo(TLanes.Add(sum0, sum1), sums + c);
            TLanes.AddTo(TLanes.Add(product0, product1), sums + rows.Shape.C + c);
        }
    }

    /// <summary>band = image for some rows.</summary>
    public static void CopyRows(ImageRows rows, float* image, float* band)
    {
        for (int block = 0; block < rows.Shape.C / Blocked.Lanes; block++)
            new ReadOnlySpan<float>(image + rows.InImage(block, rows.First), rows.Count * rows.RowFloats).CopyTo(new(band + rows.InBand(block, rows.First), rows.Count * rows.RowFloats));
    }

    /// <summary>image = band + addend for some rows, addend null for none.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void Store(ImageRows rows, float* band, float* addend, float* image)
    {
        for (int block = 0; block < rows.Shape.C / Blocked.Lanes; block++)
        {
            for (int h = rows.First; h < rows.End; h++)
            {
                float* source = band + rows.InBand(block, h);
                int start = rows.InImage(block, h);
                for (int i = 0; i < rows.RowFloats; i += TLanes.Count)
                {
                    TLanes value = TLanes.Load(source + i);
                    if (addend != null) value = TLanes.Add(value, TLanes.Load(addend + start + i));
                    TLanes.Store(value, image + start + i);
                }
            }
        }
    }

    /// <summary>averages[c] = mean of a padded image's channel.</summary>
    public static void Average(Shape shape, float* padded, float* averages)
    {
        var rows = ImageRows.All(shape);
        TLanes scale = TLanes.Broadcast(1f / shape.Plane);
        for (int c = 0; c < shape.C; c += TLanes.Count)
        {
            TLanes sum = TLanes.Zero;
            for (int h = 0; h < shape.H; h++)
            {
                float* source = padded + rows.InPadded(c / Blocked.Lanes, h) + c % Blocked.Lanes;
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
    [MethodImpl(Jit.Kernel)]
    public static void SumTerms(float* terms, int number, nint stride, int count, float* sum)
    {
        for (int i = 0; i < count; i += TLanes.Count)
        {
            TLanes total = TLanes.Load(terms + i);
            for (int term = 1; term < number; term++) total = TLanes.Add(total, TLanes.Load(terms + term * stride + i));
            TLanes.Store(total, sum + i);
        }
    }

    /// <summary>A part of a line that is stored past the caches costs more than a whole line: only registers that fill it do so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(TLanes value, float* destination, bool streams)
    {
        if (TLanes.Count == Blocked.Lanes && streams) TLanes.StoreStreaming(value, destination);
        else TLanes.Store(value, destination);
    }

    /// <summary>The rows and, where the image has them, the one above and the one below.</summary>
    private static (int First, int End) Reach(ImageRows rows) => (Math.Max(rows.First - 1, 0), Math.Min(rows.End + 1, rows.Shape.H));

    /// <summary>Zeros the row above the image and the one below, where the rows touch its edges.</summary>
    private static void ClearOutside(ImageRows rows, float* padded)
    {
        for (int block = 0; block < rows.Shape.C / Blocked.Lanes; block++)
        {
            if (rows.First == 0) new Span<float>(padded + rows.InPadded(block, -1), rows.RowFloats).Clear();
            if (rows.End == rows.Shape.H) new Span<float>(padded + rows.InPadded(block, rows.End), rows.RowFloats).Clear();
        }
    }
}
