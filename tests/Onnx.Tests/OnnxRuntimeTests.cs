using CudnnResNet.Model;
using CudnnResNet.Training.Data;
using Microsoft.ML.OnnxRuntime;

namespace CudnnResNet.Onnx.Tests;

/// <summary>ONNX Runtime computes the logits that this engine computes.</summary>
[TestClass]
public class OnnxRuntimeTests
{
    private const int ImageSize = 3 * 32 * 32;

    public static IEnumerable<object[]> Cases =>
        from network in new (Architecture, int, ShortcutPadding)[]
        {
            (Architecture.ResNet, 8, ShortcutPadding.Trailing), (Architecture.ResNet, 14, ShortcutPadding.Centred), (Architecture.ResNet, 20, ShortcutPadding.Trailing),
            (Architecture.ResNet, 20, ShortcutPadding.Centred), (Architecture.ResNet, 14, ShortcutPadding.Reshape), (Architecture.Plain, 8, ShortcutPadding.Trailing), (Architecture.Plain, 20, ShortcutPadding.Trailing),
        }
        from fold in new[] { false, true }
        from normalization in new[] { "none", "channel", "pixel" }
        select new object[] { network.Item1, network.Item2, network.Item3, fold, normalization };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void The_logits_are_the_same(Architecture kind, int depth, ShortcutPadding shortcut, bool fold, string normalization)
    {
        using var folder = new TemporaryFolder();
        var architecture = new ArchitectureSpec(kind, depth, shortcut);
        var state = TrainedState.Create(architecture);
        var applied = normalization == "pixel"
            ? Normalization.Pixel([.. Enumerable.Range(0, ImageSize).Select(i => 0.2f + 0.6f * i / ImageSize)])
            : Normalization.Channel([0.49, 0.48, 0.45], [0.25, 0.24, 0.26]);
        OnnxFile.Save(folder["m.onnx"], architecture, applied, state, new() { Fold = fold, IncludeNormalization = normalization != "none" });

        using var session = new InferenceSession(folder["m.onnx"]);
        using var ours = new ResNet(architecture, new() { Training = false, BatchSize = 7, Device = new() { Kind = DeviceKind.Cpu }, Normalization = applied });
        ours.Load(state);
        foreach (int n in new[] { 1, 7 })
        {
            byte[] pixels = Pixels(n);
            float[] normalised = Normalised(pixels, applied), input = normalization == "none" ? normalised : Array.ConvertAll(pixels, value => (float)value);
            var expected = new float[n * 10];
            ours.Infer(normalised, expected);
            Logits.AssertClose(expected, Run(session, input, n));
        }
    }

    [TestMethod]
    public void The_model_says_what_it_takes_and_what_it_is()
    {
        using var folder = new TemporaryFolder();
        var architecture = new ArchitectureSpec(Architecture.ResNet, 8, ShortcutPadding.Centred);
        var state = TrainedState.Create(architecture);
        OnnxFile.Save(folder["m.onnx"], architecture, Normalization.ImageNet, state, origin: new(Epoch: 3));
        using var session = new InferenceSession(folder["m.onnx"]);
        CollectionAssert.AreEqual(new[] { "input" }, session.InputNames.ToArray());
        CollectionAssert.AreEqual(new[] { "logits" }, session.OutputNames.ToArray());
        CollectionAssert.AreEqual(new[] { -1, 3, 32, 32 }, session.InputMetadata["input"].Dimensions);
        Assert.AreEqual("N", session.InputMetadata["input"].SymbolicDimensions[0]);
        CollectionAssert.AreEqual(new[] { -1, 10 }, session.OutputMetadata["logits"].Dimensions);
        var metadata = session.ModelMetadata;
        Assert.AreEqual(("CudnnResNet", "resnet8"), (metadata.ProducerName, metadata.GraphName));
        Assert.AreEqual(("centred", "imagenet", "3", state.Sha256()),
            (metadata.CustomMetadataMap["shortcut"], metadata.CustomMetadataMap["normalize"], metadata.CustomMetadataMap["epoch"], metadata.CustomMetadataMap["weights_sha256"]));
    }

    /// <summary>The reference project's networks over real test images: the same logits, and so the same error.</summary>
    [TestMethod]
    [DataRow("resnet", false, false)]
    [DataRow("resnet", true, true)]
    [DataRow("plain", false, true)]
    [DataRow("plain", true, false)]
    public void The_published_weights_on_real_images(string kind, bool fold, bool includeNormalization)
    {
        const int images = 512;
        using var folder = new TemporaryFolder();
        string path = SharedFolder.File(kind == "resnet" ? "data/pretrained/seed-resnet20.safetensors" : "data/pretrained/seed-plainnet20.safetensors");
        string? data = Environment.GetEnvironmentVariable("CIFAR10_DIR");
        if (string.IsNullOrEmpty(data)) Assert.Inconclusive("skipped: CIFAR10_DIR names no folder with CIFAR-10");
        var weights = WeightsFile.Load(path, new() { Architecture = kind == "resnet" ? Architecture.ResNet : Architecture.Plain });
        OnnxFile.Save(folder["m.onnx"], weights.Architecture, weights.Normalization, weights.State, new() { Fold = fold, IncludeNormalization = includeNormalization });
        byte[] pixels = Cifar10.Read(data!).Test.Pixels[..(images * ImageSize)];
        float[] normalised = Normalised(pixels, weights.Normalization);

        using var session = new InferenceSession(folder["m.onnx"]);
        using var ours = new ResNet(weights.Architecture, new() { Training = false, BatchSize = images, Device = new() { Kind = DeviceKind.Cpu } });
        ours.Load(weights.State);
        var expected = new float[images * 10];
        ours.Infer(normalised, expected);
        Assert.IsGreaterThan(5, expected.Max());
        Logits.AssertClose(expected, Run(session, includeNormalization ? Array.ConvertAll(pixels, value => (float)value) : normalised, images));
    }

    private static float[] Run(InferenceSession session, float[] input, int n)
    {
        using var value = OrtValue.CreateTensorValueFromMemory(input, [n, 3, 32, 32]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, session.InputNames, [value], session.OutputNames);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static byte[] Pixels(int n)
    {
        var pixels = new byte[n * ImageSize];
        new Random(n).NextBytes(pixels);
        return pixels;
    }

    private static float[] Normalised(byte[] pixels, Normalization normalization)
    {
        float[] table = normalization.Table();
        return [.. pixels.Select((value, i) => table[i / 1024 % 3 * 256 + value] - (normalization.PixelMean?[i % ImageSize] ?? 0))];
    }
}
