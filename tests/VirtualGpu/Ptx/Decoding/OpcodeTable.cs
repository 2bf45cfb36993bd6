using System.Numerics;
using CudnnResNet.VirtualGpu.Ptx.Execution;
using CudnnResNet.VirtualGpu.Ptx.Syntax;

namespace CudnnResNet.VirtualGpu.Ptx.Decoding;

/// <summary>What an opcode does, and the types of its operands, the destination first.</summary>
internal sealed record OpcodeDefinition(Handler Handler, DataType[] Operands);

/// <summary>The opcodes that take registers and give a register or predicate, each spelled out. What is not here, and in no other decoder, is refused.</summary>
internal static class OpcodeTable
{
    private static readonly DataType predicate = new('p', 1), count = new('u', 32);
    private static readonly Dictionary<string, OpcodeDefinition> table = Create();

    /// <summary>All spellings.</summary>
    public static IReadOnlyCollection<string> Names => table.Keys;

    /// <summary>The definition of a spelling, or null.</summary>
    public static OpcodeDefinition? Find(string opcode) => table.GetValueOrDefault(opcode);

    private static Dictionary<string, OpcodeDefinition> Create()
    {
        var definitions = new Dictionary<string, OpcodeDefinition>(StringComparer.Ordinal);
        var add = new Adder(definitions);
        Whole<ushort, short>(add, 16);
        Whole<uint, int>(add, 32);
        Whole<ulong, long>(add, 64);
        Products(add);
        Float<float, FusedSingle>(add, new('f', 32));
        Float<double, FusedDouble>(add, new('f', 64));
        Conversion(add);
        Predicate(add);
        return definitions;
    }

    private static void Whole<TUnsigned, TSigned>(Adder add, int bits)
        where TUnsigned : unmanaged, IBinaryInteger<TUnsigned> where TSigned : unmanaged, IBinaryInteger<TSigned>
    {
        DataType u = new('u', bits), s = new('s', bits), b = new('b', bits);
        foreach (var type in new[] { u, s })
        {
            add.Same($"add.{type}", type, 2, Rows.Vector2<TUnsigned, Sum<TUnsigned>>);
            add.Same($"sub.{type}", type, 2, Rows.Vector2<TUnsigned, Difference<TUnsigned>>);
            add.Same($"mul.lo.{type}", type, 2, Rows.Vector2<TUnsigned, Product<TUnsigned>>);
            add.Same($"mad.lo.{type}", type, 3, Rows.Vector3<TUnsigned, ProductSum<TUnsigned>>);
        }
        add.Same($"min.{u}", u, 2, Rows.Vector2<TUnsigned, Minimum<TUnsigned>>);
        add.Same($"min.{s}", s, 2, Rows.Vector2<TSigned, Minimum<TSigned>>);
        add.Same($"max.{u}", u, 2, Rows.Vector2<TUnsigned, Maximum<TUnsigned>>);
        add.Same($"max.{s}", s, 2, Rows.Vector2<TSigned, Maximum<TSigned>>);
        add.Same($"div.{u}", u, 2, Rows.Divide<TUnsigned, WholeQuotient<TUnsigned>>);
        add.Same($"div.{s}", s, 2, Rows.Divide<TSigned, WholeQuotient<TSigned>>);
        add.Same($"rem.{u}", u, 2, Rows.Divide<TUnsigned, WholeRemainder<TUnsigned>>);
        add.Same($"rem.{s}", s, 2, Rows.Divide<TSigned, WholeRemainder<TSigned>>);
        add.Same($"neg.{s}", s, 1, Rows.Vector1<TSigned, Negative<TSigned>>);
        add.Same($"abs.{s}", s, 1, Rows.Vector1<TSigned, Absolute<TSigned>>);

        add.Same($"and.{b}", b, 2, Rows.Vector2<TUnsigned, And<TUnsigned>>);
        add.Same($"or.{b}", b, 2, Rows.Vector2<TUnsigned, Or<TUnsigned>>);
        add.Same($"xor.{b}", b, 2, Rows.Vector2<TUnsigned, Xor<TUnsigned>>);
        add.Same($"not.{b}", b, 1, Rows.Vector1<TUnsigned, Not<TUnsigned>>);
        add.One($"shl.{b}", Rows.Each2<TUnsigned, uint, TUnsigned, ShiftLeft<TUnsigned>>, b, b, count);
        add.One($"shr.{b}", Rows.Each2<TUnsigned, uint, TUnsigned, ShiftRight<TUnsigned>>, b, b, count);
        add.One($"shr.{u}", Rows.Each2<TUnsigned, uint, TUnsigned, ShiftRight<TUnsigned>>, u, u, count);
        add.One($"shr.{s}", Rows.Each2<TSigned, uint, TSigned, ShiftRight<TSigned>>, s, s, count);

        foreach (var type in new[] { u, s, b }) Moves<TUnsigned>(add, type);
        Compare<TUnsigned>(add, u, ("eq", "ne", "lt", "le", "gt", "ge"));
        Compare<TUnsigned>(add, u, ("", "", "lo", "ls", "hi", "hs"));
        Compare<TSigned>(add, s, ("eq", "ne", "lt", "le", "gt", "ge"));
        Compare<TUnsigned>(add, b, ("eq", "ne", "", "", "", ""));
    }

