using CudnnResNet.VirtualGpu.Ptx;

namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>What a launch may ask for, and how its parameters are read.</summary>
internal static unsafe class LaunchLimits
{
    public const int ThreadsPerBlock = 1024;
    public const int SharedBytesPerBlock = 48 << 10;

    // The marks in cuLaunchKernel's "extra".
    private const nint EndMark = 0;
    private const nint BufferMark = 1;
    private const nint SizeMark = 2;

    public static Dim3 Grid => new(int.MaxValue, 65535, 65535);

    public static Dim3 Block => new(1024, 1024, 64);

    /// <summary>Checks grid, block and shared memory against the device and the kernel.</summary>
    public static void Check(PtxKernel kernel, Dim3 grid, Dim3 block, uint sharedBytes)
    {
        if (!Within(grid, Grid)) throw Invalid(kernel, $"grid {Text(grid)}: from (1, 1, 1) to {Text(Grid)} is allowed");
        if (!Within(block, Block)) throw Invalid(kernel, $"block {Text(block)}: from (1, 1, 1) to {Text(Block)} is allowed");
        ulong threads = (ulong)block.X * block.Y * block.Z;
        if (threads > ThreadsPerBlock) throw Invalid(kernel, $"block {Text(block)} has {threads} threads, {ThreadsPerBlock} are allowed");
        if (kernel.RequiredThreads > 0 && threads != (ulong)kernel.RequiredThreads) throw Invalid(kernel, $"block {Text(block)} has {threads} threads, and the kernel requires {kernel.RequiredThreads} (.reqntid)");
        if (threads > (ulong)kernel.MaxThreads) throw OutOfResources(kernel, $"block {Text(block)} has {threads} threads, and the kernel is compiled for {kernel.MaxThreads} at most (.maxntid)");
        long shared = sharedBytes + (long)kernel.StaticSharedBytes;
        if (shared > SharedBytesPerBlock) throw Invalid(kernel, $"{shared} bytes of shared memory ({kernel.StaticSharedBytes} of the kernel, {sharedBytes} of the launch), {SharedBytesPerBlock} are allowed");
    }

    /// <summary>Copies the parameters' values: they belong to the call.</summary>
    public static byte[] Parameters(PtxKernel kernel, void** kernelParams, void** extra)
    {
        if (kernelParams is not null && extra is not null) throw Invalid(kernel, "kernelParams and extra are both given");
        var values = new byte[kernel.ParameterBytes];
        if (extra is not null) FromBuffer(kernel, extra).CopyTo(values);
        else FromPointers(kernel, kernelParams, values);
        return values;
    }

    private static void FromPointers(PtxKernel kernel, void** kernelParams, Span<byte> values)
    {
        for (int i = 0; i < kernel.Parameters.Count; i++)
        {
            // C has no count of them; one that was never set is null in what CudaFunction passes.
            if (kernelParams is null || kernelParams[i] is null)
                throw Invalid(kernel, $"too few parameters: number {i + 1} of {kernel.Parameters.Count} is {(kernelParams is null ? "missing with the whole array" : "a null pointer")}");
            PtxParameter parameter = kernel.Parameters[i];
            new ReadOnlySpan<byte>(kernelParams[i], parameter.Size).CopyTo(values[parameter.Offset..]);
        }
    }

    private static ReadOnlySpan<byte> FromBuffer(PtxKernel kernel, void** extra)
    {
        void* buffer = null;
        nuint size = 0;
        for (; (nint)extra[0] != EndMark; extra += 2)
        {
            if ((nint)extra[0] == BufferMark) buffer = extra[1];
            else if ((nint)extra[0] == SizeMark) size = *(nuint*)extra[1];
            else throw Invalid(kernel, $"extra has the unknown mark {(nint)extra[0]}");
        }
        if (size < (nuint)kernel.ParameterBytes) throw Invalid(kernel, $"too few parameters: the buffer has {size} bytes, the kernel's parameters {kernel.ParameterBytes}");
        return new(buffer, kernel.ParameterBytes);
    }

    private static bool Within(Dim3 size, Dim3 most) => size is { X: > 0, Y: > 0, Z: > 0 } && size.X <= most.X && size.Y <= most.Y && size.Z <= most.Z;

    private static string Text(Dim3 size) => $"({size.X}, {size.Y}, {size.Z})";

    private static DeviceFault Invalid(PtxKernel kernel, string text) => new((int)CUresult.CUDA_ERROR_INVALID_VALUE, $"kernel {kernel.Name}: {text}");

    private static DeviceFault OutOfResources(PtxKernel kernel, string text) => new((int)CUresult.CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, $"kernel {kernel.Name}: {text}");
}
