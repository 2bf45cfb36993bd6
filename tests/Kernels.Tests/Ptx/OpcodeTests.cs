using System.Text;
using CudnnResNet.Model.Devices.Cuda;

namespace CudnnResNet.Kernels.Tests.Ptx;

/// <summary>Which instructions the kernels consist of.</summary>
[TestClass]
public sealed class OpcodeTests
{
    private static SortedSet<string> OfKernels => new(KernelPtx.Names.SelectMany(name => PtxOpcodes.Of(Encoding.ASCII.GetString(KernelPtx.Read(name).Text))), StringComparer.Ordinal);

    [TestMethod]
    public void Are_found_in_the_text()
    {
        const string Text = """
            .version 6.3
            .visible .entry f(
            	.param .u64 f_param_0
            )
            {
            	.reg .pred 	%p<2>;
            	ld.global.nc.v4.f32 	{%f1, %f2, %f3, %f4}, [%rd1+16];
            	@!%p1 bra.uni 	$L__BB0_9;
            $L__BB0_4:                              // =>This Inner Loop Header
            	.pragma "nounroll";
            	bar.sync 	0;
            	ret;
            }
            """;
        CollectionAssert.AreEqual(new[] { "bar.sync", "bra.uni", "ld.global.nc.v4.f32", "ret" }, PtxOpcodes.Of(Text).ToArray());
    }

    // Approximate instructions differ between GPUs, and float atomics add in the order in which threads arrive.
    [TestMethod]
    public void None_is_approximate_or_depends_on_the_order_of_threads()
    {
        var opcodes = OfKernels;
        Assert.IsGreaterThan(50, opcodes.Count);
        string[] refused = [.. opcodes.Where(opcode => opcode.Contains(".approx", StringComparison.Ordinal) || opcode.Contains(".ftz", StringComparison.Ordinal)
            || (opcode.StartsWith("atom", StringComparison.Ordinal) || opcode.StartsWith("red", StringComparison.Ordinal)) && opcode.Contains(".f", StringComparison.Ordinal))];
        Assert.IsEmpty(refused, string.Join(" ", refused));
        // A product whose rounding is not named may be contracted with a sum.
        Assert.DoesNotContain("mul.f32", opcodes);
        Assert.DoesNotContain("mul.f64", opcodes);
    }

    // Neighbouring threads touch neighbouring memory, four floats each; the logits are rows of ten, and go by two. In the PTX that is checked
    // in: other compilers may split a store (nvcc 11.8 does those of augment).
    [TestMethod]
    [DataRow("augment", "augment_training_forward", "st.global.v4.f32")]
    [DataRow("augment", "augment_inference_forward", "st.global.v4.f32")]
    [DataRow("join", "relu_forward", "ld.global.v4.f32 st.global.v4.f32")]
    [DataRow("join", "add_relu_forward", "ld.global.v4.f32 ld.global.nc.v4.f32 st.global.v4.f32")]
    [DataRow("join", "relu_backward", "ld.global.v4.f32 ld.global.nc.v4.f32 st.global.v4.f32")]
    [DataRow("join", "downsample_add_relu_forward", "ld.global.v4.f32 st.global.v4.f32")]
    [DataRow("join", "downsample_backward", "ld.global.nc.v2.f32 st.global.v4.f32")]
    [DataRow("sgd", "sgd_update", "ld.global.nc.v4.f32 ld.global.v4.f32 st.global.v4.f32")]
    [DataRow("softmax_cross_entropy", "softmax_cross_entropy_forward", "ld.global.nc.v2.f32")]
    [DataRow("softmax_cross_entropy", "softmax_cross_entropy_backward", "ld.global.nc.v2.f32 st.global.v2.f32")]
    public void Tensors_are_read_and_written_by_vectors(string file, string kernel, string expected)
    {
        string text = File.ReadAllText(Repository.At("kernels", "ptx", $"{file}.ptx"));
        int begin = text.IndexOf($".entry {kernel}(", StringComparison.Ordinal), end = text.IndexOf("\n}", begin, StringComparison.Ordinal);
        Assert.IsGreaterThan(0, begin);
        var opcodes = PtxOpcodes.Of(text[begin..end]);
        foreach (string opcode in expected.Split(' ')) Assert.Contains(opcode, opcodes);
    }
}
