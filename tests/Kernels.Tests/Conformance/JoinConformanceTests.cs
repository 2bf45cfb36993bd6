using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Cuda;
using CudnnResNet.Model.Devices.Reference;
using CudnnResNet.Model.Tests;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Kernels.Tests.Conformance;

/// <summary>ReLU, residual join and the shortcuts that downsample, forward and backward: Reference's bits.</summary>
[TestClass]
public sealed class JoinConformanceTests
{
    private static readonly float[] Edges =
        [0f, -0f, float.Epsilon, -float.Epsilon, 1.1754944e-38f, 1, -1, 16777216, float.MaxValue, -float.MaxValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN];

    public static IEnumerable<object[]> FastCases => JoinCases.Fast.Select(what => new object[] { what.Name });

    public static IEnumerable<object[]> LongCases => JoinCases.Long.Select(what => new object[] { what.Name });

    [TestMethod]
    [DynamicData(nameof(FastCases))]
    public void Agrees_with_reference(string name) => Check(JoinCases.Fast.Single(what => what.Name == name));

    [TestMethod]
    [TestCategory("Long")]
    [DynamicData(nameof(LongCases))]
    public void Agrees_with_reference_in_full_batches(string name) => Check(JoinCases.Long.Single(what => what.Name == name));

    [TestMethod]
    [DataRow(ShortcutKind.None)]
    [DataRow(ShortcutKind.Identity)]
    public void Every_edge_value_meets_every_other(object shortcut)
    {
        int pairs = Edges.Length * Edges.Length;
        float[] one = [.. Enumerable.Range(0, pairs).Select(i => Edges[i / Edges.Length])], other = [.. Enumerable.Range(0, pairs).Select(i => Edges[i % Edges.Length])];
        Check(JoinCase.Of(1, new(pairs, 1, 1), (ShortcutKind)shortcut), one, other, other);
        // As y too, negative ones and NaN among them.
        var outputs = KernelGpu.Run((gpu, results) =>
        {
            DevicePointer g = gpu.Empty<float>(pairs);
            gpu.Join.Backward(gpu.Stream, 1, JoinCase.Of(1, new(pairs, 1, 1), (ShortcutKind)shortcut).Spec, gpu.Upload<float>(one), gpu.Upload<float>(other), g);
            results.Add("g", gpu.Read<float>(g, pairs));
        });
        var expected = new double[pairs];
        Join.ReluBackward(TestData.Wide(one), TestData.Wide(other), expected);
        Bounds.CheckBits("g", outputs.Get<float>("g"), expected);
    }

    [TestMethod]
    public void A_batch_that_the_kernels_cannot_count_is_refused() => KernelGpu.Run((gpu, _) =>
    {
        ConvNormSpec spec = JoinCase.Of(1, new(16, 32, 32), ShortcutKind.Identity).Spec;
        int n = JoinKernels.MaxElements / spec.Y.Size + 1;
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => gpu.Join.Forward(gpu.Stream, n, spec, default, default, default));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => gpu.Join.Backward(gpu.Stream, n, spec, default, default, default));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => gpu.Join.DownsampleBackward(gpu.Stream, n, spec, default, default));
    });

    private static void Check(JoinCase what)
    {
        int count = what.N * what.Spec.Y.Size;
        Check(what, Values(count, $"{what.Name} a"), Values(what.N * what.Spec.S.Size, $"{what.Name} s"), Values(count, $"{what.Name} dy"));
    }

    private static void Check(JoinCase what, float[] a, float[] s, float[] dy)
    {
        var (n, spec) = what;
        var outputs = KernelGpu.Run((gpu, results) =>
        {
            DevicePointer deviceA = gpu.Upload<float>(a), deviceDy = gpu.Upload<float>(dy), y = gpu.Empty<float>(a.Length), g = gpu.Empty<float>(a.Length);
            DevicePointer deviceS = spec.Shortcut == ShortcutKind.None ? DevicePointer.Null : gpu.Upload<float>(s);
            gpu.Join.Forward(gpu.Stream, n, spec, deviceA, deviceS, y);
            gpu.Join.Backward(gpu.Stream, n, spec, y, deviceDy, g);
            results.Add("y", gpu.Read<float>(y, a.Length));
            results.Add("g", gpu.Read<float>(g, a.Length));
            if (spec.Downsamples)
            {
                DevicePointer ds = gpu.Empty<float>(s.Length);
                gpu.Join.DownsampleBackward(gpu.Stream, n, spec, g, ds);
                results.Add("ds", gpu.Read<float>(ds, s.Length));
            }
            gpu.Join.Forward(gpu.Stream, n, spec, deviceA, deviceS, deviceA);
            gpu.Join.Backward(gpu.Stream, n, spec, deviceA, deviceDy, deviceDy);
            results.Add("y in a's place", gpu.Read<float>(deviceA, a.Length));
            results.Add("g in dy's place", gpu.Read<float>(deviceDy, a.Length));
        });

        double[] expectedY = TestData.Wide(a), expectedG = new double[a.Length], expectedDs = new double[s.Length], wideS = TestData.Wide(s), wideDy = TestData.Wide(dy);
        for (int image = 0; image < n; image++)
        {
            for (int k = 0; k < spec.Y.C; k++)
            {
                int first = (image * spec.Y.C + k) * spec.Y.Plane;
                Span<double> yPlane = expectedY.AsSpan(first, spec.Y.Plane), gPlane = expectedG.AsSpan(first, spec.Y.Plane);
                Join.AddShortcut(spec, image, k, wideS, yPlane);
                Join.Relu(yPlane);
                Join.ReluBackward(yPlane, wideDy.AsSpan(first, spec.Y.Plane), gPlane);
                // With an identity ds is g itself.
                if (spec.Downsamples) Join.ShortcutBackward(spec, image, k, gPlane, expectedDs);
            }
        }
        foreach (string name in new[] { "y", "y in a's place" }) Bounds.CheckBits(name, outputs.Get<float>(name), expectedY);
        foreach (string name in new[] { "g", "g in dy's place" }) Bounds.CheckBits(name, outputs.Get<float>(name), expectedG);
        if (spec.Downsamples) Bounds.CheckBits("ds", outputs.Get<float>("ds"), expectedDs);
    }

    /// <summary>Normally distributed values; every eighth or so is an edge value.</summary>
    private static float[] Values(int count, string stream)
    {
        float[] values = TestData.Normal(count, stream);
        byte[] choice = TestData.Bytes(count, $"{stream} edges");
        for (int i = 0; i < count; i++)
            if (choice[i] < 2 * Edges.Length) values[i] = Edges[choice[i] / 2];
        return values;
    }
}
