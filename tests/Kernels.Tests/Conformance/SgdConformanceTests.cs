using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Cuda;
using CudnnResNet.Model.Devices.Reference;
using CudnnResNet.Model.Tests;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Kernels.Tests.Conformance;

/// <summary>SGD over an arena with gaps, and the record of what is not finite, against Reference.</summary>
[TestClass]
public sealed class SgdConformanceTests
{
    // Of sizes that fill their slice and that do not, that end in the midst of a thread's four, and of several blocks.
    private static readonly int[] Sizes = [432, 16, 16, 64, 7, 4608, 1, 640, 10];

    // The rate falls within the epoch.
    private static readonly float[] Rates = [0.1f, 0.1f, 0.05f, 0.0123f, 0.001f];

    // As the kernel takes them: in float, so that what is compared is the update and not these roundings.
    private static readonly SgdSpec Spec = new((float)0.9, (float)1e-2);

    [TestMethod]
    [DataRow(0.9f, 1e-2f)]
    [DataRow(0.9f, 0f)]
    [DataRow(0f, 1e-4f)]
    public void Follows_reference_over_two_epochs(float momentum, float decay) => Check(new(momentum, decay), Sizes, epochs: 2);

    [TestMethod]
    [DataRow(4)]
    [DataRow(1020)]
    [DataRow(1024)]
    [DataRow(1028)]
    [DataRow(5)]
    [DataRow(2049)]
    public void A_single_tensor_of_any_size_is_updated(int size) => Check(Spec, [size], epochs: 1);

    [TestMethod]
    [TestCategory("Long")]
    public void All_parameters_of_ResNet20_are_updated() => Check(Spec, [.. OfResNet20()], epochs: 2);

    /// <summary>Gradients that are planted, and what the record has to say: the first update, counted over epochs, and of that the first tensor.</summary>
    public static IEnumerable<object?[]> Planted =>
    [
        ["nothing", Array.Empty<Plant>(), null, null],
        ["a NaN", new Plant[] { new(2, 3, 5, float.NaN) }, 2, 3],
        ["an infinity", new Plant[] { new(0, 0, 0, float.NegativeInfinity) }, 0, 0],
        ["a NaN of the second epoch", new Plant[] { new(6, 5, 4001, float.NaN) }, 6, 5],
        ["the last of a tensor", new Plant[] { new(1, 0, 431, float.NaN) }, 1, 0],
        ["the first of a tensor", new Plant[] { new(1, 1, 0, float.NaN) }, 1, 1],
        ["the last of a tensor that ends in the midst of four", new Plant[] { new(3, 4, 6, float.NaN) }, 3, 4],
        ["a tensor of one", new Plant[] { new(4, 6, 0, float.PositiveInfinity) }, 4, 6],
        ["the last of all", new Plant[] { new(2, 8, 9, float.NaN) }, 2, 8],
        ["several of one update", new Plant[] { new(1, 7, 600, float.NaN), new(1, 2, 1, float.PositiveInfinity), new(1, 5, 4607, float.NaN) }, 1, 2],
        ["later ones of earlier tensors", new Plant[] { new(1, 5, 2002, float.NaN), new(2, 0, 0, float.NaN), new(5, 1, 1, float.NaN) }, 1, 5],
        // Finite gradients, but the weight that comes out is none.
        ["an overflow", new Plant[] { new(9, 3, 60, 3e38f), new(9, 7, 60, -3e38f) }, 9, 3],
    ];

    /// <summary>A gradient of one update.</summary>
    public sealed record Plant(int Update, int Tensor, int Element, float Gradient);

    [TestMethod]
    [DynamicData(nameof(Planted))]
    public void The_first_update_and_tensor_that_are_not_finite_are_recorded(string name, Plant[] plants, int? update, int? tensor)
    {
        // A large last rate, for the overflow.
        ulong expected = update is null ? StepState.AllFinite : (ulong)update << 32 | (uint)tensor!;
        ulong found = Run(Spec, Sizes, epochs: 2, plants, [.. Rates[..^1], 8]);
        Assert.AreEqual(expected, found, $"{name}: 0x{found:x} instead of 0x{expected:x}");
    }

