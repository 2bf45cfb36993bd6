using CudnnResNet.VirtualGpu.Ptx.Execution;

namespace CudnnResNet.VirtualGpu.Ptx.Decoding;

/// <summary>A decoded kernel: its instructions, and the registers that they name by place.</summary>
internal sealed class KernelProgram
{
    public required Instruction[] Code { get; init; }

    /// <summary>Bytes of one warp's rows.</summary>
    public required int RowBytes { get; init; }

    /// <summary>Predicates of one warp.</summary>
    public required int Predicates { get; init; }

    /// <summary>Rows and predicates that hold a constant in every lane.</summary>
    public required IReadOnlyList<ConstantPlace> Constants { get; init; }

    /// <summary>Rows of 64 bits that hold the address of a variable of the module.</summary>
    public required IReadOnlyList<(int Place, string Name)> VariableRows { get; init; }

    /// <summary>Rows of 32 bits that hold a special register.</summary>
    public required IReadOnlyList<(int Place, string Name)> SpecialRows { get; init; }

    /// <summary>Where the shared memory that a launch adds begins.</summary>
    public required int DynamicSharedAddress { get; init; }
}

/// <summary>A row's offset, or a predicate's number where there is one bit, and what every lane of it holds.</summary>
internal readonly record struct ConstantPlace(int Place, int Bits, ulong Value);
