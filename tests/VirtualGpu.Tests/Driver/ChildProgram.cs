using CudnnResNet.Native.Safe;
using static CudnnResNet.Native.Sys.Cudnn;
using static CudnnResNet.Native.Sys.Driver;

namespace CudnnResNet.VirtualGpu.Tests.Driver;

/// <summary>A program that uses a GPU and is careless: what <see cref="ProcessTests"/> starts, since an environment belongs to a process.</summary>
internal static class ChildProgram
{
    public static int Main()
    {
        try
        {
            CudaDevice device = CudaDriver.GetDevice(CudaDriver.DeviceCount - 1);
            // Never given back.
            var context = new CudaContext(device);
            context.Enter();
            var stream = new CudaStream(context);
            var buffer = new DeviceBuffer(context, "forgotten", 4000);
            stream.Fill(buffer.Pointer, (byte)0, 4000);
            using var cudnn = new CudnnHandle(stream);
            if (device.Ordinal > 0) UseElsewhere(cudnn, stream);
            Console.WriteLine($"{device.Ordinal} of {CudaDriver.DeviceCount}, {device.TotalMemory} bytes, {device.ComputeCapability}, {(stream.IsIdle ? "early" : "late")}");
            _ = cuMemFree_v2(1);
            return 0;
        }
        catch (NativeException error)
        {
            Console.WriteLine(error.Message);
            return 1;
        }
    }

    // In the context of the first device.
    private static void UseElsewhere(CudnnHandle cudnn, CudaStream stream)
    {
        using var first = new CudaContext(CudaDriver.GetDevice(0));
        using ContextScope scope = first.Enter();
        _ = cudnnSetStream(cudnn.Value, stream.Value);
    }
}