    private static void Moves<T>(Adder add, DataType type) where T : unmanaged
    {
        add.Same($"mov.{type}", type, 1, Rows.Vector1<T, Copy<T>>);
        add.One($"selp.{type}", Rows.Select<T>, type, type, type, predicate);
    }

    private static void Compare<T>(Adder add, DataType type, (string Eq, string Ne, string Lt, string Le, string Gt, string Ge) names) where T : unmanaged
    {
        void Set(string name, Handler handler)
        {
            if (name != "") add.One($"setp.{name}.{type}", handler, predicate, type, type);
        }
        Set(names.Eq, Rows.Compare<T, Equal<T>>);
        Set(names.Ne, Rows.Compare<T, Opposite<T, Equal<T>>>);
        Set(names.Lt, Rows.Compare<T, Less<T>>);
        Set(names.Le, Rows.Compare<T, LessOrEqual<T>>);
        Set(names.Gt, Rows.Compare<T, Greater<T>>);
        Set(names.Ge, Rows.Compare<T, GreaterOrEqual<T>>);
    }

    private static void Products(Adder add)
    {
        DataType u16 = new('u', 16), s16 = new('s', 16), u32 = new('u', 32), s32 = new('s', 32), u64 = new('u', 64), s64 = new('s', 64);
        add.Same("mul.hi.u32", u32, 2, Rows.Each2<uint, uint, uint, UpperProduct32>);
        add.Same("mul.hi.s32", s32, 2, Rows.Each2<int, int, int, UpperProduct32>);
        add.Same("mul.hi.u64", u64, 2, Rows.Each2<ulong, ulong, ulong, UpperProduct64>);
        add.Same("mul.hi.s64", s64, 2, Rows.Each2<long, long, long, UpperProduct64>);
        add.One("mul.wide.u16", Rows.Each2<ushort, ushort, uint, WideProduct>, u32, u16, u16);
        add.One("mul.wide.s16", Rows.Each2<short, short, int, WideProduct>, s32, s16, s16);
        add.One("mul.wide.u32", Rows.Each2<uint, uint, ulong, WideProduct>, u64, u32, u32);
        add.One("mul.wide.s32", Rows.Each2<int, int, long, WideProduct>, s64, s32, s32);
        add.One("mad.wide.u32", Rows.Each3<uint, ulong, ulong, WideProduct>, u64, u32, u32, u64);
        add.One("mad.wide.s32", Rows.Each3<int, long, long, WideProduct>, s64, s32, s32, s64);
    }

