namespace CudnnResNet.Native.Safe;

/// <summary>
/// All device memory of one role (parameters, gradients, workspace, …) as one allocation: first its slices are reserved, then it is
/// allocated once, zeroed, gaps included. "Hash the weights" and "write a checkpoint" are then one call over one block.
/// </summary>
public sealed class DeviceArena(CudaContext context, string name) : IDisposable
{
    /// <summary>Slices begin at multiples of this many bytes, as allocations of the driver do.</summary>
    public const int Alignment = 256;

    private DeviceBuffer? buffer;

    /// <summary>What it is for.</summary>
    public string Name { get; } = name;

    /// <summary>Bytes reserved so far, gaps included.</summary>
    public long Bytes { get; private set; }

    /// <summary>The first byte.</summary>
    /// <exception cref="InvalidOperationException">It is not allocated yet, or empty.</exception>
    public DevicePointer Pointer => buffer?.Pointer ?? throw new InvalidOperationException($"the arena '{Name}' is not allocated");

    /// <summary>Reserves a slice.</summary>
    /// <param name="slice">What it is for.</param>
    /// <param name="bytes">Its size, 0 or more.</param>
    /// <exception cref="InvalidOperationException">The arena is allocated already.</exception>
    public DeviceSlice Reserve(string slice, long bytes)
    {
        if (buffer is not null) throw new InvalidOperationException($"the arena '{Name}' is allocated already; '{slice}' came too late");
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        var reserved = new DeviceSlice(this, slice, Bytes, bytes);
        Bytes += (bytes + Alignment - 1) / Alignment * Alignment;
        return reserved;
    }

    /// <summary>Allocates what was reserved and zeroes it, in the order of this stream's work.</summary>
    /// <exception cref="CudaOutOfMemoryException">There is not enough memory.</exception>
    /// <exception cref="InvalidOperationException">It is allocated already.</exception>
    public void Allocate(CudaStream stream)
    {
        if (buffer is not null) throw new InvalidOperationException($"the arena '{Name}' is allocated already");
        if (Bytes == 0) return;
        buffer = new(context, Name, Bytes);
        stream.Fill(buffer.Pointer, (byte)0, Bytes);
    }

    /// <summary>Gives the memory back; the slices are void then.</summary>
    public void Dispose() => buffer?.Dispose();
}

/// <summary>A named part of an arena.</summary>
public sealed class DeviceSlice
{
    private readonly DeviceArena arena;
    private readonly long offset;

    internal DeviceSlice(DeviceArena arena, string name, long offset, long bytes) => (this.arena, Name, this.offset, Bytes) = (arena, name, offset, bytes);

    /// <summary>What it is for.</summary>
    public string Name { get; }

    /// <summary>Its size, without the gap behind it.</summary>
    public long Bytes { get; }

    /// <summary>Its first byte, once the arena is allocated; null for an empty slice.</summary>
    /// <exception cref="InvalidOperationException">The arena is not allocated yet.</exception>
    public DevicePointer Pointer => Bytes == 0 ? DevicePointer.Null : arena.Pointer + offset;
}
