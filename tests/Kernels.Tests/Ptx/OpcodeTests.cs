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
}
