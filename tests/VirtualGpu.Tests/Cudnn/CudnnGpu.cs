using CudnnResNet.Native.Safe;

namespace CudnnResNet.VirtualGpu.Tests.Cudnn;

/// <summary>A fresh emulator with a context, a stream and a cuDNN handle; everything is given back at the end, through the product's own wrappers.</summary>
internal sealed class CudnnGpu : IDisposable
{
    /// <summary>A compute capability with TF32.</summary>
    public const int Ampere = 80;

    private readonly Stack<IDisposable> made = new();

    public CudnnGpu(EmulatorOrder order = EmulatorOrder.Late, int capability = 0)
    {
        Emulator.Start(order, capability: capability);
        Context = Keep(new CudaContext(CudaDriver.GetDevice(0)));
        made.Push(Context.Enter());
        Stream = Keep(new CudaStream(Context));
        Cudnn = Keep(new CudnnHandle(Stream));
    }

    public CudaContext Context { get; }

    public CudaStream Stream { get; }

    public CudnnHandle Cudnn { get; }

    /// <summary>Device memory that nothing was written to.</summary>
    public DevicePointer Empty(long count) => Keep(new DeviceBuffer(Context, "a test's", Math.Max(count, 1) * sizeof(float))).Pointer;

    /// <summary>Device memory with these values.</summary>
    public DevicePointer Filled(ReadOnlySpan<float> values)
    {
        DevicePointer pointer = Empty(values.Length);
        Stream.Upload(values, pointer);
        return pointer;
    }

    /// <summary>A tensor with these values, or with none.</summary>
    public DeviceTensor Tensor(Shape shape, float[]? values = null) =>
        new(Keep(new TensorDescriptor(shape.N, shape.C, shape.H, shape.W)), values is null ? Empty(shape.Count) : Filled(values));

    /// <summary>Weights with these values, or with none.</summary>
    public DeviceFilter Filter(Shape shape, float[]? values = null) =>
        new(Keep(new FilterDescriptor(shape.N, shape.C, shape.H, shape.W)), values is null ? Empty(shape.Count) : Filled(values));

    public ConvolutionDescriptor Convolution(int padding, int stride, ConvolutionMath math = ConvolutionMath.Fma) => Keep(new ConvolutionDescriptor(padding, stride, math));

    public Workspace Workspace(long bytes) => bytes == 0 ? CudnnResNet.Native.Safe.Workspace.None : new(Empty(bytes / sizeof(float)), bytes);

    /// <summary>Waits for the stream and reads.</summary>
    public float[] Read(DevicePointer source, long count)
    {
        var values = new float[count];
        Stream.Download(source, values.AsSpan());
        return values;
    }

    public T Keep<T>(T item) where T : IDisposable
    {
        made.Push(item);
        return item;
    }

    public void Dispose()
    {
        while (made.TryPop(out IDisposable? item)) item.Dispose();
    }
}

/// <summary>Dimensions (N, C, H, W), or (K, C, R, S) of weights.</summary>
internal readonly record struct Shape(int N, int C, int H, int W)
{
    public int Count => N * C * H * W;

    public int this[int n, int c, int h, int w] => ((n * C + c) * H + h) * W + w;
}
