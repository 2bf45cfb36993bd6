using System.Numerics;
using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Ptx;
using CudnnResNet.VirtualGpu.Tests.Ptx.Support;

namespace CudnnResNet.VirtualGpu.Tests.Ptx.Instructions;

/// <summary>Loads and stores, single and as vectors, of every type into and from registers of every width that fits.</summary>
internal static class MemoryCases
{
    private const int Threads = 64, BytesPerThread = 16;

    private static readonly string[] types = ["b8", "u8", "s8", "b16", "u16", "s16", "b32", "u32", "s32", "f32", "b64", "u64", "s64", "f64"];

    // 16 bytes per thread, and as many in a parameter; all bits vary, the sign bits too.
    private static readonly byte[] data = [.. Enumerable.Range(0, Threads * BytesPerThread).Select(i => (byte)(i * 151 + i / 7))];

    private const string Prelude = """
        .visible .entry k(.param .u64 p_out, .param .u64 p_in, .param .align 16 .b8 p_data[16]) {
        .reg .b16 %h<8>;  .reg .b32 %r<8>;  .reg .f32 %f<8>;  .reg .b64 %d<32>;  .reg .f64 %g<8>;
        .shared .align 16 .b8 s[1024];
        mov.u32 %r7, %tid.x;
        mul.wide.u32 %d20, %r7, 16;
        ld.param.u64 %d21, [p_in];   add.s64 %d21, %d21, %d20;
        ld.param.u64 %d22, [p_out];  add.s64 %d22, %d22, %d20;
        mov.u64 %d23, s;             add.s64 %d23, %d23, %d20;
        ld.global.b64 %d24, [%d21];  ld.global.b64 %d25, [%d21+8];
        st.shared.b64 [%d23], %d24;  st.shared.b64 [%d23+8], %d25;

        """;

    public static IEnumerable<InstructionCase> All() => Loads().Concat(Stores());

    private static IEnumerable<InstructionCase> Loads()
    {
        foreach (var (opcode, type, elements) in Spellings("ld", [".global", ".global.nc", ".shared", ".const", ".param", ""]))
            yield return new(opcode, () => CheckLoad(opcode, type, elements));
        foreach (string modifiers in new[] { "global.ca", "global.cg", "global.cs", "global.lu", "global.cv", "volatile.global", "volatile.shared" })
            yield return new($"ld.{modifiers}.u32", () => CheckLoad($"ld.{modifiers}.u32", "u32", 1));
    }

    private static IEnumerable<InstructionCase> Stores()
    {
        foreach (var (opcode, type, elements) in Spellings("st", [".global", ".shared", ""])) yield return new(opcode, () => CheckStore(opcode, type, elements));
        foreach (string modifiers in new[] { "global.wb", "global.cg", "global.cs", "global.wt", "volatile.global", "volatile.shared" })
            yield return new($"st.{modifiers}.u32", () => CheckStore($"st.{modifiers}.u32", "u32", 1));
    }

    private static IEnumerable<(string Opcode, string Type, int Elements)> Spellings(string name, string[] spaces) =>
        from space in spaces from elements in new[] { 1, 2, 4 } from type in types
        where EdgeValues.Bits(type) / 8 * elements <= BytesPerThread
        select ($"{name}{space}{(elements == 1 ? "" : $".v{elements}")}.{type}", type, elements);

    private static void CheckLoad(string opcode, string type, int elements)
    {
        foreach (int bits in Widths(type))
        {
            for (int element = 0; element < elements; element++)
            {
                string address = opcode.Contains(".shared", StringComparison.Ordinal) ? "%d23" : opcode.Contains(".const", StringComparison.Ordinal) ? "t" : opcode.Contains(".param", StringComparison.Ordinal) ? "p_data" : "%d21";
                ulong[] actual = Run($"{opcode} {Registers(type, bits, elements)}, [{address}];\nst.global.b64 [%d22], 0;\nst.global.b64 [%d22+8], 0;\nst.global.b{bits} [%d22], {Register(type, bits, element)};", data);
                for (int thread = 0; thread < Threads; thread++)
                {
                    int at = (address[0] == '%' ? thread * BytesPerThread : 0) + element * EdgeValues.Bits(type) / 8;
                    ulong raw = Bytes(data, at, EdgeValues.Bits(type) / 8);
                    Assert.AreEqual(WholeCases.Cut(WholeCases.Number(raw, type), $"u{bits}"), actual[2 * thread], $"{opcode}, element {element}, {bits} bits, thread {thread}");
                }
            }
        }
    }