    [TestMethod]
    [DataRow("a mean", 0, 15, float.NaN, false, 3u)]
    [DataRow("the last of a tensor that ends in the midst of four", 1, 6, float.PositiveInfinity, false, 4u)]
    [DataRow("the last of all", 2, 32, float.NegativeInfinity, false, 5u)]
    [DataRow("a weight of the same update comes first", 0, 0, float.NaN, true, 2u)]
    public void A_running_statistic_that_is_not_finite_is_recorded_too(string name, int tensor, int element, float value, bool weightToo, uint expected)
    {
        int[] parameterSizes = [432, 16, 640], statisticsSizes = [16, 7, 33];
        StepState end = default;
        KernelGpu.Run((gpu, results) =>
        {
            ParameterArena parameters = new(gpu, parameterSizes), statistics = new(gpu, statisticsSizes);
            if (weightToo) parameters.Upload(parameters.W, 2, [.. Enumerable.Repeat((double)float.NaN, 640)]);
            var values = new double[statisticsSizes[tensor]];
            values[element] = value;
            DevicePointer rates = gpu.Upload<float>([0.1f, 0.1f]), ends = gpu.Upload<int>([.. parameters.EndsOnHost, .. statistics.EndsOnHost]), state = gpu.Upload(StepState.Start(0));
            for (int step = 0; step < 2; step++)
            {
                if (step == 1) statistics.Upload(statistics.W, tensor, values);
                gpu.Sgd.Update(gpu.Stream, parameters.Count, parameters.G, rates, ends, 3, statistics.W, statistics.Count, 3, Spec, parameters.V, parameters.W, state);
                gpu.Sgd.Advance(gpu.Stream, 1, state);
            }
            results.Add("state", gpu.Read<StepState>(state, 1));
            end = gpu.Read<StepState>(state, 1)[0];
        });
        Assert.AreEqual((weightToo ? 0ul : 1ul << 32) | expected, end.FirstNonFinite, $"{name}: 0x{end.FirstNonFinite:x}");
    }

    [TestMethod]
    public void More_statistics_than_parameters_are_refused() => KernelGpu.Run((gpu, _) =>
        Assert.ThrowsExactly<ArgumentException>(() => gpu.Sgd.Update(gpu.Stream, 4, default, default, default, 1, default, 8, 1, Spec, default, default, default)));

    [TestMethod]
    public void An_arena_that_does_not_divide_into_fours_is_refused() => KernelGpu.Run((gpu, _) =>
        Assert.ThrowsExactly<ArgumentException>(() => gpu.Sgd.Update(gpu.Stream, 6, default, default, default, 1, default, 0, 0, Spec, default, default, default)));

    private static void Check(SgdSpec spec, int[] sizes, int epochs) => Assert.AreEqual(StepState.AllFinite, Run(spec, sizes, epochs, [], Rates));

