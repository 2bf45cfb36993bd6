using CudnnResNet.VirtualGpu.Memory;

namespace CudnnResNet.VirtualGpu.Libraries;

/// <summary>Arrays of floats in device memory, for the libraries' work; every access is checked as a kernel's is.</summary>
internal static unsafe class DeviceFloats
{
    /// <summary>Floats that are all written.</summary>
    public static ReadOnlySpan<float> Floats(this DeviceMemory memory, ulong address, long count) =>
        new(memory.ReadRange(address, count * sizeof(float)), checked((int)count));

    /// <summary>Memory in which a library computes: what was there is lost, and what is there afterwards is nothing that one may use.</summary>
    public static void Scribble(this DeviceMemory memory, ulong address, long bytes)
    {
        if (bytes > 0) System.Runtime.InteropServices.NativeMemory.Fill(memory.WriteRange(address, bytes), (nuint)bytes, 0xFF);
    }
}
