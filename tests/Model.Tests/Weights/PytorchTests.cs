using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace CudnnResNet.Model.Tests.Weights;

/// <summary>PyTorch itself, where the machine has it, with the module of docs/pytorch.md: it computes from our files what we compute, and we read what it saves.</summary>
[TestClass]
public class PytorchTests
{
    private const int Images = 16;

    [TestMethod]
    [DataRow(20, Architecture.ResNet, ShortcutPadding.Trailing)]
    [DataRow(20, Architecture.ResNet, ShortcutPadding.Centred)]
    [DataRow(20, Architecture.Plain, ShortcutPadding.Trailing)]
    public void PyTorch_computes_our_logits(int depth, Architecture kind, ShortcutPadding shortcut)
    {
        Python.Require("torch");
        using var folder = new TemporaryFolder();
        Save(folder["w.safetensors"], new(kind, depth, shortcut));
        byte[] pixels = TestData.Bytes(Images * 3 * 32 * 32, "PyTorch");
        File.WriteAllBytes(folder["pixels"], pixels);
        Run(folder["w.safetensors"], folder["pixels"], folder["logits"]);

        float[] theirs = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(folder["logits"])).ToArray();
        using var predictor = Predictor.Load(folder["w.safetensors"]);
        var ours = new float[Images * 10];
        predictor.Logits(pixels).FlattenTo(ours);
        Assert.HasCount(ours.Length, theirs);
        Assert.IsGreaterThan(0.1f, ours.Max() - ours.Min(), "logits that are all alike show nothing");
        for (int i = 0; i < ours.Length; i++) Assert.AreEqual(ours[i], theirs[i], 1e-4, $"logit {i % 10} of image {i / 10}");
    }

    [TestMethod]
    public void What_PyTorch_saves_is_read_bit_for_bit()
    {
        Python.Require("torch");
        using var folder = new TemporaryFolder();
        var state = Save(folder["w.safetensors"], new(Architecture.ResNet, 20));
        Directory.CreateDirectory(folder["saved"]);
        Run(folder["w.safetensors"], folder["saved"]);
        string[] files = Directory.GetFiles(folder["saved"]);
        Assert.HasCount(11, files);
        foreach (string file in files)
        {
            var read = WeightsFile.Load(file).State;
            foreach (var (name, shape, values) in state.Tensors)
            {
                CollectionAssert.AreEqual(shape, read[name].Shape, $"{file}: {name}");
                CollectionAssert.AreEqual(Rounded(values, Path.GetFileName(file)), read[name].Values, $"{file}: {name}");
            }
        }
    }

    /// <summary>As the type of that name rounds.</summary>
    private static float[] Rounded(float[] values, string type) => type switch
    {
        "half" => Array.ConvertAll(values, value => (float)(Half)value),
        "bfloat16" => Array.ConvertAll(values, ToBFloat16),
        _ => values,
    };

    private static float ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value), odd = bits >> 16 & 1;
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + odd) & 0xFFFF_0000);
    }

    private static StateDict Save(string path, ArchitectureSpec architecture)
    {
        var state = TrainedState.Create(architecture);
        WeightsFile.Save(path, architecture, Normalization.Reference, state);
        return state;
    }

    private static void Run(params string[] arguments) =>
        Python.Run([Path.Combine(AppContext.BaseDirectory, "pytorch_real.py"), Path.Combine(AppContext.BaseDirectory, "pytorch.md"), .. arguments]);
}