    /// <summary>Compares every step of some epochs; returns the record of what is not finite.</summary>
    private static ulong Run(SgdSpec spec, int[] sizes, int epochs, Plant[] plants, float[] rates)
    {
        double[] Gradient(int epoch, int step, int tensor)
        {
            double[] g = TestData.Wide(TestData.Normal(sizes[tensor], $"g {epoch} {step} {tensor}"));
            foreach (var plant in plants)
                if (plant.Update == epoch * rates.Length + step && plant.Tensor == tensor) g[plant.Element] = plant.Gradient;
            return g;
        }

        ParameterArena? arena = null;
        var outputs = KernelGpu.Run((gpu, results) =>
        {
            arena = new(gpu, sizes);
            var initial = ParameterArena.Random(sizes);
            for (int i = 0; i < sizes.Length; i++)
            {
                arena.Upload(arena.W, i, initial[i].Values);
                arena.Upload(arena.V, i, initial[i].Velocity);
            }
            DevicePointer deviceRates = gpu.Empty<float>(rates.Length), state = gpu.Upload(StepState.Start(0));
            for (int epoch = 0; epoch < epochs; epoch++)
            {
                // What the host does at the beginning of an epoch; the record of what is not finite and the updates go on.
                var begin = gpu.Read<StepState>(state, 1)[0] with { Step = 0, Position = 0, Epoch = (uint)epoch };
                gpu.Stream.Upload([begin], state);
                gpu.Stream.Upload<float>(OfEpoch(rates, epoch), deviceRates);
                for (int step = 0; step < rates.Length; step++)
                {
                    for (int i = 0; i < sizes.Length; i++) arena.Upload(arena.G, i, Gradient(epoch, step, i));
                    gpu.Sgd.Update(gpu.Stream, arena.Count, arena.G, deviceRates, arena.Ends, sizes.Length, default, 0, 0, spec, arena.V, arena.W, state);
                    gpu.Sgd.Advance(gpu.Stream, 3, state);
                    results.Add($"w {epoch} {step}", gpu.Read<float>(arena.W, arena.Count));
                    results.Add($"v {epoch} {step}", gpu.Read<float>(arena.V, arena.Count));
                }
            }
            results.Add("state", gpu.Read<StepState>(state, 1));
        });

        var parameters = ParameterArena.Random(sizes);
        var reference = new ReferenceSgd(spec, [.. parameters.Select((parameter, i) => ($"{i}", parameter))], []);
        SgdBound[] bounds = Array.ConvertAll(sizes, size => new SgdBound(size));
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            double[] ofEpoch = TestData.Wide(OfEpoch(rates, epoch));
            reference.SetRates(ofEpoch);
            for (int step = 0; step < rates.Length; step++)
            {
                for (int i = 0; i < sizes.Length; i++)
                {
                    Gradient(epoch, step, i).CopyTo(parameters[i].Gradient, 0);
                    bounds[i].Add(parameters[i], spec, ofEpoch[step]);
                }
                reference.Update(step);
                float[] w = outputs.Get<float>($"w {epoch} {step}"), v = outputs.Get<float>($"v {epoch} {step}");
                for (int i = 0; i < sizes.Length; i++)
                {
                    string what = $"epoch {epoch}, step {step}, tensor {i}";
                    Bounds.Check($"v, {what}", arena!.Tensor(v, i), parameters[i].Velocity, element => bounds[i].V[element]);
                    Bounds.Check($"w, {what}", arena.Tensor(w, i), parameters[i].Values, element => bounds[i].W[element]);
                }
                foreach (float[] whole in new[] { w, v })
                    Assert.IsTrue(arena!.Gaps(whole).All(value => BitConverter.SingleToInt32Bits(value) == 0), $"epoch {epoch}, step {step}: a gap of the arena is no longer 0");
            }
        }
        var end = outputs.Get<StepState>("state")[0];
        Assert.AreEqual((rates.Length, 3 * rates.Length, (uint)epochs - 1, (uint)(epochs * rates.Length)), (end.Step, end.Position, end.Epoch, end.Updates));
        return end.FirstNonFinite;
    }

    /// <summary>Other rates in every epoch.</summary>
    private static float[] OfEpoch(float[] rates, int epoch) => Array.ConvertAll(rates, rate => rate / (1 + epoch));

    private static IEnumerable<int> OfResNet20()
    {
        int[] stem = [16 * 3 * 9, 16, 16], fc = [640, 10];
        var layers = from stage in Enumerable.Range(0, 3) from layer in Enumerable.Range(0, 6)
                     let k = 16 << stage let c = layer == 0 && stage > 0 ? k / 2 : k from size in new[] { k * c * 9, k, k } select size;
        return [.. stem, .. layers, .. fc];
    }
}
