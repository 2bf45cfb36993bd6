using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model.Tests.Cpu;

/// <summary>Why F(4x4) with the points 0, ±sqrt(1/2), ±sqrt(2) and infinity: what other tiles and points cost in float, simulated.</summary>
[TestClass]
public sealed class WinogradPointsRoundingTests
{
    private static readonly double A = Math.Sqrt(0.5), B = Math.Sqrt(2);

    private static readonly WinogradTransform Usual = new(0, 1, -1, 2, -2), Ours = new(0, A, -A, B, -B), Small = new(0, 1, -1);

    private static readonly (string Name, WinogradTransform Transform)[] Candidates =
    [
        ("F(2x2) 0, ±1", Small),
        ("F(4x4) 0, ±1, ±2", Usual),
        ("F(4x4) 0, ±1, ±1/2", new(0, 1, -1, 0.5, -0.5)),
        ("F(4x4) 0, ±1, 1/2, -2", new(0, 1, -1, 0.5, -2)),
        ("F(4x4) 0, ±0.6, ±1/0.6", new(0, 0.6, -0.6, 1 / 0.6, -1 / 0.6)),
        ("F(4x4) 0, ±0.8, ±1/0.8", new(0, 0.8, -0.8, 1 / 0.8, -1 / 0.8)),
        ("F(4x4) 0, ±sqrt(1/2), ±sqrt(2)", Ours),
    ];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void The_usual_points_give_the_matrices_of_Lavin_and_Gray()
    {
        AssertEqual(new double[,] { { 1, 1, 1, 1, 1, 0 }, { 0, 1, -1, 2, -2, 0 }, { 0, 1, 1, 4, 4, 0 }, { 0, 1, -1, 8, -8, 1 } }, Usual.AT);
        AssertEqual(new double[,] { { 6, 0, 0 }, { -4, -4, -4 }, { -4, 4, -4 }, { 1, 2, 4 }, { 1, -2, 4 }, { 0, 0, 24 } }, Usual.G, 24);
        AssertEqual(new double[,]
        {
            { 4, 0, -5, 0, 1, 0 }, { 0, -4, -4, 1, 1, 0 }, { 0, 4, -4, -1, 1, 0 }, { 0, -2, -1, 2, 1, 0 }, { 0, 2, -1, -2, 1, 0 }, { 0, 4, 0, -5, 0, 1 },
        }, Usual.BT);

        static void AssertEqual(double[,] expected, double[,] actual, double denominator = 1)
        {
            CollectionAssert.AreEqual(expected.Cast<double>().ToArray(), actual.Cast<double>().Select(value => Math.Round(denominator * value, 12)).ToArray());
        }
    }

    [TestMethod]
    [DataRow(16, 32)]
    [DataRow(32, 16)]
    [DataRow(64, 8)]
    public void Our_points_round_half_as_much_as_the_usual_ones(int channels, int side)
    {
        const int n = 2;
        var shape = new Shape(channels, side, side);
        var spec = new ConvNormSpec("conv", "bn", shape, shape, 1);
        float[] x = Array.ConvertAll(TestData.Normal(n * shape.Size, "x"), value => Math.Max(value, 0)), dz = TestData.Normal(n * shape.Size, "dz");
        float[] w = TestData.Normal(spec.WeightCount, "w", Math.Sqrt(2.0 / (9 * channels)));
        double[] z = new double[dz.Length], dw = new double[w.Length];
        Convolution.Forward(spec, n, TestData.Wide(x), TestData.Wide(w), z);
        Convolution.BackwardFilter(spec, n, TestData.Wide(dz), TestData.Wide(x), dw);

        var errors = new Dictionary<WinogradTransform, (double Z, double Dw)>();
        foreach (var (name, transform) in Candidates)
        {
            // Any distinct points are right in double; they differ in what they do to float's rounding.
            Difference.AssertRelativeL2($"{name}, z in double", transform.Forward(spec, n, TestData.Wide(x), TestData.Wide(w)), z, 1e-13);
            Difference.AssertRelativeL2($"{name}, dw in double", transform.BackwardFilter(spec, n, TestData.Wide(dz), TestData.Wide(x)), dw, 1e-13);
            var ofZ = TensorDifference.Between(TestData.Wide(transform.Forward(spec, n, x, w)), z);
            var ofDw = TensorDifference.Between(TestData.Wide(transform.BackwardFilter(spec, n, dz, x)), dw);
            errors[transform] = (ofZ.RelativeL2, ofDw.RelativeL2);
            TestContext.WriteLine($"{channels}@{side}, {name}: {Describe("z", ofZ, z)}; {Describe("dw", ofDw, dw)}");
        }
        var (oursZ, oursDw) = errors[Ours];
        Assert.IsLessThan(0.55 * errors[Usual].Z, oursZ);
        Assert.IsLessThan(0.55 * errors[Usual].Dw, oursDw);
        foreach (var (name, transform) in Candidates.Where(candidate => candidate.Transform != Small))
        {
            Assert.IsLessThanOrEqualTo(1.05 * errors[transform].Z, oursZ, name);
            Assert.IsLessThanOrEqualTo(1.05 * errors[transform].Dw, oursDw, name);
        }

        static string Describe(string tensor, TensorDifference difference, double[] expected) =>
            $"{tensor} relative L2 {difference.RelativeL2:E1}, largest error by largest value {difference.MaxAbs / expected.Max(Math.Abs):E1}";
    }
}
