using CudnnResNet.VirtualGpu.Memory;
using CudnnResNet.VirtualGpu.Ptx;

namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>PTX that was loaded, with its variables in device memory.</summary>
internal sealed unsafe class GpuModule : GpuObject
{
    private readonly GpuContext context;
    private readonly Dictionary<string, ulong> variables = [];
    private readonly Dictionary<string, GpuFunction> functions = [];
    private readonly PtxModule code;

    /// <summary>Places the variables, and writes what they begin as: zeros where the PTX says nothing.</summary>
    /// <exception cref="DeviceFault">There is no memory for them.</exception>
    public GpuModule(GpuContext context, PtxModule code) : base("module", context)
    {
        (this.context, this.code) = (context, code);
        foreach (PtxVariable variable in code.Variables)
        {
            if (variable.Size == 0) continue;
            Allocation place = context.Memory.Allocate(variable.Size, $"variable {variable.Name}")
                ?? throw new DeviceFault((int)CUresult.CUDA_ERROR_OUT_OF_MEMORY, $"no memory for the {variable.Size} bytes of variable {variable.Name}");
            variables.Add(variable.Name, place.Address);
            var bytes = new Span<byte>(context.Memory.WriteRange(place.Address, variable.Size), variable.Size);
            bytes.Clear();
            variable.InitialBytes.AsSpan().CopyTo(bytes);
        }
    }

    public IReadOnlyDictionary<string, ulong> Variables => variables;

    /// <summary>A kernel's function, the same each time; null where there is no such kernel.</summary>
    public GpuFunction? Function(string name)
    {
        if (functions.TryGetValue(name, out GpuFunction? known)) return known;
        if (!code.Kernels.TryGetValue(name, out PtxKernel? kernel)) return null;
        return functions[name] = context.Machine.Handles.Add(new GpuFunction(context, this, kernel));
    }

    /// <summary>Takes it away, its functions and variables too.</summary>
    public void Unload()
    {
        IsDestroyed = true;
        foreach (GpuFunction function in functions.Values) function.IsDestroyed = true;
        foreach (ulong address in variables.Values) context.Memory.Release(address, "cuModuleUnload");
    }
}

/// <summary>A kernel of a loaded module.</summary>
internal sealed class GpuFunction(GpuContext context, GpuModule module, PtxKernel kernel) : GpuObject($"function {kernel.Name}", context)
{
    public GpuModule Module => module;

    public PtxKernel Kernel => kernel;

    /// <summary>An attribute by its number in cuda.h; null for what the emulator does not say.</summary>
    public int? Attribute(int attribute) => attribute switch
    {
        0 => kernel.RequiredThreads > 0 ? kernel.RequiredThreads : kernel.MaxThreads,
        1 => kernel.StaticSharedBytes,
        2 or 3 or 7 => 0, // constant memory, local memory, caching
        4 => kernel.Registers,
        5 or 6 => Owner!.Device.Capability,
        8 => LaunchLimits.SharedBytesPerBlock - kernel.StaticSharedBytes,
        _ => null,
    };
}

/// <summary>A kernel to be run.</summary>
internal sealed class KernelLaunch(GpuFunction function, Dim3 grid, Dim3 block, int sharedBytes, byte[] parameters) : Operation
{
    public override void Execute(GpuContext context, byte[]? evidence)
    {
        if (function.IsDestroyed) throw new DeviceFault((int)CUresult.CUDA_ERROR_LAUNCH_FAILED, "its module was unloaded before it ran");
        long instructions = KernelRun.Execute(function.Kernel, grid, block, sharedBytes, parameters, function.Module.Variables, context.Memory);
        context.Machine.Counters.LaneInstructions += instructions;
        context.Machine.Time += instructions;
        context.Machine.Counters.Kernels++;
    }

    public override string ToString() => $"kernel {function.Kernel.Name}";
}
