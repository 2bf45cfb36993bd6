namespace CudnnResNet.VirtualGpu.Memory;

/// <summary>One device's memory: what is allocated, how much is left, and every access checked.</summary>
/// <param name="device">The device's number.</param>
/// <param name="total">Its bytes.</param>
internal sealed unsafe class DeviceMemory(int device, long total) : IGlobalMemory
{
    private const int IllegalAddress = 700;
    private const int LaunchFailed = 719;
    private const int InvalidValue = 1;
    private const long Granule = 256;

    private readonly Dictionary<ulong, Allocation> live = [];
    private long used;

    public long Total => total;

    public long Free => total - used;

    /// <summary>Allocates; null where there is not enough left.</summary>
    /// <param name="bytes">The size, 1 or more.</param>
    /// <param name="origin">Who asks, for messages.</param>
    public Allocation? Allocate(long bytes, string origin)
    {
        if (bytes > Free || Rounded(bytes) > Free) return null;
        try
        {
            Allocation allocation = AddressSpace.Add(device, bytes, origin);
            live.Add(allocation.Address, allocation);
            used += Rounded(bytes);
            return allocation;
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    /// <summary>Gives an allocation back by its first address.</summary>
    /// <exception cref="DeviceFault">None of that address lives here.</exception>
    public void Release(ulong address, string by)
    {
        if (!live.Remove(address, out Allocation? allocation)) throw new DeviceFault(InvalidValue, WhyNotFreed(address));
        allocation.Free(by);
        used -= Rounded(allocation.Bytes);
    }

    /// <summary>Gives all back.</summary>
    public void ReleaseAll(string by)
    {
        foreach (ulong address in live.Keys.ToArray()) Release(address, by);
    }

    /// <inheritdoc/>
    public byte* Read(ulong address, int bytes) => ReadRange(address, bytes);

    /// <inheritdoc/>
    public byte* Write(ulong address, int bytes) => WriteRange(address, bytes);

    /// <summary>As <see cref="Read"/>, for any size.</summary>
    public byte* ReadRange(ulong address, long bytes)
    {
        Allocation allocation = Holder(address, bytes, "read");
        long offset = (long)(address - allocation.Address);
        long unwritten = allocation.FirstUnwritten(offset, bytes);
        if (unwritten >= 0) throw new DeviceFault(LaunchFailed, $"read of unwritten memory: byte {unwritten} of {allocation} (0x{allocation.Address + (ulong)unwritten:x}) was never written");
        return allocation.Data + offset;
    }

    /// <summary>As <see cref="Write"/>, for any size.</summary>
    public byte* WriteRange(ulong address, long bytes)
    {
        Allocation allocation = Holder(address, bytes, "write");
        long offset = (long)(address - allocation.Address);
        allocation.MarkWritten(offset, bytes);
        return allocation.Data + offset;
    }

    /// <summary>Checks the range of a copy or fill at the call, before anything is done.</summary>
    /// <exception cref="DeviceFault">No live allocation holds it; as the driver does, with "invalid value".</exception>
    public void CheckRange(ulong address, long bytes, string access)
    {
        if (Problem(address, bytes, access) is { } problem) throw new DeviceFault(InvalidValue, problem);
    }

    private Allocation Holder(ulong address, long bytes, string access)
    {
        Allocation? allocation = AddressSpace.Find(address);
        if (allocation is not null && allocation.FreedBy is null && allocation.Device == device)
        {
            ulong offset = address - allocation.Address;
            if (offset < (ulong)allocation.Bytes && (ulong)bytes <= (ulong)allocation.Bytes - offset) return allocation;
        }
        throw new DeviceFault(IllegalAddress, Problem(address, bytes, access)!);
    }

    private string? Problem(ulong address, long bytes, string access)
    {
        if (AddressSpace.Find(address) is not { } allocation) return $"out-of-bounds {access} of {bytes} bytes: {AddressSpace.Place(address)}";
        long offset = (long)(address - allocation.Address);
        if (offset < 0 || offset >= allocation.Bytes) return $"out-of-bounds {access} of {bytes} bytes: {AddressSpace.Place(address)}";
        if (allocation.FreedBy is { } by) return $"use after free: {access} of {bytes} bytes at 0x{address:x}, in {allocation}, which {by} freed";
        if (allocation.Device != device) return $"{access} of {bytes} bytes at 0x{address:x}, in {allocation} of device {allocation.Device}, by device {device}";
        if (bytes > allocation.Bytes - offset) return $"out-of-bounds {access} of {bytes} bytes at 0x{address:x}: {bytes - (allocation.Bytes - offset)} of them lie behind the end of {allocation}";
        return null;
    }

    private static string WhyNotFreed(ulong address)
    {
        if (AddressSpace.Find(address) is not { } allocation || address - allocation.Address >= (ulong)allocation.Bytes) return $"free of what is no allocation: {AddressSpace.Place(address)}";
        if (allocation.FreedBy is { } by) return $"double free: {allocation} was freed by {by} already";
        return address == allocation.Address
            ? $"free of {allocation}, which belongs to device {allocation.Device}"
            : $"free of 0x{address:x}, which is {address - allocation.Address} bytes into {allocation}, not its first address";
    }

    private static long Rounded(long bytes) => (bytes + Granule - 1) / Granule * Granule;
}
