using System.Text;
using CudnnResNet.Native.Safe;
using CudnnResNet.Native.Sys;

namespace CudnnResNet.VirtualGpu.Tests.Driver;

/// <summary>A fresh emulator with a context, a stream and the test kernels; everything is given back at the end, through the product's own wrappers.</summary>
internal sealed class EmulatedGpu : IDisposable
{
    private readonly Stack<IDisposable> made = new();
    private readonly CudaModule module;

    public EmulatedGpu(EmulatorOrder order, long memory = 0)
    {
        Emulator.Start(order, memory);
        Context = Keep(new CudaContext(CudaDriver.GetDevice(0)));
        made.Push(Context.Enter());
        Stream = NewStream();
        module = Keep(CudaModule.FromPtx(Context, Encoding.ASCII.GetBytes(TestKernels.Ptx), "test kernels"));
    }

    public CudaContext Context { get; }

    public CudaStream Stream { get; }

    public CudaFunction Kernel(string name) => module.GetFunction(name);

    public CudaStream NewStream() => Keep(new CudaStream(Context));

    public CudaEvent NewEvent(bool timing = false) => Keep(new CudaEvent(Context, timing));

    public PinnedBuffer Pinned(int bytes) => Keep(new PinnedBuffer(Context, bytes));

    /// <summary>Device memory that nothing was written to.</summary>
    public DeviceBuffer Empty(int bytes) => Keep(new DeviceBuffer(Context, "a test's", bytes));

    /// <summary>Device memory with these values.</summary>
    public DeviceBuffer Filled(params ReadOnlySpan<int> values)
    {
        DeviceBuffer buffer = Empty(values.Length * sizeof(int));
        Stream.Upload(values, buffer.Pointer);
        Stream.Synchronize();
        return buffer;
    }

    /// <summary>Gives <c>y = x + 1</c> to a stream.</summary>
    public void AddOne(CudaStream stream, DevicePointer x, int n, DevicePointer y) => Kernel("add_one").Launch(stream, (n + 31) / 32, 32, 0, x, n, y);

    /// <summary>Waits for the stream and reads.</summary>
    public int[] Read(DevicePointer source, int count, CudaStream? stream = null)
    {
        int[] values = new int[count];
        (stream ?? Stream).Download(source, values.AsSpan());
        return values;
    }

    public T Keep<T>(T item) where T : IDisposable
    {
        made.Push(item);
        return item;
    }

    /// <summary>Runs what has to fail; the exception has this status, and says these words of the emulator.</summary>
    public static void Fails(CUresult status, string words, Action action)
    {
        CudaException error = Assert.Throws<CudaException>(action);
        Assert.AreEqual(status, (CUresult)error.Status, error.Message);
        Assert.Contains(words, error.Message);
        Assert.Contains(words, Emulator.Mistakes.Last());
    }

    /// <summary>The end of a test without mistakes: what was made is given back, and the emulator has nothing to complain of.</summary>
    public void Dispose()
    {
        while (made.TryPop(out IDisposable? item)) item.Dispose();
    }
}
