namespace CudnnResNet.VirtualGpu.Memory;

/// <summary>Device memory as a kernel sees it: every access is checked before a pointer is handed out.</summary>
internal unsafe interface IGlobalMemory
{
    /// <summary>A pointer to bytes that are about to be read.</summary>
    /// <exception cref="DeviceFault">No live allocation holds all of them, or some were never written.</exception>
    byte* Read(ulong address, int bytes);

    /// <summary>A pointer to bytes that are about to be written; they count as written from here on.</summary>
    /// <exception cref="DeviceFault">No live allocation holds all of them.</exception>
    byte* Write(ulong address, int bytes);
}
