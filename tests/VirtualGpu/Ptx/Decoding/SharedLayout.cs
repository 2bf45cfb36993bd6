using CudnnResNet.VirtualGpu.Ptx.Syntax;

namespace CudnnResNet.VirtualGpu.Ptx.Decoding;

/// <summary>Places the shared variables of a kernel: its own, then those of the module that it names, then what a launch adds.</summary>
internal sealed class SharedLayout
{
    private readonly Dictionary<string, int> addresses = new(StringComparer.Ordinal);

    public SharedLayout(KernelSyntax kernel, ModuleSyntax module)
    {
        var named = kernel.Instructions.SelectMany(instruction => instruction.Operands).Select(Symbol).ToHashSet(StringComparer.Ordinal);
        var used = module.Variables.Where(variable => variable.Space == "shared" && named.Contains(variable.Name)).ToList();
        foreach (var variable in kernel.SharedVariables.Concat(used.Where(variable => !variable.IsDynamic))) addresses[variable.Name] = Reserve(variable);

        // All arrays whose length the launch gives begin at the same address.
        const int largestAlignment = 16;
        DynamicAddress = (StaticBytes + largestAlignment - 1) / largestAlignment * largestAlignment;
        foreach (var variable in used.Where(variable => variable.IsDynamic)) addresses[variable.Name] = DynamicAddress;
    }

    /// <summary>Bytes that the text declares.</summary>
    public int StaticBytes { get; private set; }

    /// <summary>Where the launch's own shared memory begins.</summary>
    public int DynamicAddress { get; }

    /// <summary>The address of a variable, or null if there is none of that name.</summary>
    public int? AddressOf(string name) => addresses.TryGetValue(name, out int address) ? address : null;

    private int Reserve(VariableSyntax variable)
    {
        int address = (StaticBytes + variable.Alignment - 1) / variable.Alignment * variable.Alignment;
        StaticBytes = address + variable.Size;
        return address;
    }

    private static string Symbol(Operand operand) => operand switch
    {
        SymbolOperand { Name: var name } => name,
        AddressOperand { Base: SymbolOperand { Name: var name } } => name,
        _ => "",
    };
}
