using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Cuda;
using CudnnResNet.Model.Devices.Reference;
using CudnnResNet.Model.Tests;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Kernels.Tests.Conformance;

/// <summary>
/// Whole steps of a network that is nothing but its logits, from one captured graph: position, learning rate and totals have to come from
/// device memory, because the graph's parameters never change.
/// </summary>
[TestClass]
public sealed class StepGraphTests
{
    // Weights are the logits of a batch's four images.
    private const int N = 4, Steps = 5, Images = N * Steps, Classes = ArchitectureSpec.Cifar10Classes, Count = N * Classes, Epoch = 9;

    private static readonly SgdSpec Sgd = new((float)0.9, (float)1e-3);
    private static readonly AugmentSpec Augment = new(Normalization.Reference, Crop.Random, Flip: true, Seed: 5);
    private static readonly float[] Rates = [2, 2, 1, 0.5f, 0.25f];
    private static readonly byte[] Pixels = TestData.Bytes(Images * AugmentSpec.ImageSize, "graph pixels"), Labels = TestData.Bytes(Images, "graph labels", Classes);
    private static readonly int[] Order = [.. Enumerable.Range(0, Images).Select(i => i * 7 % Images)];
    private static readonly float[] Logits = TestData.Normal(Count, "graph logits");

    [TestMethod]
    public void One_graph_serves_every_step_of_an_epoch()
    {
        var captured = KernelGpu.Run((gpu, results) => Train(gpu, results, inGraph: true));
        var eager = KernelGpu.Run((gpu, results) => Train(gpu, results, inGraph: false));
        captured.AssertSameBytes(eager, "from a graph");
        CheckWithReference(captured);
    }

    private static void Train(KernelGpu gpu, Outputs results, bool inGraph)
    {
        var set = new ImageMemory(gpu.Upload<byte>(Pixels), gpu.Upload<byte>(Labels), gpu.Upload<int>(Order));
        var normalization = new NormalizationMemory(gpu.Upload<float>(Augment.Normalization.Table()), DevicePointer.Null);
        DevicePointer x = gpu.Empty<float>(N * AugmentSpec.ImageSize), labels = gpu.Empty<byte>(N), dlogits = gpu.Empty<float>(Count), w = gpu.Upload<float>(Logits), v = gpu.Upload<float>(new float[Count]);
        DevicePointer rates = gpu.Upload<float>(Rates), ends = gpu.Upload(Count), state = gpu.Upload(StepState.Start(Epoch));
        // Modules are loaded outside: a capture cannot hold that.
        var (augment, loss, sgd) = (gpu.Augment, gpu.SoftmaxCrossEntropy, gpu.Sgd);
        void Step()
        {
            augment.Training(gpu.Stream, N, set, normalization, state, Augment, x, labels);
            loss.Forward(gpu.Stream, N, Classes, w, labels, state);
            loss.Backward(gpu.Stream, N, Classes, w, labels, dlogits);
            sgd.Update(gpu.Stream, Count, dlogits, rates, ends, 1, default, 0, 0, Sgd, v, w, state);
            sgd.Advance(gpu.Stream, N, state);
        }

        CudaGraphExec? exec = null;
        if (inGraph)
        {
            using CudaGraph graph = CudaGraph.Capture(gpu.Stream, Step);
            Assert.AreEqual(5, graph.NodeCount);
            exec = gpu.Keep(graph.Instantiate());
        }
        for (int step = 0; step < Steps; step++)
        {
            if (exec is null) Step();
            else exec.Launch(gpu.Stream);
            results.Add($"x {step}", gpu.Read<float>(x, N * AugmentSpec.ImageSize));
            results.Add($"labels {step}", gpu.Read<byte>(labels, N));
            results.Add($"w {step}", gpu.Read<float>(w, Count));
            results.Add($"state {step}", gpu.Read<StepState>(state, 1));
        }
    }

    private static void CheckWithReference(Outputs outputs)
    {
        using var device = new ReferenceDevice(new([], null, N, Training: true));
        using var set = device.LoadImages(Pixels, Labels);
        set.SetOrder(Epoch, Order);
        var augment = device.CreateAugment(Augment);
        var x = (ReferenceActivation)device.CreateInput(new(3, AugmentSpec.Side, AugmentSpec.Side));
        var labels = (ReferenceLabels)device.CreateLabels();
        var parameter = new Parameter(Count, training: true);
        TestData.Wide(Logits).CopyTo(parameter.Values, 0);
        var sgd = new ReferenceSgd(Sgd, [("logits", parameter)], []);
        sgd.SetRates(TestData.Wide(Rates));

        var totals = default(Totals);
        var probabilities = new double[Classes];
        for (int step = 0; step < Steps; step++)
        {
            augment.Forward(set, step * N, N, Mode.Training, x, labels);
            for (int i = 0; i < N; i++)
            {
                var (loss, hit) = SoftmaxCrossEntropy.Forward(parameter.Values.AsSpan(i * Classes, Classes), labels.Values[i], probabilities);
                totals = new(totals.Images + 1, totals.LossSum + loss, totals.Correct + (hit ? 1 : 0));
                SoftmaxCrossEntropy.Backward(probabilities, labels.Values[i], N, parameter.Gradient.AsSpan(i * Classes, Classes));
            }
            sgd.Update(step);

            Bounds.CheckBits($"x of step {step}", outputs.Get<float>($"x {step}"), x.Values);
            CollectionAssert.AreEqual(labels.Values, outputs.Get<byte>($"labels {step}"), $"labels of step {step}");
            Bounds.Check($"w after step {step}", outputs.Get<float>($"w {step}"), parameter.Values, _ => Bounds.FewSteps);
            var state = outputs.Get<StepState>($"state {step}")[0];
            Assert.AreEqual((step + 1, (step + 1) * N, (uint)Epoch, (uint)step + 1, StepState.AllFinite), (state.Step, state.Position, state.Epoch, state.Updates, state.FirstNonFinite));
            Assert.AreEqual((totals.Images, totals.Correct), (state.Images, state.Correct));
            Assert.AreEqual(totals.LossSum, state.LossSum, 2 * Bounds.FewSteps * totals.Images, $"loss sum after step {step}");
        }
    }
}