    private static void CheckStore(string opcode, string type, int elements)
    {
        int bytes = EdgeValues.Bits(type) / 8;
        bool isShared = opcode.Contains(".shared", StringComparison.Ordinal);
        foreach (int bits in Widths(type))
        {
            // Element e is the low part of the thread's bytes from 2 e on, shifted down.
            string fill = string.Concat(Enumerable.Range(0, elements).Select(e => $"shr.u64 %d{e + 10}, %d24, {8 * e};\n" + bits switch
            {
                16 => $"cvt.u16.u64 %h{e}, %d{e + 10};\n",
                32 => $"cvt.u32.u64 %r{e}, %d{e + 10};  mov.b32 %f{e}, %r{e};\n",
                _ => $"mov.b64 %d{e}, %d{e + 10};  mov.b64 %g{e}, %d{e};\n",
            }));
            string copy = isShared ? "ld.shared.v2.u64 {%d26, %d27}, [%d23];\nst.global.v2.u64 [%d22], {%d26, %d27};\n" : "";
            ulong[] actual = Run($"{fill}{opcode} [{(isShared ? "%d23" : "%d22")}], {Registers(type, bits, elements)};\n{copy}", data);
            for (int thread = 0; thread < Threads; thread++)
            {
                byte[] wanted = isShared ? data.AsSpan(thread * BytesPerThread, BytesPerThread).ToArray() : [.. Enumerable.Repeat((byte)0xFF, BytesPerThread)];
                for (int e = 0; e < elements; e++)
                {
                    ulong value = Bytes(data, thread * BytesPerThread, 8) >> (8 * e);
                    for (int i = 0; i < bytes; i++) wanted[e * bytes + i] = (byte)(value >> (8 * i));
                }
                CollectionAssert.AreEqual(wanted, MemoryMarshal.AsBytes(actual.AsSpan(2 * thread, 2)).ToArray(), $"{opcode}, {bits} bits, thread {thread}");
            }
        }
    }

    private static ulong[] Run(string body, byte[] input)
    {
        using var memory = new TestMemory();
        ulong output = memory.Allocate<byte>([.. Enumerable.Repeat((byte)0xFF, Threads * BytesPerThread)]), variable = memory.Allocate<byte>(input.AsSpan(0, 16));
        var module = PtxModule.Parse($"{TestKernel.Header}.const .align 16 .b8 t[16];\n{Prelude}{body}\nret;\n}}\n");
        byte[] parameters = [.. MemoryMarshal.AsBytes<ulong>([output, memory.Allocate<byte>(input)]), .. input.AsSpan(0, 16)];
        KernelRun.Execute(module.Kernels["k"], new(1, 1, 1), new(Threads, 1, 1), 0, parameters, new Dictionary<string, ulong> { ["t"] = variable }, memory);
        return memory.Get<ulong>(output, 2 * Threads);
    }

    private static int[] Widths(string type) => type[0] == 'f' ? [EdgeValues.Bits(type)] : [.. new[] { 16, 32, 64 }.Where(bits => bits >= EdgeValues.Bits(type))];

    private static string Registers(string type, int bits, int elements) =>
        elements == 1 ? Register(type, bits, 0) : $"{{{string.Join(", ", Enumerable.Range(0, elements).Select(e => Register(type, bits, e)))}}}";

    private static string Register(string type, int bits, int number) => (type[0], bits) switch { ('f', 32) => $"%f{number}", ('f', _) => $"%g{number}", (_, 16) => $"%h{number}", (_, 32) => $"%r{number}", _ => $"%d{number}" };

    private static ulong Bytes(byte[] from, int at, int count) => Enumerable.Range(0, count).Aggregate(0UL, (sum, i) => sum | (ulong)from[at + i] << (8 * i));
}
