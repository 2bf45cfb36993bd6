using CudnnResNet.VirtualGpu.Ptx.Decoding;
using CudnnResNet.VirtualGpu.Ptx.Syntax;

namespace CudnnResNet.VirtualGpu.Ptx;

/// <summary>A PTX text, parsed and decoded: its kernels and its variables in device memory.</summary>
internal sealed class PtxModule
{
    private PtxModule(IReadOnlyDictionary<string, PtxKernel> kernels, IReadOnlyList<PtxVariable> variables)
    {
        Kernels = kernels;
        Variables = variables;
    }

    /// <summary>The entries, by name.</summary>
    public IReadOnlyDictionary<string, PtxKernel> Kernels { get; }

    /// <summary>The <c>.global</c> and <c>.const</c> variables, which whoever loads the module allocates.</summary>
    public IReadOnlyList<PtxVariable> Variables { get; }

    /// <summary>Reads a PTX text. What the engine does not know is refused here, not when it is reached.</summary>
    /// <exception cref="DeviceFault">Code 218; the message names the line and the opcode or word.</exception>
    public static PtxModule Parse(string text)
    {
        var syntax = ModuleParser.Parse(text);
        var kernels = syntax.Kernels.ToDictionary(kernel => kernel.Name, kernel => KernelDecoder.Decode(kernel, syntax), StringComparer.Ordinal);
        var variables = syntax.Variables.Where(variable => variable.Space != "shared")
            .Select(variable => new PtxVariable(variable.Name, variable.Space, variable.Size, variable.Alignment, variable.InitialBytes));
        return new(kernels, [.. variables]);
    }
}

/// <summary>A variable of module scope in device memory.</summary>
/// <param name="Name">As kernels name it.</param>
/// <param name="Space"><c>global</c> or <c>const</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Alignment">Bytes.</param>
/// <param name="InitialBytes">All of them, or none where the text gives no value.</param>
internal sealed record PtxVariable(string Name, string Space, int Size, int Alignment, byte[] InitialBytes);
