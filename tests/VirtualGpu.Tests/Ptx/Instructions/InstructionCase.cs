using CudnnResNet.VirtualGpu.Tests.Ptx.Support;

namespace CudnnResNet.VirtualGpu.Tests.Ptx.Instructions;

/// <summary>An opcode and a check of what it does.</summary>
internal sealed record InstructionCase(string Opcode, Action Check)
{
    /// <summary>An opcode that makes one value of up to three; all pairs of edge values, with every thread taking part and with every second.</summary>
    /// <param name="opcode">As PTX spells it.</param>
    /// <param name="types">Of the operands, the destination first.</param>
    /// <param name="expected">The bits of the result from those of the sources.</param>
    /// <param name="isDefined">Which sources have a result.</param>
    public static InstructionCase Value(string opcode, string[] types, Func<ulong[], ulong> expected, Func<ulong[], bool>? isDefined = null) =>
        new(opcode, () => CheckValues(opcode, types, expected, isDefined ?? (_ => true)));

    private static void CheckValues(string opcode, string[] types, Func<ulong[], ulong> expected, Func<ulong[], bool> isDefined)
    {
        var inputs = Inputs(types[1..]).Where(isDefined).ToList();
        while (inputs.Count % 32 != 0) inputs.Add(inputs[^1]);
        string sources = string.Join(", ", Enumerable.Range(1, types.Length - 1).Select(i => Register(types[i], i)));
        string loads = string.Concat(Enumerable.Range(1, types.Length - 1).Select(i => Load(types[i], i)));
        string result = Register(types[0], 0);

        foreach (string guard in new[] { "", "@%p15 ", "@!%p15 " })
        {
            string body = $"""
                and.b32 %r20, %r0, 1;
                setp.eq.u32 %p15, %r20, 1;
                {loads}
                {Sentinel(types[0])}
                {guard}{opcode} {result}, {sources};
                {Store(types[0])}
                """;
            ulong[] Column(int i) => [.. inputs.Select(input => i < input.Length ? input[i] : 0)];
            ulong[] actual = TestKernel.Run(body, inputs.Count, Column(0), Column(1), Column(2), block: 32);
            for (int i = 0; i < inputs.Count; i++)
            {
                bool takesPart = guard == "" || (i % 2 == 1) == (guard[1] == '%');
                ulong wanted = takesPart ? expected(inputs[i]) : SentinelBits(types[0]);
                string text = $"{guard}{opcode} of {string.Join(", ", inputs[i].Select(bits => $"0x{bits:x}"))} gives 0x{actual[i]:x}, not 0x{wanted:x}";
                Assert.IsTrue(Same(types[0], wanted, actual[i]), text);
            }
        }
    }

    // Two sources: all pairs. A third runs through its values beside them.
    private static IEnumerable<ulong[]> Inputs(string[] types)
    {
        ulong[][] values = [.. types.Select(EdgeValues.Of)];
        if (types.Length == 1) return values[0].Select(a => new[] { a });
        var pairs = from a in values[0] from b in values[1] select (a, b);
        if (types.Length == 2) return pairs.Select(pair => new[] { pair.a, pair.b });
        return pairs.SelectMany((pair, i) => Enumerable.Range(0, 3).Select(k => new[] { pair.a, pair.b, values[2][(i * 5 + k * 7 + 1) % values[2].Length] }));
    }

    private static string Register(string type, int number) => type switch
    {
        "pred" => $"%p{number}",
        "f32" => $"%f{number}",
        "f64" => $"%g{number}",
        _ => EdgeValues.Bits(type) switch { 16 => $"%h{number}", 32 => $"%r{number + 10}", _ => $"%d{number + 10}" },
    };

    private static string Load(string type, int number) => type == "pred"
        ? $"ld.global.u32 %r{number + 20}, [%d{number}];  setp.ne.u32 %p{number}, %r{number + 20}, 0;\n"
        : $"ld.global.b{EdgeValues.Bits(type)} {Register(type, number)}, [%d{number}];\n";

    private static string Store(string type) => type == "pred"
        ? "selp.b64 %d30, 1, 0, %p0;  st.global.b64 [%d0], %d30;"
        : $"st.global.b64 [%d0], 0;  st.global.b{EdgeValues.Bits(type)} [%d0], {Register(type, 0)};";

    private static string Sentinel(string type) => type switch
    {
        "pred" => "mov.pred %p0, 1;",
        "f32" => "mov.f32 %f0, 0f40490FDB;",
        "f64" => "mov.f64 %g0, 0d400921FB54442D18;",
        _ => $"mov.b{EdgeValues.Bits(type)} {Register(type, 0)}, 77;",
    };

    private static ulong SentinelBits(string type) => type switch { "pred" => 1, "f32" => 0x40490FDB, "f64" => 0x400921FB54442D18, _ => 77 };

    // PTX leaves open which NaN an operation gives.
    private static bool Same(string type, ulong wanted, ulong actual) => wanted == actual || type switch
    {
        "f32" => float.IsNaN(BitConverter.UInt32BitsToSingle((uint)wanted)) && float.IsNaN(BitConverter.UInt32BitsToSingle((uint)actual)),
        "f64" => double.IsNaN(BitConverter.UInt64BitsToDouble(wanted)) && double.IsNaN(BitConverter.UInt64BitsToDouble(actual)),
        _ => false,
    };
}
