namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>Captured work, in its order.</summary>
internal sealed class GpuGraph(GpuContext context, IReadOnlyList<Operation> operations) : GpuObject("graph", context)
{
    public IReadOnlyList<Operation> Operations => operations;

    /// <summary>A number for each node.</summary>
    public IReadOnlyList<nint> Nodes { get; } = [.. operations.Select(_ => HandleTable.NewNumber())];
}

/// <summary>A graph that can be given to streams, as often as one likes; each time waits for the one before.</summary>
internal sealed class GpuGraphExec(GpuContext context, IReadOnlyList<Operation> operations) : GpuObject("executable graph", context)
{
    private Work? last;

    public void Launch(GpuStream stream)
    {
        if (last is { IsDone: false } && last.Stream != stream) stream.Enqueue(new WaitFor(last));
        foreach (Operation operation in operations) stream.Enqueue(operation);
        last = stream.Enqueue(new Mark());
    }
}
