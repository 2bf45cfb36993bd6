using CudnnResNet.VirtualGpu.Memory;

namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>A primary context: what a program has made on a device.</summary>
internal sealed class GpuContext(GpuDevice device) : GpuObject("context", null)
{
    private readonly Dictionary<ulong, Allocation> allocations = [];

    public Machine Machine => device.Machine;

    public GpuDevice Device => device;

    public DeviceMemory Memory => device.Memory;

    public PinnedMemory Pinned { get; } = new();

    /// <summary>In the order of their making, those included that were destroyed with work left to do.</summary>
    public List<GpuStream> Streams { get; } = [];

    /// <summary>cuMemAlloc; null where there is not enough memory.</summary>
    public Allocation? Allocate(long bytes, string call)
    {
        Allocation? made = Memory.Allocate(bytes, call);
        if (made is not null) allocations.Add(made.Address, made);
        return made;
    }

    /// <summary>cuMemFree. The driver waits for all work first, because some of it may use the memory.</summary>
    public void Free(ulong address, string call)
    {
        if (!allocations.ContainsKey(address) && AddressSpace.Find(address) is { FreedBy: null } other && other.Address == address)
            throw new DeviceFault((int)CUresult.CUDA_ERROR_INVALID_VALUE, $"free of {other}, which cuMemAlloc did not make");
        Synchronize();
        Memory.Release(address, call);
        allocations.Remove(address);
    }

    /// <summary>Does all work that was given to its streams. Late means here: the youngest stream first.</summary>
    public void Synchronize()
    {
        foreach (GpuStream stream in Machine.Order == Order.Late ? Enumerable.Reverse(Streams).ToArray() : [.. Streams]) stream.RunAll();
        Streams.RemoveAll(stream => stream.IsDestroyed && stream.IsIdle);
    }

    /// <summary>What the program has made and not given back.</summary>
    public IEnumerable<string> Leaks() =>
        allocations.Values.Select(allocation => $"{allocation}")
            .Concat(Pinned.Live.Select(block => $"{block}"))
            .Concat(Machine.Handles.Live<GpuObject>().Where(item => item.Owner == this && item is not GpuFunction).Select(item => $"{item}"));

    /// <summary>Takes everything away.</summary>
    public void Discard()
    {
        IsDestroyed = true;
        foreach (GpuObject item in Machine.Handles.Live<GpuObject>().Where(item => item.Owner == this).ToArray()) item.IsDestroyed = true;
        Memory.ReleaseAll("the end of its context");
        Pinned.ReleaseAll();
        Machine.Captures.RemoveAll(capture => capture.Stream.Owner == this);
    }
}

/// <summary>Each thread's stack of current contexts.</summary>
internal static class ContextStack
{
    [ThreadStatic]
    private static Stack<GpuContext>? stack;

    // Contexts of before a reset are not there any more.
    private static Stack<GpuContext> Present
    {
        get
        {
            stack ??= [];
            while (stack.TryPeek(out GpuContext? top) && top.Machine != Machine.Current) stack.Pop();
            return stack;
        }
    }

    public static GpuContext? Current => Present.TryPeek(out GpuContext? top) ? top : null;

    public static void Push(GpuContext context) => Present.Push(context);

    public static GpuContext? Pop() => Present.TryPop(out GpuContext? top) ? top : null;
}
