using CudnnResNet.VirtualGpu.Tests.Ptx.Support;

namespace CudnnResNet.VirtualGpu.Tests.Ptx.Instructions;

/// <summary>cvt between whole numbers, addresses, and instructions of predicates.</summary>
internal static class ConversionCases
{
    private static readonly string[] types = ["u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64"];

    public static IEnumerable<InstructionCase> All() => Whole().Concat(Others());

    private static IEnumerable<InstructionCase> Whole() => from to in types from source in types select new InstructionCase($"cvt.{to}.{source}", () => CheckWhole(to, source));

    // Registers may be wider than the types: every width is tried.
    private static void CheckWhole(string to, string source)
    {
        string opcode = $"cvt.{to}.{source}";
        foreach (int sourceBits in Widths(source))
        {
            foreach (int toBits in Widths(to))
            {
                ulong[] inputs = EdgeValues.Of($"u{sourceBits}");
                string body = $"ld.global.b{sourceBits} {Register(sourceBits, 2)}, [%d1];  {opcode} {Register(toBits, 5)}, {Register(sourceBits, 2)};  st.global.b64 [%d0], 0;  st.global.b{toBits} [%d0], {Register(toBits, 5)};";
                ulong[] actual = TestKernel.Run(body, inputs.Length, inputs);
                for (int i = 0; i < inputs.Length; i++)
                {
                    var number = WholeCases.Number(inputs[i] & (ulong.MaxValue >> (64 - EdgeValues.Bits(source))), source);
                    ulong wanted = WholeCases.Cut(WholeCases.Number(WholeCases.Cut(number, to), to), $"u{toBits}");
                    Assert.AreEqual(wanted, actual[i], $"{opcode} of 0x{inputs[i]:x}, from {sourceBits} to {toBits} bits");
                }
            }
        }
    }

    private static IEnumerable<int> Widths(string type) => new[] { 16, 32, 64 }.Where(bits => bits >= EdgeValues.Bits(type));

    private static string Register(int bits, int number) => bits switch { 16 => $"%h{number}", 32 => $"%r{number}", _ => $"%d{number + 10}" };

    private static IEnumerable<InstructionCase> Others()
    {
        yield return InstructionCase.Value("cvta.to.global.u64", ["u64", "u64"], bits => bits[0]);
        yield return InstructionCase.Value("cvta.global.u64", ["u64", "u64"], bits => bits[0]);
        yield return InstructionCase.Value("mov.pred", ["pred", "pred"], bits => bits[0]);
        yield return InstructionCase.Value("not.pred", ["pred", "pred"], bits => 1 - bits[0]);
        yield return InstructionCase.Value("and.pred", ["pred", "pred", "pred"], bits => bits[0] & bits[1]);
        yield return InstructionCase.Value("or.pred", ["pred", "pred", "pred"], bits => bits[0] | bits[1]);
        yield return InstructionCase.Value("xor.pred", ["pred", "pred", "pred"], bits => bits[0] ^ bits[1]);
    }
}
