using CudnnResNet.VirtualGpu.Memory;
using CudnnResNet.VirtualGpu.Ptx.Decoding;

namespace CudnnResNet.VirtualGpu.Ptx.Execution;

/// <summary>What all warps of a launch share. One block runs at a time.</summary>
internal sealed class LaunchContext(
    PtxKernel kernel, Dim3 grid, Dim3 block, byte[] parameters, IReadOnlyDictionary<string, ulong> variables, IGlobalMemory memory, SharedMemory shared)
{
    public string Kernel => kernel.Name;

    public KernelProgram Program => kernel.Program;

    public Dim3 Grid { get; } = grid;

    public Dim3 Block { get; } = block;

    /// <summary>The block that runs.</summary>
    public Dim3 BlockIndex { get; set; }

    public byte[] Parameters { get; } = parameters;

    public IGlobalMemory Memory { get; } = memory;

    public SharedMemory Shared { get; } = shared;

    /// <summary>For each instruction, whether its loads are to be tried lane by lane, because all lanes at once were refused.</summary>
    public bool[] LoadsOneByOne { get; } = new bool[kernel.Program.Code.Length];

    /// <summary>The address of a variable of the module.</summary>
    public ulong AddressOf(string variable) => variables.TryGetValue(variable, out ulong address)
        ? address : throw new DeviceFault(FaultCode.InvalidValue, $"kernel {kernel.Name}: no address was given for the variable '{variable}'");
}
