using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Safe.Calls;
using static CudnnResNet.Native.Sys.Driver;

namespace CudnnResNet.Native.Safe;

/// <summary>A kernel; it lives as long as its module.</summary>
public sealed unsafe class CudaFunction
{
    /// <summary>Arguments that a launch takes at most.</summary>
    public const int MaxArguments = 32;

    // Keeps the module, and with it the code, from the finaliser while only its kernels are in use.
    private readonly CudaModule module;
    private readonly nint function;

    internal CudaFunction(CudaModule module, string name, nint function)
    {
        (this.module, Name, this.function) = (module, name, function);
        MaxThreadsPerBlock = Attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
        SharedBytes = Attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES);
        LocalBytes = Attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES);
        Registers = Attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_NUM_REGS);
    }

    /// <summary>Its name in the PTX.</summary>
    public string Name { get; }

    /// <summary>Threads that a block of it may have on this GPU.</summary>
    public int MaxThreadsPerBlock { get; }

    /// <summary>Bytes of shared memory that a block of it takes, without what a launch adds.</summary>
    public int SharedBytes { get; }

    /// <summary>Bytes of local memory of one thread: more than 0 means spilled registers.</summary>
    public int LocalBytes { get; }

    /// <summary>Registers of one thread.</summary>
    public int Registers { get; }

    /// <summary>Gives it to a stream. The arguments are read at the call; nothing is allocated.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="grid">Blocks.</param>
    /// <param name="block">Threads of a block.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block.</param>
    /// <param name="arguments">One for each parameter of the kernel, in its order and of its size.</param>
    /// <exception cref="CudaException">The launch is impossible, or earlier work failed.</exception>
    public void Launch(CudaStream stream, Dim3 grid, Dim3 block, int sharedBytes, params ReadOnlySpan<KernelArgument> arguments)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(arguments.Length, MaxArguments, nameof(arguments));
        ObjectDisposedException.ThrowIf(module.IsClosed, module);
        using var range = Nvtx.Range(Name);
        fixed (KernelArgument* first = arguments)
        {
            void** pointers = stackalloc void*[MaxArguments];
            for (int i = 0; i < arguments.Length; i++) pointers[i] = first + i;
            Check(
                cuLaunchKernel(function, (uint)grid.X, (uint)grid.Y, (uint)grid.Z, (uint)block.X, (uint)block.Y, (uint)block.Z, (uint)sharedBytes, stream.Value, pointers, null),
                $"kernel {Name}, grid {grid}, block {block}, {sharedBytes} bytes of shared memory, {arguments.Length} arguments");
        }
    }

    private int Attribute(CUfunction_attribute attribute)
    {
        Check(cuFuncGetAttribute(out int value, attribute, function), $"kernel {Name}, {attribute}");
        return value;
    }
}

/// <summary>Sizes of a grid or a block.</summary>
/// <param name="X">The fastest.</param>
/// <param name="Y">The next.</param>
/// <param name="Z">The slowest.</param>
public readonly record struct Dim3(int X, int Y = 1, int Z = 1)
{
    /// <summary>One dimension.</summary>
    public static implicit operator Dim3(int x) => new(x);

    /// <summary>One dimension.</summary>
    public static Dim3 FromInt32(int x) => new(x);

    /// <summary>As (X, Y, Z).</summary>
    public override string ToString() => $"({X}, {Y}, {Z})";
}
