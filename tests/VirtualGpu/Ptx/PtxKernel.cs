using CudnnResNet.VirtualGpu.Ptx.Decoding;

namespace CudnnResNet.VirtualGpu.Ptx;

/// <summary>An entry of a module, ready to run.</summary>
internal sealed class PtxKernel
{
    /// <summary>As the module names it.</summary>
    public required string Name { get; init; }

    /// <summary>Where each parameter lies in the block of parameters that a launch passes.</summary>
    public required IReadOnlyList<PtxParameter> Parameters { get; init; }

    /// <summary>Bytes of all parameters.</summary>
    public required int ParameterBytes { get; init; }

    /// <summary>Shared memory that the kernel declares, without what a launch adds.</summary>
    public required int StaticSharedBytes { get; init; }

    /// <summary>From <c>.maxntid</c>, else 1024.</summary>
    public required int MaxThreads { get; init; }

    /// <summary>From <c>.reqntid</c>, else 0.</summary>
    public required int RequiredThreads { get; init; }

    /// <summary>An estimate, for occupancy and attributes: the 32-bit registers declared, at most 255. The hardware's assembler needs far fewer.</summary>
    public required int Registers { get; init; }

    /// <summary>Instructions in the text.</summary>
    public int InstructionCount => Program.Code.Length;

    /// <summary>What runs.</summary>
    public required KernelProgram Program { get; init; }
}

/// <summary>A parameter's place in the block of parameters, in bytes.</summary>
internal readonly record struct PtxParameter(int Offset, int Size);
