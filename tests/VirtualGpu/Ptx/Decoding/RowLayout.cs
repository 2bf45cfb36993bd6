using CudnnResNet.VirtualGpu.Ptx.Execution;
using CudnnResNet.VirtualGpu.Ptx.Syntax;

namespace CudnnResNet.VirtualGpu.Ptx.Decoding;

/// <summary>Gives every register, constant and special register that a kernel uses its place.</summary>
internal sealed class RowLayout
{
    private readonly Dictionary<Register, int> registers = [];
    private readonly Dictionary<(int Bits, ulong Value), int> constants = [];
    private readonly Dictionary<string, int> variables = new(StringComparer.Ordinal), specials = new(StringComparer.Ordinal);

    /// <summary>Bytes of all rows.</summary>
    public int RowBytes { get; private set; }

    /// <summary>Predicates.</summary>
    public int Predicates { get; private set; }

    public IReadOnlyList<ConstantPlace> Constants => [.. constants.Select(entry => new ConstantPlace(entry.Value, entry.Key.Bits, entry.Key.Value))];

    public IReadOnlyList<(int Place, string Name)> VariableRows => [.. variables.Select(entry => (entry.Value, entry.Key))];

    public IReadOnlyList<(int Place, string Name)> SpecialRows => [.. specials.Select(entry => (entry.Value, entry.Key))];

    public int Of(Register register) => registers.TryGetValue(register, out int place) ? place : registers[register] = New(register.Bits);

    public int OfConstant(int bits, ulong value) => constants.TryGetValue((bits, value), out int place) ? place : constants[(bits, value)] = New(bits);

    public int OfVariable(string name) => variables.TryGetValue(name, out int place) ? place : variables[name] = New(64);

    public int OfSpecial(string name) => specials.TryGetValue(name, out int place) ? place : specials[name] = New(32);

    /// <summary>A place that nothing else uses.</summary>
    public int New(int bits)
    {
        if (bits == 1) return Predicates++;
        int place = RowBytes;
        RowBytes += Warp.Lanes * bits / 8;
        return place;
    }
}
