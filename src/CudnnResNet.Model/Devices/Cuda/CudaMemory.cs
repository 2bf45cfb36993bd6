using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>
/// The memory of one network, an arena for each role. Units reserve their slices when they are created; the first work allocates all of
/// them at once, zeroed, so that it is known what is needed in all before anything is taken. Nothing is allocated after that, but what
/// is created later (conformance makes gradients in the middle of a pass).
/// </summary>
internal sealed class CudaMemory : IDisposable
{
    private readonly CudaContext context;
    private readonly CudaStream stream;
    private readonly int batchSize;
    private readonly List<DeviceArena> arenas = [];
    private readonly List<Action> whenAllocated = [];

    /// <param name="context">The context, current on this thread.</param>
    /// <param name="stream">Where arenas are zeroed.</param>
    /// <param name="batchSize">Images that the activations are for.</param>
    public CudaMemory(CudaContext context, CudaStream stream, int batchSize)
    {
        (this.context, this.stream, this.batchSize) = (context, stream, batchSize);
        Parameters = Arena("parameters");
        Gradients = Arena("gradients");
        Momentum = Arena("momentum");
        Statistics = Arena("statistics");
        Control = Arena("control");
        Activations = Arena("activations");
        Workspace = Arena("workspace");
    }

    /// <summary>Weights, scales and biases of all units.</summary>
    public DeviceArena Parameters { get; }

    /// <summary>Their gradients, at the same offsets. Empty without training.</summary>
    public DeviceArena Gradients { get; }

    /// <summary>Their velocities, at the same offsets. Empty without training.</summary>
    public DeviceArena Momentum { get; }

    /// <summary>Running means and variances.</summary>
    public DeviceArena Statistics { get; }

    /// <summary>The <see cref="StepState"/>, learning rates and tables: what kernels read besides tensors.</summary>
    public DeviceArena Control { get; }

    /// <summary>Activations, their gradients, and what a unit keeps from its forward pass for its backward pass.</summary>
    public DeviceArena Activations { get; }

    /// <summary>What cuDNN and cuBLAS may use while they compute.</summary>
    public DeviceArena Workspace { get; }

    /// <summary>Whether the arenas are allocated.</summary>
    public bool IsAllocated { get; private set; }

    /// <summary>Bytes of all arenas.</summary>
    public long Bytes => arenas.Sum(arena => arena.Bytes);

    /// <summary>Reserves floats for as many images as the network has been planned for, or what is needed to compute them.</summary>
    public DeviceSlice Activation(string name, long count)
    {
        if (!IsAllocated) return Activations.Reserve(name, count * sizeof(float));
        DeviceArena late = Arena(name);
        DeviceSlice slice = late.Reserve(name, count * sizeof(float));
        Allocate(late, context.Memory().Free);
        return slice;
    }

    /// <summary>Has something done as soon as there is memory: at once, where there is some already.</summary>
    public void WhenAllocated(Action work)
    {
        if (IsAllocated) work();
        else whenAllocated.Add(work);
    }

    /// <summary>Allocates everything that was reserved; again does nothing. The context is current on this thread.</summary>
    /// <exception cref="DeviceMemoryException">The GPU has not enough memory.</exception>
    public void Allocate()
    {
        if (IsAllocated) return;
        long free = context.Memory().Free;
        if (Bytes > free) throw Shortage($"batches of {batchSize} need", Bytes, free, beside: 0, null);
        foreach (DeviceArena arena in arenas) Allocate(arena, free);
        IsAllocated = true;
        foreach (Action work in whenAllocated) work();
        whenAllocated.Clear();
    }

    /// <summary>Allocates something beside the arenas, such as a data set.</summary>
    /// <exception cref="DeviceMemoryException">The GPU has not enough memory.</exception>
    public DeviceBuffer Buffer(string name, long bytes)
    {
        try
        {
            return new(context, name, bytes);
        }
        catch (CudaOutOfMemoryException error)
        {
            throw Shortage($"{name} needs", bytes, error.FreeBytes, beside: bytes, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DeviceArena arena in arenas) arena.Dispose();
    }

    private DeviceArena Arena(string name)
    {
        var arena = new DeviceArena(context, name);
        arenas.Add(arena);
        return arena;
    }

    /// <param name="arena">What is allocated.</param>
    /// <param name="free">Bytes that were free before the first of the arenas was.</param>
    private void Allocate(DeviceArena arena, long free)
    {
        try
        {
            arena.Allocate(stream);
        }
        catch (CudaOutOfMemoryException error)
        {
            throw Shortage($"batches of {batchSize} need", Bytes, free, beside: 0, error);
        }
    }

    /// <param name="what">What needs memory, with its verb.</param>
    /// <param name="needed">Bytes of that.</param>
    /// <param name="free">Bytes that are free.</param>
    /// <param name="beside">Bytes that have to fit beside the arenas.</param>
    /// <param name="cause">What the driver said.</param>
    private DeviceMemoryException Shortage(string what, long needed, long free, long beside, Exception? cause)
    {
        // Only activations grow with the batch for sure; all the rest counts whole, so that the estimate is never too large.
        long available = (IsAllocated ? free + Bytes : free) - beside - (Bytes - Activations.Bytes), perImage = Activations.Bytes / batchSize + 1;
        long fitting = Math.Clamp(available / perImage, 0, batchSize - 1);
        return new($"not enough memory on {context.Device.Name}: {what} {Megabytes(needed)} MB, {Megabytes(free)} MB are free", needed, free, (int)fitting, cause);
    }

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("F1");
}
