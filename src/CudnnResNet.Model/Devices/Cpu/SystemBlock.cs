using System.Runtime.InteropServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>Zeroed memory of the system, page by page at the first touch: what is planned but never used costs nothing.</summary>
/// <remarks>
/// On Linux large blocks are mapped, so that they go back to the system when they are freed. The C library does so only until the first of
/// them is freed; from then on it keeps them, in a pool for each of many threads. 200 predictors, made one after another and asked by eight
/// threads each, took 650 MB that way, and take 70 MB like this.
/// </remarks>
internal static unsafe partial class SystemBlock
{
    private const nuint MapFrom = 128 << 10;

    // Of Linux, on every processor that .NET runs on: PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, MADV_HUGEPAGE.
    private const int ReadWrite = 3, PrivateAnonymous = 0x22, UseHugePages = 14;

    /// <summary>Allocates; null where the system refuses.</summary>
    public static void* Allocate(nuint bytes)
    {
        if (IsMapped(bytes))
        {
            void* block = Map(null, bytes, ReadWrite, PrivateAnonymous, file: -1, offset: 0);
            return (nint)block == -1 ? null : block;
        }
        try
        {
            return NativeMemory.AllocZeroed(bytes);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    /// <summary>Frees what <see cref="Allocate"/> gave for so many bytes.</summary>
    public static void Free(void* block, nuint bytes)
    {
        if (IsMapped(bytes)) _ = Unmap(block, bytes);
        else NativeMemory.Free(block);
    }

    /// <summary>Advises the system to take huge pages; where it does not, the pages are small.</summary>
    public static void AdviseHugePages(void* start, nuint bytes)
    {
        if (OperatingSystem.IsLinux()) _ = Advise(start, bytes, UseHugePages);
    }

    private static bool IsMapped(nuint bytes) => bytes >= MapFrom && OperatingSystem.IsLinux();

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* start, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nuint length, int advice);
}
