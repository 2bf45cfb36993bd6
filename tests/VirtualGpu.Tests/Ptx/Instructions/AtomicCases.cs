using System.Numerics;
using CudnnResNet.VirtualGpu.Tests.Ptx.Support;

namespace CudnnResNet.VirtualGpu.Tests.Ptx.Instructions;

/// <summary>Atomic instructions of all threads of a block on one address: what each finds there, and what remains.</summary>
internal static class AtomicCases
{
    private const int Threads = 96;

    public static IEnumerable<InstructionCase> All()
    {
        var operations = new Dictionary<string, (string[] Types, Func<BigInteger, BigInteger, BigInteger> Of)>
        {
            ["add"] = (["u32", "s32", "u64"], (a, b) => a + b),
            ["min"] = (["u32", "s32", "u64", "s64"], BigInteger.Min),
            ["max"] = (["u32", "s32", "u64", "s64"], BigInteger.Max),
            ["exch"] = (["b32", "b64"], (_, b) => b),
        };
        return from name in new[] { "atom", "red" } from space in new[] { ".global", ".shared", "" } from operation in operations from type in operation.Value.Types
               where name == "atom" || operation.Key != "exch"
               select new InstructionCase($"{name}{space}.{operation.Key}.{type}", () => Check(name, space, operation.Key, type, operation.Value.Of));
    }

    private static void Check(string name, string space, string operation, string type, Func<BigInteger, BigInteger, BigInteger> of)
    {
        string opcode = $"{name}{space}.{operation}.{type}";
        int bits = EdgeValues.Bits(type);
        // The upper bits of the place show whether too much is written.
        ulong[] values = [.. Enumerable.Range(0, Threads).Select(i => EdgeValues.Of(type)[(i * 5 + 8) % 24])];
        const ulong initial = 0x1234_5678_7FFF_0000;
        string value = bits == 32 ? "%r5" : "%d5", old = bits == 32 ? "%r6" : "%d6";
        string body = $"""
            ld.param.u64 %d4, [p_c];
            ld.global.b64 %d7, [%d4];
            {(space == ".shared" ? "mov.u64 %d4, s;  setp.ne.u32 %p1, %r0, 0;  @!%p1 st.shared.b64 [%d4], %d7;" : "")}
            bar.sync 0;
            ld.global.b{bits} {value}, [%d1];
            {opcode} {(name == "atom" ? $"{old}, [%d4], {value}" : $"[%d4], {value}")};
            bar.sync 0;
            ld{space}.b64 %d8, [%d4];
            st.global.b64 [%d0], 0;
            """;
        const string shared = ".shared .align 8 .b8 s[8];\n";
        ulong[] final = TestKernel.Run($"{body}\nst.global.b64 [%d0], %d8;", Threads, values, c: [initial], block: Threads, moduleScope: shared);
        ulong[]? found = name == "atom" ? TestKernel.Run($"{body}\nst.global.b{bits} [%d0], {old};", Threads, values, c: [initial], block: Threads, moduleScope: shared) : null;

        ulong mask = ulong.MaxValue >> (64 - bits), now = initial & mask;
        for (int i = 0; i < Threads; i++)
        {
            if (found is not null) Assert.AreEqual(now, found[i], $"{opcode}, thread {i}");
            now = WholeCases.Cut(of(WholeCases.Number(now, type), WholeCases.Number(values[i], type)), type);
        }
        Assert.AreEqual((initial & ~mask) | now, final[0], opcode);
    }
}
