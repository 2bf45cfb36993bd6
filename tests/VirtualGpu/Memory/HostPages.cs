using System.Runtime.InteropServices;

namespace CudnnResNet.VirtualGpu.Memory;

/// <summary>Pages of the host with a forbidden page behind them. Freed, they stay forbidden: whoever still uses them is stopped by the processor.</summary>
internal static unsafe partial class HostPages
{
    private const int PageBytes = 4096;
    private const int NoAccess = 0;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;
    private const int Fixed = 0x10;

    /// <summary>Takes pages, filled with 0xFF bytes.</summary>
    /// <returns>Their first byte; null where the host has no room.</returns>
    public static byte* Take(long bytes)
    {
        nuint length = Whole(bytes);
        nint start = Map(0, length + PageBytes, NoAccess, PrivateAnonymous, -1, 0);
        if (start == -1) return null;
        if (Map(start, length, ReadWrite, PrivateAnonymous | Fixed, -1, 0) == -1) return null;
        NativeMemory.Fill((void*)start, length, 0xFF);
        return (byte*)start;
    }

    /// <summary>Gives the memory back and keeps the addresses.</summary>
    public static void Forbid(byte* start, long bytes) => _ = Map((nint)start, Whole(bytes), NoAccess, PrivateAnonymous | Fixed, -1, 0);

    private static nuint Whole(long bytes) => (nuint)((bytes + PageBytes - 1) / PageBytes * PageBytes);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);
}
