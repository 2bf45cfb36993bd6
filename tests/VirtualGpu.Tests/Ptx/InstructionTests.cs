using CudnnResNet.Kernels.Tests.Ptx;
using CudnnResNet.VirtualGpu.Ptx.Decoding;
using CudnnResNet.VirtualGpu.Tests.Ptx.Instructions;

namespace CudnnResNet.VirtualGpu.Tests.Ptx;

/// <summary>Every opcode against C# arithmetic.</summary>
[TestClass]
public sealed class InstructionTests
{
    private static readonly Dictionary<string, InstructionCase> cases =
        new[] { WholeCases.All(), FloatCases.All(), ConversionCases.All(), MemoryCases.All(), AtomicCases.All(), FlowCases.All(), WarpCases.All() }.SelectMany(list => list).ToDictionary(entry => entry.Opcode);

    private static IEnumerable<object[]> Opcodes => cases.Keys.Select(opcode => new object[] { opcode });

    [TestMethod]
    [DynamicData(nameof(Opcodes))]
    public void Does_what_the_manual_says(string opcode) => cases[opcode].Check();

    [TestMethod]
    public void Every_opcode_of_the_kernels_is_tested()
    {
        var used = Directory.GetFiles(Repository.At("kernels", "ptx"), "*.ptx").SelectMany(file => PtxOpcodes.Of(File.ReadAllText(file))).ToHashSet();
        Assert.IsTrue(used.Count > 100, $"only {used.Count} opcodes were found");
        Assert.AreEqual("", string.Join(' ', used.Except(cases.Keys).Order(StringComparer.Ordinal)), "the kernels use opcodes that no instruction test covers");
    }

    [TestMethod]
    public void Every_opcode_of_the_engines_table_is_tested() =>
        Assert.AreEqual("", string.Join(' ', OpcodeTable.Names.Except(cases.Keys).Order(StringComparer.Ordinal)));
}
