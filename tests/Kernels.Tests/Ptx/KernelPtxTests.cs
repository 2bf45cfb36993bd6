using System.Runtime.InteropServices;
using System.Security.Cryptography;
using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Cuda;

namespace CudnnResNet.Kernels.Tests.Ptx;

/// <summary>The PTX inside the assembly.</summary>
[TestClass]
public sealed class KernelPtxTests
{
    [TestMethod]
    public void Every_kernel_file_is_embedded()
    {
        string[] sources = [.. Directory.GetFiles(Repository.At("kernels"), "*.cu").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(sources, KernelPtx.Names.ToArray());
    }

    [TestMethod]
    public void Embedded_ptx_is_of_the_source_that_is_here()
    {
        byte[] headers = [.. Directory.GetFiles(Repository.At("kernels"), "*.h").Order(StringComparer.Ordinal).SelectMany(File.ReadAllBytes)];
        foreach (string name in KernelPtx.Names)
        {
            byte[] source = [.. File.ReadAllBytes(Repository.At("kernels", $"{name}.cu")), .. headers];
            Assert.AreEqual(Convert.ToHexStringLower(SHA256.HashData(source)), KernelPtx.Read(name).SourceHash, $"{name}: the source has changed; run make ptx (or make ptx-update), then build");
        }
    }

    [TestMethod]
    public void Says_what_it_asks_of_a_driver_and_a_gpu()
    {
        Assert.IsTrue(CudaKernels.Isa >= new Version(6, 3), CudaKernels.Isa.ToString());
        StringAssert.Matches(CudaKernels.Target, new(@"^sm_\d+$"));
        StringAssert.Matches(CudaKernels.Compiler, new(@"clang|nvcc"));
        StringAssert.Contains(System.Text.Encoding.ASCII.GetString(KernelPtx.Read("sgd").Text), ".entry sgd_update(");
    }

    // nvcc 13 begins at sm_75: the oldest usable GPU is that of the PTX inside.
    [TestMethod]
    [DataRow("sm_70", "7.0")]
    [DataRow("sm_75", "7.5")]
    [DataRow("sm_100", "10.0")]
    public void The_oldest_GPU_is_that_of_the_target(string target, string capability) => Assert.AreEqual(capability, CudaKernels.CapabilityOf(target).ToString());

    [TestMethod]
    public void An_unknown_name_is_refused_with_the_known_ones()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => KernelPtx.Read("sdg"));
        StringAssert.Contains(error.Message, "augment, join, sgd, softmax_cross_entropy");
    }

    // The offsets stand in kernels/step_state.h.
    [TestMethod]
    [DataRow(nameof(StepState.Step), 0)]
    [DataRow(nameof(StepState.Position), 4)]
    [DataRow(nameof(StepState.Epoch), 8)]
    [DataRow(nameof(StepState.Updates), 12)]
    [DataRow(nameof(StepState.FirstNonFinite), 16)]
    [DataRow(nameof(StepState.Images), 24)]
    [DataRow(nameof(StepState.Correct), 32)]
    [DataRow(nameof(StepState.LossSum), 40)]
    public void Step_state_has_the_layout_of_the_kernels(string field, int offset)
    {
        Assert.AreEqual(offset, (int)Marshal.OffsetOf<StepState>(field));
        Assert.AreEqual(64, Marshal.SizeOf<StepState>());
        string[] lines = File.ReadAllLines(Repository.At("kernels", "step_state.h"));
        string snake = string.Concat(field.Select((letter, i) => i > 0 && char.IsUpper(letter) ? $"_{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
        Assert.IsTrue(lines.Any(line => line.Contains($" {snake};", StringComparison.Ordinal) && line.Contains($"// {offset,2}:", StringComparison.Ordinal)), $"{snake} at {offset} is not in step_state.h");
    }
}
