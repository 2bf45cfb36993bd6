using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Cpu;

namespace CudnnResNet.Model.Tests.Cpu;

/// <summary>
/// Which part of the border in scratch memory the cpu device's convolutions read: with stride 2 and an even image neither the row below a
/// band nor the column behind it. With NaN there, results are the same bytes as with zeros.
/// </summary>
[TestClass]
public sealed unsafe class PaddingTests
{
    [TestMethod]
    [DataRow("direct")]
    [DataRow("winograd")]
    public void Stride_2_never_reads_the_last_padded_row_and_column(string convolution)
    {
        float[] zeros = Convolve(convolution, 2, 0), poisoned = Convolve(convolution, 2, float.NaN);
        CollectionAssert.AreEqual(zeros, poisoned);
        Assert.IsTrue(Array.TrueForAll(poisoned, float.IsFinite));
    }

    [TestMethod]
    [DataRow("direct")]
    [DataRow("winograd")]
    public void Stride_1_does(string convolution) => Assert.IsTrue(Array.Exists(Convolve(convolution, 1, float.NaN), float.IsNaN));

    /// <summary>z of one image, band by band, and dw behind it.</summary>
    private static float[] Convolve(string algorithm, int stride, float behind)
    {
        Shape x = new(16, 32, 32), y = new(32, 32 / stride, 32 / stride);
        var spec = new ConvNormSpec("unit", "bn", x, y, stride);
        using var context = new CpuContext(new([spec], null, 1, Training: true), new(Threads: 1, Winograd: algorithm == "winograd"));
        var convolution = Convolution.Create<Lanes128>(context, spec);
        Assert.StartsWith(algorithm, convolution.Kernel, StringComparison.OrdinalIgnoreCase);
        var w = Fill(context.Memory.Floats(spec.WeightCount), spec.WeightCount, "w");
        convolution.BeginForward(w);

        var results = new List<float>();
        for (Band band = convolution.First(0, 1); band.Images > 0; band = convolution.Next(band, 1))
        {
            ImageRows rows = convolution.InputRows(band), outputs = convolution.OutputRows(band);
            float* padded = context.Padded(rows with { First = 0 }, 1)[0], dz = context.Padded(outputs with { First = 0 }, 1, isGradient: true)[0];
            Fill(padded, rows.PaddedSize, "x");
            for (int block = 0; block < x.C / Blocked.Lanes; block++)
            {
                // From one row above the band to the row below it: the pixel behind each row, and the whole of the last.
                for (int h = rows.First - 1; h <= rows.End; h++) new Span<float>(padded + rows.InPadded(block, h) + rows.RowFloats, Blocked.Lanes).Fill(behind);
                new Span<float>(padded + rows.InPadded(block, rows.End) - Blocked.Lanes, rows.PaddedRowFloats).Fill(behind);
            }
            float* z = context.Memory.Floats(outputs.Size);
            convolution.Forward(0, 1, padded, z);
            results.AddRange(new ReadOnlySpan<float>(z, outputs.Size));
            // The gradient's own border is zero: no output lies there.
            Passes<Lanes128>.Pad(outputs, Fill(context.Memory.Floats(y.Size), y.Size, "dz"), dz);
            convolution.BackwardFilter(0, 1, padded, dz, isFirst: band.Row == 0, context.GroupGradient(0));
        }
        float* dw = context.Memory.Floats(spec.WeightCount);
        convolution.FinishBackwardFilter(1, dw);
        results.AddRange(new ReadOnlySpan<float>(dw, spec.WeightCount));
        return [.. results];
    }

    private static float* Fill(float* memory, int count, string stream)
    {
        TestData.Normal(count, stream).CopyTo(new Span<float>(memory, count));
        return memory;
    }
}
