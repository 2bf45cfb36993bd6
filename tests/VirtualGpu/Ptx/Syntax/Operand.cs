namespace CudnnResNet.VirtualGpu.Ptx.Syntax;

/// <summary>A declared register; two of one name in different braces are two registers.</summary>
internal sealed class Register(string name, int bits)
{
    /// <summary>With its per cent sign, if it has one.</summary>
    public string Name { get; } = name;

    /// <summary>16, 32 or 64; 1 for a predicate.</summary>
    public int Bits { get; } = bits;
}

/// <summary>An operand as it is written.</summary>
internal abstract record Operand;

/// <summary>A declared register.</summary>
internal sealed record RegisterOperand(Register Register) : Operand;

/// <summary>A register that the hardware fills: <c>%tid.x</c>.</summary>
internal sealed record SpecialOperand(string Name) : Operand;

/// <summary>A number, with its sign: <c>-4</c>, <c>0f3F800000</c>.</summary>
internal sealed record LiteralOperand(string Text) : Operand;

/// <summary>A variable, parameter or label.</summary>
internal sealed record SymbolOperand(string Name) : Operand;

/// <summary>In brackets: a register, symbol or number, and bytes to add.</summary>
internal sealed record AddressOperand(Operand Base, long Offset) : Operand;

/// <summary>In braces.</summary>
internal sealed record VectorOperand(IReadOnlyList<Operand> Elements) : Operand;

/// <summary>Two destinations: <c>%r1|%p1</c>.</summary>
internal sealed record PairOperand(Operand First, Operand Second) : Operand;