    private static void Float<T, TFused>(Adder add, DataType type) where T : unmanaged where TFused : IVector3<T>
    {
        // Without .rn an assembler may contract to fma; here the text is taken literally.
        foreach (string rounding in new[] { "", ".rn" })
        {
            add.Same($"add{rounding}.{type}", type, 2, Rows.Vector2<T, Sum<T>>);
            add.Same($"sub{rounding}.{type}", type, 2, Rows.Vector2<T, Difference<T>>);
            add.Same($"mul{rounding}.{type}", type, 2, Rows.Vector2<T, Product<T>>);
        }
        add.Same($"fma.rn.{type}", type, 3, Rows.Vector3<T, TFused>);
        add.Same($"div.rn.{type}", type, 2, Rows.Vector2<T, Quotient<T>>);
        add.Same($"sqrt.rn.{type}", type, 1, Rows.Vector1<T, SquareRoot<T>>);
        add.Same($"neg.{type}", type, 1, Rows.Vector1<T, Negative<T>>);
        add.Same($"abs.{type}", type, 1, Rows.Vector1<T, Absolute<T>>);
        add.Same($"min.{type}", type, 2, Rows.Vector2<T, MinimumNumber<T>>);
        add.Same($"max.{type}", type, 2, Rows.Vector2<T, MaximumNumber<T>>);
        Moves<T>(add, type);

        Compare<T>(add, type, ("eq", "", "lt", "le", "gt", "ge"));
        void Set(string name, Handler handler) => add.One($"setp.{name}.{type}", handler, predicate, type, type);
        Set("ne", Rows.Compare<T, OrderedDifferent<T>>);
        Set("equ", Rows.Compare<T, Opposite<T, OrderedDifferent<T>>>);
        Set("neu", Rows.Compare<T, Opposite<T, Equal<T>>>);
        Set("ltu", Rows.Compare<T, Opposite<T, GreaterOrEqual<T>>>);
        Set("leu", Rows.Compare<T, Opposite<T, Greater<T>>>);
        Set("gtu", Rows.Compare<T, Opposite<T, LessOrEqual<T>>>);
        Set("geu", Rows.Compare<T, Opposite<T, Less<T>>>);
        Set("num", Rows.Compare<T, Ordered<T>>);
        Set("nan", Rows.Compare<T, Opposite<T, Ordered<T>>>);
    }

    private static void Conversion(Adder add)
    {
        DataType u32 = new('u', 32), s32 = new('s', 32), s64 = new('s', 64), f32 = new('f', 32), f64 = new('f', 64);
        add.One("cvt.rn.f32.u32", Rows.Each1<uint, float, ToSingle>, f32, u32);
        add.One("cvt.rn.f32.s32", Rows.Each1<int, float, ToSingle>, f32, s32);
        add.One("cvt.rn.f32.f64", Rows.Each1<double, float, ToSingle>, f32, f64);
        add.One("cvt.rn.f64.u32", Rows.Each1<uint, double, ToDouble>, f64, u32);
        add.One("cvt.rn.f64.s32", Rows.Each1<int, double, ToDouble>, f64, s32);
        add.One("cvt.rn.f64.s64", Rows.Each1<long, double, ToDouble>, f64, s64);
        add.One("cvt.f64.f32", Rows.Each1<float, double, ToDouble>, f64, f32);
        // Every address of global memory is a generic address of the same value.
        foreach (string name in new[] { "cvta.to.global.u64", "cvta.global.u64" }) add.Same(name, new('u', 64), 1, Rows.Vector1<ulong, Copy<ulong>>);
    }

    private static void Predicate(Adder add)
    {
        add.Same("mov.pred", predicate, 1, Predicates.Copy);
        add.Same("not.pred", predicate, 1, Predicates.Not);
        add.Same("and.pred", predicate, 2, Predicates.And);
        add.Same("or.pred", predicate, 2, Predicates.Or);
        add.Same("xor.pred", predicate, 2, Predicates.Xor);
    }

    private readonly struct Adder(Dictionary<string, OpcodeDefinition> definitions)
    {
        public void One(string opcode, Handler handler, params DataType[] operands) => definitions.Add(opcode, new(handler, operands));

        // The destination and all sources have one type.
        public void Same(string opcode, DataType type, int sources, Handler handler) => One(opcode, handler, [.. Enumerable.Repeat(type, sources + 1)]);
    }
}
