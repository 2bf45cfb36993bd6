using System.Runtime.InteropServices;

namespace CudnnResNet.Model.Tests.Weights;

/// <summary>PyTorch itself, where the machine has it, with the module of docs/pytorch.md: it computes from our files what we compute, and we read what it saves.</summary>
[TestClass]
public class PytorchTests
{
    [TestMethod]
    [DataRow(20, Architecture.ResNet, ShortcutPadding.Trailing)]
    [DataRow(20, Architecture.ResNet, ShortcutPadding.Centred)]
    [DataRow(20, Architecture.Plain, ShortcutPadding.Trailing)]
    public void PyTorch_computes_our_logits(int depth, Architecture kind, ShortcutPadding shortcut)
    {
        using var folder = new TemporaryFolder();
        var (_, pixels) = RunPyTorch(folder, new(kind, depth, shortcut));
        float[] theirs = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(folder["logits"])).ToArray();
        using var predictor = Predictor.Load(folder["w.safetensors"]);
        Logits.AssertClose([.. predictor.Logits(pixels)], theirs);
    }

    [TestMethod]
    public void What_PyTorch_saves_is_read_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        var (state, _) = RunPyTorch(folder, new(Architecture.ResNet, 20));
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

    /// <summary>A network of ours and 16 images; what PyTorch makes of them is then in the folder.</summary>
    private static (StateDict State, byte[] Pixels) RunPyTorch(TemporaryFolder folder, ArchitectureSpec architecture)
    {
        Python.Require("torch");
        var state = TrainedState.Create(architecture);
        WeightsFile.Save(folder["w.safetensors"], architecture, Normalization.Reference, state);
        byte[] pixels = TestData.Bytes(16 * architecture.Input.Size, "PyTorch");
        File.WriteAllBytes(folder["pixels"], pixels);
        Directory.CreateDirectory(folder["saved"]);
        string At(string name) => Path.Combine(AppContext.BaseDirectory, name);
        Python.Run(At("pytorch_real.py"), At("pytorch.md"), folder["w.safetensors"], folder["pixels"], folder["logits"], folder["saved"]);
        return (state, pixels);
    }
}
