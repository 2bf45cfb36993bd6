using CudnnResNet.Model.Devices.Cuda;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Kernels.Tests.Conformance;

/// <summary>
/// A fresh emulator with a context, a stream and the kernels, launched as the cuda device launches them. Every tensor is an allocation of
/// its own without a byte to spare, so that the emulator refuses the first access beside it.
/// </summary>
internal sealed class KernelGpu : IDisposable
{
    private readonly Stack<IDisposable> made = new();

    private KernelGpu(EmulatorOrder order)
    {
        Emulator.Start(order);
        Context = Keep(new CudaContext(CudaDriver.GetDevice(0)));
        made.Push(Context.Enter());
        Stream = Keep(new CudaStream(Context));
    }

    public CudaContext Context { get; }

    public CudaStream Stream { get; }

    // A module is loaded for the first test that needs it.
    public AugmentKernels Augment => field ??= Keep(new AugmentKernels(Context));

    public JoinKernels Join => field ??= Keep(new JoinKernels(Context));

    public SgdKernels Sgd => field ??= Keep(new SgdKernels(Context));

    public SoftmaxCrossEntropyKernels SoftmaxCrossEntropy => field ??= Keep(new SoftmaxCrossEntropyKernels(Context));

    /// <summary>
    /// Runs a case under both orders in which the emulator may work, twice in each, and fails where any run gives other bytes than the
    /// first or the emulator caught a mistake.
    /// </summary>
    /// <param name="work">The case: gives work to the GPU and keeps what it reads.</param>
    /// <returns>What it kept.</returns>
    public static Outputs Run(Action<KernelGpu, Outputs> work)
    {
        Outputs? first = null;
        foreach (var order in new[] { EmulatorOrder.Late, EmulatorOrder.Early })
        {
            using (var gpu = new KernelGpu(order))
            {
                for (int run = 1; run <= 2; run++)
                {
                    var outputs = new Outputs();
                    work(gpu, outputs);
                    first ??= outputs;
                    outputs.AssertSameBytes(first, $"run {run}, order {order}");
                }
            }
            Assert.IsEmpty(Emulator.Mistakes, string.Join(Environment.NewLine, Emulator.Mistakes));
        }
        return first!;
    }

    /// <summary>Device memory with these values.</summary>
    public DevicePointer Upload<T>(params ReadOnlySpan<T> values) where T : unmanaged
    {
        DevicePointer pointer = Empty<T>(values.Length);
        Stream.Upload(values, pointer);
        return pointer;
    }

    /// <summary>Device memory that nothing was written to.</summary>
    public unsafe DevicePointer Empty<T>(int count) where T : unmanaged => Keep(new DeviceBuffer(Context, "a test's", (long)count * sizeof(T))).Pointer;

    /// <summary>Waits for the stream and reads.</summary>
    public T[] Read<T>(DevicePointer source, int count) where T : unmanaged
    {
        var values = new T[count];
        Stream.Download(source, values.AsSpan());
        return values;
    }

    /// <summary>Gives something back at the end.</summary>
    public T Keep<T>(T item) where T : IDisposable
    {
        made.Push(item);
        return item;
    }

    public void Dispose()
    {
        while (made.TryPop(out var item)) item.Dispose();
    }
}
