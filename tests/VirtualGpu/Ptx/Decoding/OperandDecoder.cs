using CudnnResNet.VirtualGpu.Ptx.Execution;
using CudnnResNet.VirtualGpu.Ptx.Syntax;

namespace CudnnResNet.VirtualGpu.Ptx.Decoding;

/// <summary>Turns operands of one instruction after the other into places.</summary>
internal sealed class OperandDecoder(RowLayout layout, SharedLayout shared, KernelSyntax kernel, ModuleSyntax module)
{
    /// <summary>The instruction whose operands these are.</summary>
    public InstructionSyntax Current { get; set; } = new(0, "", null, false, []);

    /// <summary>Operands of the current instruction.</summary>
    public IReadOnlyList<Operand> Operands => Current.Operands;

    /// <summary>Refuses the current instruction.</summary>
    public DeviceFault Refuse(string message) => PtxError.At(Current.Line, $"{message} in \"{module.Text(Current.Line)}\"");

    /// <summary>Refuses the current instruction's opcode.</summary>
    public DeviceFault Unknown() => Refuse($"unknown opcode '{Current.Opcode}'");

    /// <summary>Refuses a part of the current instruction's opcode.</summary>
    public DeviceFault UnknownModifier(string modifier) => Refuse($"unknown modifier '.{modifier}' of '{Current.Opcode}'");

    /// <summary>Checks how many operands there are.</summary>
    public void ExpectCount(int count)
    {
        if (Operands.Count != count) throw Refuse($"'{Current.Opcode}' has {count} operands, not {Operands.Count},");
    }

    /// <summary>The place that an operand names as a destination of that many bits.</summary>
    public int Destination(Operand operand, int bits)
    {
        if (operand is SymbolOperand { Name: "_" }) return layout.New(bits);
        if (operand is not RegisterOperand { Register: var register }) throw Refuse("the destination is no register");
        CheckWidth(register, bits, bits);
        return layout.Of(register);
    }

    /// <summary>The place of an operand that is read as that many bits.</summary>
    public int Source(Operand operand, DataType type) => operand switch
    {
        RegisterOperand { Register: var register } => layout.Of(CheckWidth(register, type.Bits, type.Bits)),
        LiteralOperand { Text: var text } => layout.OfConstant(type.Bits, Literal.Bits(text, type, Current.Line)),
        SpecialOperand { Name: var name } when type.Bits == 32 => layout.OfSpecial(name),
        SymbolOperand { Name: var name } when type.Bits is 32 or 64 && shared.AddressOf(name) is { } address => layout.OfConstant(type.Bits, (ulong)address),
        SymbolOperand { Name: var name } when type.Bits == 64 && IsVariable(name) => layout.OfVariable(name),
        SymbolOperand { Name: var name } => throw Refuse($"unknown name '{name}'"),
        _ => throw Refuse($"an operand is no {type}"),
    };

    /// <summary>A register of that many bits or more.</summary>
    public Register WideRegister(Operand operand, DataType type)
    {
        if (operand is not RegisterOperand { Register: var register }) throw Refuse("an operand is no register");
        return CheckWidth(register, type.Bits, type.Kind == 'f' ? type.Bits : 64);
    }

    /// <summary>The place of a register.</summary>
    public int Place(Register register) => layout.Of(register);

    /// <summary>The row of an address's base, and whether it has 32 bits.</summary>
    public (int Place, bool IsShort) Address(AddressOperand address) => address.Base switch
    {
        RegisterOperand { Register: { Bits: 32 or 64 } register } => (layout.Of(register), register.Bits == 32),
        RegisterOperand => throw Refuse("an address has 32 or 64 bits"),
        var other => (Source(other, new('u', 64)), false),
    };

    /// <summary>The instruction to which a label points.</summary>
    public int Label(Operand operand) => operand is SymbolOperand { Name: var name } && kernel.Labels.TryGetValue(name, out int place)
        ? place : throw Refuse("the target is no label of this kernel");

    /// <summary>The parameter of that name.</summary>
    public ParameterSyntax Parameter(Operand operand) =>
        operand is SymbolOperand { Name: var name } && kernel.Parameters.Find(parameter => parameter.Name == name) is { } found ? found : throw Refuse("unknown parameter");

    private bool IsVariable(string name) => module.Variables.Exists(variable => variable.Name == name && variable.Space != "shared");

    private Register CheckWidth(Register register, int least, int most)
    {
        if (register.Bits < least || register.Bits > most || (register.Bits == 1) != (least == 1))
            throw Refuse($"'{register.Name}' has {register.Bits} bits, which does not suit '{Current.Opcode}',");
        return register;
    }
}
