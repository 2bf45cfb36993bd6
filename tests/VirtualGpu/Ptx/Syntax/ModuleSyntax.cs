namespace CudnnResNet.VirtualGpu.Ptx.Syntax;

/// <summary>A parsed text.</summary>
internal sealed class ModuleSyntax(string text)
{
    private readonly string[] lines = text.Split('\n');

    public List<KernelSyntax> Kernels { get; } = [];

    /// <summary>Variables of module scope, shared ones too.</summary>
    public List<VariableSyntax> Variables { get; } = [];

    /// <summary>A line without its comment, for messages.</summary>
    public string Text(int line) => lines[line - 1].Split("//")[0].Replace('\t', ' ').Trim();
}

/// <summary>A variable.</summary>
/// <param name="Line">Where it is declared.</param>
/// <param name="Space"><c>global</c>, <c>const</c> or <c>shared</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Size">Bytes; 0 for an array whose length the launch gives.</param>
/// <param name="Alignment">Bytes.</param>
/// <param name="IsDynamic">Whether the launch gives the length.</param>
/// <param name="InitialBytes">None where there is no initial value.</param>
internal sealed record VariableSyntax(int Line, string Space, string Name, int Size, int Alignment, bool IsDynamic, byte[] InitialBytes);

/// <summary>A parameter of a kernel, and its place among the parameters.</summary>
internal sealed record ParameterSyntax(string Name, int Offset, int Size);

/// <summary>An instruction.</summary>
/// <param name="Line">Where it begins.</param>
/// <param name="Opcode">With all its modifiers: <c>ld.global.nc.v4.f32</c>.</param>
/// <param name="Guard">The predicate that decides per thread, or null.</param>
/// <param name="GuardNegated">Whether the predicate has to be false.</param>
/// <param name="Operands">In the order in which they are written.</param>
internal sealed record InstructionSyntax(int Line, string Opcode, Register? Guard, bool GuardNegated, IReadOnlyList<Operand> Operands);

/// <summary>An entry.</summary>
internal sealed class KernelSyntax(string name)
{
    public string Name { get; } = name;

    public List<ParameterSyntax> Parameters { get; } = [];

    public int ParameterBytes { get; set; }

    /// <summary>The product of <c>.maxntid</c>, or 0.</summary>
    public int MaxThreads { get; set; }

    /// <summary>The product of <c>.reqntid</c>, or 0.</summary>
    public int RequiredThreads { get; set; }

    /// <summary>All registers, those of inner braces too.</summary>
    public List<Register> Registers { get; } = [];

    /// <summary>Shared variables of the kernel's own scope.</summary>
    public List<VariableSyntax> SharedVariables { get; } = [];

    public List<InstructionSyntax> Instructions { get; } = [];

    /// <summary>The index of the instruction that follows each label.</summary>
    public Dictionary<string, int> Labels { get; } = new(StringComparer.Ordinal);

    /// <summary>The line of the closing brace.</summary>
    public int LastLine { get; set; }
}
