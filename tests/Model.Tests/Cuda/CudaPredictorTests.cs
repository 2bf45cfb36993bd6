using System.Numerics.Tensors;

namespace CudnnResNet.Model.Tests.Cuda;

/// <summary>A predictor whose network lives on a GPU, called from threads that did not make it.</summary>
[TestClass]
public sealed class CudaPredictorTests : EmulatedGpuTests
{
    private const int ImageSize = 3 * 32 * 32;

    [TestInitialize]
    public void SkipWithoutEmulator() => Emulator.Start();

    [TestMethod]
    [DataRow(0)]
    [DataRow(2)]
    public void Other_threads_get_the_bytes_of_the_first(int concurrency)
    {
        using var network = new ResNet(new(Architecture.ResNet, 8), new() { Device = new() { Kind = DeviceKind.Cuda }, BatchSize = 2, Training = false });
        using var predictor = new Predictor(network, new() { Device = new() { Kind = DeviceKind.Cuda }, BatchSize = 2, Concurrency = concurrency });
        Assert.IsTrue(predictor.IsEmulated);
        float[] images = TestData.Normal(2 * ImageSize, "images"), expected = new float[20];
        network.Infer(images, expected);
        var answers = new float[3][];
        Parallel.For(0, answers.Length, call =>
        {
            var logits = new float[20];
            predictor.Logits(new ReadOnlyTensorSpan<float>(images, [2, 3, 32, 32])).FlattenTo(logits);
            answers[call] = logits;
        });
        foreach (float[] answer in answers) CollectionAssert.AreEqual(expected, answer);
    }
}
