namespace CudnnResNet.VirtualGpu.Tests.Ptx.Instructions;

/// <summary>Instructions of floats, against C#'s float and double.</summary>
internal static class FloatCases
{
    public static IEnumerable<InstructionCase> All() => Single().Concat(Double()).Concat(Comparisons()).Concat(Conversions());

    private static IEnumerable<InstructionCase> Single()
    {
        static InstructionCase Of(string opcode, int sources, Func<float[], float> expected) => InstructionCase.Value(
            opcode, [.. Enumerable.Repeat("f32", sources + 1)], bits => BitConverter.SingleToUInt32Bits(expected([.. bits.Select(F)])));

        foreach (string rounding in new[] { "", ".rn" })
        {
            yield return Of($"add{rounding}.f32", 2, v => v[0] + v[1]);
            yield return Of($"sub{rounding}.f32", 2, v => v[0] - v[1]);
            yield return Of($"mul{rounding}.f32", 2, v => v[0] * v[1]);
        }
        yield return Of("fma.rn.f32", 3, v => MathF.FusedMultiplyAdd(v[0], v[1], v[2]));
        yield return Of("div.rn.f32", 2, v => v[0] / v[1]);
        yield return Of("sqrt.rn.f32", 1, v => MathF.Sqrt(v[0]));
        yield return Of("neg.f32", 1, v => -v[0]);
        yield return Of("abs.f32", 1, v => MathF.Abs(v[0]));
        yield return Of("min.f32", 2, v => float.MinNumber(v[0], v[1]));
        yield return Of("max.f32", 2, v => float.MaxNumber(v[0], v[1]));
        yield return Of("mov.f32", 1, v => v[0]);
        yield return InstructionCase.Value("selp.f32", ["f32", "f32", "f32", "pred"], bits => bits[2] != 0 ? bits[0] : bits[1]);
    }

    private static IEnumerable<InstructionCase> Double()
    {
        static InstructionCase Of(string opcode, int sources, Func<double[], double> expected) => InstructionCase.Value(
            opcode, [.. Enumerable.Repeat("f64", sources + 1)], bits => BitConverter.DoubleToUInt64Bits(expected([.. bits.Select(BitConverter.UInt64BitsToDouble)])));

        foreach (string rounding in new[] { "", ".rn" })
        {
            yield return Of($"add{rounding}.f64", 2, v => v[0] + v[1]);
            yield return Of($"sub{rounding}.f64", 2, v => v[0] - v[1]);
            yield return Of($"mul{rounding}.f64", 2, v => v[0] * v[1]);
        }
        yield return Of("fma.rn.f64", 3, v => Math.FusedMultiplyAdd(v[0], v[1], v[2]));
        yield return Of("div.rn.f64", 2, v => v[0] / v[1]);
        yield return Of("sqrt.rn.f64", 1, v => Math.Sqrt(v[0]));
        yield return Of("neg.f64", 1, v => -v[0]);
        yield return Of("abs.f64", 1, v => Math.Abs(v[0]));
        yield return Of("min.f64", 2, v => double.MinNumber(v[0], v[1]));
        yield return Of("max.f64", 2, v => double.MaxNumber(v[0], v[1]));
        yield return Of("mov.f64", 1, v => v[0]);
        yield return InstructionCase.Value("selp.f64", ["f64", "f64", "f64", "pred"], bits => bits[2] != 0 ? bits[0] : bits[1]);
    }

    private static IEnumerable<InstructionCase> Comparisons()
    {
        // The manual's table: an ordered comparison with NaN is false, an unordered one true.
        (string Name, Func<double, double, bool> Holds, bool WithNaN)[] comparisons =
        [
            ("eq", (a, b) => a == b, false), ("ne", (a, b) => a != b, false), ("lt", (a, b) => a < b, false), ("le", (a, b) => a <= b, false),
            ("gt", (a, b) => a > b, false), ("ge", (a, b) => a >= b, false), ("equ", (a, b) => a == b, true), ("neu", (a, b) => a != b, true),
            ("ltu", (a, b) => a < b, true), ("leu", (a, b) => a <= b, true), ("gtu", (a, b) => a > b, true), ("geu", (a, b) => a >= b, true),
            ("num", (_, _) => true, false), ("nan", (_, _) => false, true),
        ];
        foreach (var (name, holds, withNaN) in comparisons)
        {
            ulong Result(double a, double b) => (double.IsNaN(a) || double.IsNaN(b) ? withNaN : holds(a, b)) ? 1UL : 0;
            yield return InstructionCase.Value($"setp.{name}.f32", ["pred", "f32", "f32"], bits => Result(F(bits[0]), F(bits[1])));
            yield return InstructionCase.Value($"setp.{name}.f64", ["pred", "f64", "f64"], bits => Result(BitConverter.UInt64BitsToDouble(bits[0]), BitConverter.UInt64BitsToDouble(bits[1])));
        }
    }

    private static IEnumerable<InstructionCase> Conversions()
    {
        static ulong Single(float value) => BitConverter.SingleToUInt32Bits(value);
        yield return InstructionCase.Value("cvt.rn.f32.u32", ["f32", "u32"], bits => Single((uint)bits[0]));
        yield return InstructionCase.Value("cvt.rn.f32.s32", ["f32", "s32"], bits => Single((int)bits[0]));
        yield return InstructionCase.Value("cvt.rn.f32.f64", ["f32", "f64"], bits => Single((float)BitConverter.UInt64BitsToDouble(bits[0])));
        yield return InstructionCase.Value("cvt.rn.f64.u32", ["f64", "u32"], bits => BitConverter.DoubleToUInt64Bits((uint)bits[0]));
        yield return InstructionCase.Value("cvt.rn.f64.s32", ["f64", "s32"], bits => BitConverter.DoubleToUInt64Bits((int)bits[0]));
        yield return InstructionCase.Value("cvt.rn.f64.s64", ["f64", "s64"], bits => BitConverter.DoubleToUInt64Bits((long)bits[0]));
        yield return InstructionCase.Value("cvt.f64.f32", ["f64", "f32"], bits => BitConverter.DoubleToUInt64Bits(F(bits[0])));
    }

    private static float F(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);
}
