using System.Numerics;
using CudnnResNet.VirtualGpu.Tests.Ptx.Support;

namespace CudnnResNet.VirtualGpu.Tests.Ptx.Instructions;

/// <summary>Instructions of whole numbers, against numbers without a limit that are cut to the type's bits at the end.</summary>
internal static class WholeCases
{
    public static IEnumerable<InstructionCase> All() => new[] { 16, 32, 64 }.SelectMany(OfWidth).Concat(Products());

    private static IEnumerable<InstructionCase> OfWidth(int bits)
    {
        string u = $"u{bits}", s = $"s{bits}", b = $"b{bits}";
        foreach (string type in new[] { u, s })
        {
            yield return Binary("add", type, (x, y) => x + y);
            yield return Binary("sub", type, (x, y) => x - y);
            yield return Binary("mul.lo", type, (x, y) => x * y);
            yield return Of($"mad.lo.{type}", [type, type, type, type], v => v[0] * v[1] + v[2]);
            yield return Binary("min", type, BigInteger.Min);
            yield return Binary("max", type, BigInteger.Max);
            yield return Of($"div.{type}", [type, type, type], v => BigInteger.Divide(v[0], v[1]), v => v[1] != 0);
            yield return Of($"rem.{type}", [type, type, type], v => BigInteger.Remainder(v[0], v[1]), v => v[1] != 0);
            yield return Of($"shr.{type}", [type, type, "u32"], v => v[0] >> (int)BigInteger.Min(v[1], 200));
        }
        yield return Of($"shr.{b}", [b, b, "u32"], v => v[0] >> (int)BigInteger.Min(v[1], 200));
        yield return Of($"shl.{b}", [b, b, "u32"], v => v[0] << (int)BigInteger.Min(v[1], 200));
        yield return Of($"neg.{s}", [s, s], v => -v[0]);
        yield return Of($"abs.{s}", [s, s], v => BigInteger.Abs(v[0]));
        yield return Binary("and", b, (x, y) => x & y);
        yield return Binary("or", b, (x, y) => x | y);
        yield return Binary("xor", b, (x, y) => x ^ y);
        yield return Of($"not.{b}", [b, b], v => -1 - v[0]);

        foreach (string type in new[] { u, s, b })
        {
            yield return Of($"mov.{type}", [type, type], v => v[0]);
            yield return Of($"selp.{type}", [type, type, type, "pred"], v => v[2] != 0 ? v[0] : v[1]);
            yield return Compare("eq", type, order => order == 0);
            yield return Compare("ne", type, order => order != 0);
        }
        foreach (string type in new[] { u, s })
        {
            yield return Compare("lt", type, order => order < 0);
            yield return Compare("le", type, order => order <= 0);
            yield return Compare("gt", type, order => order > 0);
            yield return Compare("ge", type, order => order >= 0);
        }
        yield return Compare("lo", u, order => order < 0);
        yield return Compare("ls", u, order => order <= 0);
        yield return Compare("hi", u, order => order > 0);
        yield return Compare("hs", u, order => order >= 0);
    }

    private static IEnumerable<InstructionCase> Products()
    {
        foreach (string type in new[] { "u32", "s32", "u64", "s64" }) yield return Binary("mul.hi", type, (x, y) => (x * y) >> EdgeValues.Bits(type));
        foreach (var (narrow, wide) in new[] { ("u16", "u32"), ("s16", "s32"), ("u32", "u64"), ("s32", "s64") })
            yield return Of($"mul.wide.{narrow}", [wide, narrow, narrow], v => v[0] * v[1]);
        foreach (var (narrow, wide) in new[] { ("u32", "u64"), ("s32", "s64") })
            yield return Of($"mad.wide.{narrow}", [wide, narrow, narrow, wide], v => v[0] * v[1] + v[2]);
    }

    private static InstructionCase Binary(string name, string type, Func<BigInteger, BigInteger, BigInteger> expected) =>
        Of($"{name}.{type}", [type, type, type], v => expected(v[0], v[1]));

    private static InstructionCase Compare(string name, string type, Func<int, bool> holds) =>
        Of($"setp.{name}.{type}", ["pred", type, type], v => holds(v[0].CompareTo(v[1])) ? 1 : 0);

    private static InstructionCase Of(string opcode, string[] types, Func<BigInteger[], BigInteger> expected, Func<ulong[], bool>? isDefined = null) =>
        InstructionCase.Value(opcode, types, bits => Cut(expected([.. bits.Select((value, i) => Number(value, types[i + 1]))]), types[0]), isDefined);

    /// <summary>The number that bits mean as a type.</summary>
    public static BigInteger Number(ulong bits, string type)
    {
        BigInteger value = bits, limit = BigInteger.One << EdgeValues.Bits(type);
        return type[0] == 's' && value >= limit / 2 ? value - limit : value;
    }

    /// <summary>The lowest bits of a number.</summary>
    public static ulong Cut(BigInteger value, string type) => (ulong)(value & ((BigInteger.One << EdgeValues.Bits(type)) - 1));
}
