namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>Something that a stream does. It may be done many times, as graphs do, so it does not change.</summary>
internal abstract class Operation
{
    /// <summary>Called each time it is put into a stream's queue.</summary>
    /// <returns>What <see cref="Execute"/> wants to compare later; null for nothing.</returns>
    public virtual byte[]? Given(Order order) => null;

    /// <summary>Does it.</summary>
    /// <exception cref="DeviceFault">It cannot be done; the machine is broken then.</exception>
    public abstract void Execute(GpuContext context, byte[]? evidence);
}

/// <summary>A mark that an event has put into a stream.</summary>
internal sealed class Mark : Operation
{
    public override void Execute(GpuContext context, byte[]? evidence) { }

    public override string ToString() => "mark of an event";
}

/// <summary>Waits for another stream's work.</summary>
internal sealed class WaitFor(Work target) : Operation
{
    public override void Execute(GpuContext context, byte[]? evidence) => target.Stream.RunUntil(target);

    public override string ToString() => $"wait for {target.Stream}";
}
