using System.Globalization;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>
/// What one network has of a GPU: context, one stream, the libraries on it, the kernels and the memory. Whatever is made here is given
/// back here, the newest first, also where construction fails half-way.
/// </summary>
internal sealed class CudaResources : IDisposable
{
    // NVIDIA's advice for cuBLAS.
    private const long CublasWorkspace = 4L << 20, CublasWorkspaceOfHopper = 32L << 20;
    private static readonly CudaVersion Hopper = new(9, 0), Ampere = new(8, 0);

    private readonly Stack<IDisposable> made = new();
    private readonly HashSet<CudaImageSet> imageSets = [];
    private DeviceSlice? cudnnSlice, cublasSlice;
    private CublasHandle? cublas;
    private Workspace workspace;

    /// <summary>Opens a GPU for a network.</summary>
    /// <exception cref="DeviceUnavailableException">It lacks what the options ask for.</exception>
    /// <exception cref="NativeException">A call of CUDA or cuDNN failed.</exception>
    public CudaResources(DeviceOptions options, NetworkPlan plan)
    {
        Plan = plan;
        try
        {
            Context = Keep(new CudaContext(CudaDriver.GetDevice(options.Ordinal)));
            var gpu = Context.Device;
            if (options.Precision == Precision.Tf32 && gpu.ComputeCapability < Ampere)
                throw new DeviceUnavailableException($"precision tf32 needs a GPU of compute capability {Ampere} or later, and {gpu.Name} has {gpu.ComputeCapability}; use fp32");
            using var scope = Context.Enter();
            Stream = Keep(new CudaStream(Context));
            Memory = Keep(new CudaMemory(Context, Stream, plan.BatchSize));
            Augment = Keep(new AugmentKernels(Context));
            Join = Keep(new JoinKernels(Context));
            SoftmaxCrossEntropy = Keep(new SoftmaxCrossEntropyKernels(Context));
            Sgd = Keep(new SgdKernels(Context));
            State = new(Stream, Sgd, Memory, Keep(new PinnedBuffer(Context, StepState.Bytes)));
            Requests = Keep(new CudaTotalsRequests(Context, Stream, State));
            Cudnn = Keep(new CudnnHandle(Stream));
            Descriptors = Keep(new CudaDescriptors());
            Version cudnn = CudnnHandle.Version;
            Convolutions = new(Cudnn, Descriptors, options, plan, new(gpu.Name, cudnn.ToString(), options.Precision, []));
            Description = string.Create(CultureInfo.InvariantCulture,
                $"cuda:{gpu.Ordinal} {gpu.Name}, compute capability {gpu.ComputeCapability}, driver for CUDA {CudaDriver.Version}, cuDNN {cudnn}, {options.Precision.ToString().ToLowerInvariant()}");

            long largest = plan.ConvNorms.Select(spec => spec.Y.Size).DefaultIfEmpty().Max();
            Scratch = Memory.Activation(plan.Training ? "dz" : "z", largest * plan.BatchSize);
            Nothing = Memory.Activation("nothing", 0);
            Memory.WhenAllocated(() => StartLibraries(options.Precision));
            Passes = Keep(new CudaPasses(this, records: options.Graph && !plan.Timed));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The network.</summary>
    public NetworkPlan Plan { get; }

    /// <summary>One line for people.</summary>
    public string Description { get; }

    /// <summary>The GPU's context.</summary>
    public CudaContext Context { get; }

    /// <summary>Where all work goes.</summary>
    public CudaStream Stream { get; }

    /// <summary>The arenas.</summary>
    public CudaMemory Memory { get; }

    /// <summary>Where a run is, on the device.</summary>
    public CudaStepState State { get; }

    /// <summary>Totals that were asked for.</summary>
    public CudaTotalsRequests Requests { get; }

    /// <summary>Whole passes, as graphs where they may be.</summary>
    public CudaPasses Passes { get; }

    /// <summary>cuDNN on the stream.</summary>
    public CudnnHandle Cudnn { get; }

    /// <summary>cuBLAS on the stream; only within <see cref="Begin"/>.</summary>
    public CublasHandle Cublas => cublas ?? throw new InvalidOperationException("cuBLAS is started when memory is allocated");

    /// <summary>cuDNN's workspace; only within <see cref="Begin"/>.</summary>
    public Workspace Workspace => workspace;

    /// <summary>cuDNN's descriptors.</summary>
    public CudaDescriptors Descriptors { get; }

    /// <summary>The units' convolutions.</summary>
    public ConvolutionPlans Convolutions { get; }

    /// <summary>The largest unit's output in floats: dz of the unit that runs backward; without training, z of the unit that runs forward.</summary>
    public DeviceSlice Scratch { get; }

    /// <summary>An empty slice, for what always lies in the memory of something else.</summary>
    public DeviceSlice Nothing { get; }

    /// <summary>Kernels of the input.</summary>
    public AugmentKernels Augment { get; }

    /// <summary>Kernels of ReLU and shortcuts.</summary>
    public JoinKernels Join { get; }

    /// <summary>Kernels of the loss.</summary>
    public SoftmaxCrossEntropyKernels SoftmaxCrossEntropy { get; }

    /// <summary>Kernels of the update.</summary>
    public SgdKernels Sgd { get; }

    /// <summary>Makes the context current, for work on memory: what was reserved is allocated before the first of it.</summary>
    public ContextScope Begin()
    {
        var scope = Context.Enter();
        if (Memory.IsAllocated) return scope;
        try
        {
            Allocate();
            return scope;
        }
        catch
        {
            scope.Dispose();
            throw;
        }
    }

    /// <summary>Ends a pass of a unit: where passes are timed, it is done when this returns.</summary>
    public void EndPass()
    {
        if (Plan.Timed) Stream.Synchronize();
    }

    /// <summary>Has something given back with the rest.</summary>
    public T Keep<T>(T item) where T : IDisposable
    {
        made.Push(item);
        return item;
    }

    /// <summary>Has a data set given back with the rest, unless its owner does it before.</summary>
    public void Lend(CudaImageSet images) => imageSets.Add(images);

    /// <summary>Takes note of a data set that was given back.</summary>
    public void Returned(CudaImageSet images) => imageSets.Remove(images);

    /// <summary>Waits for what the stream still has, before memory is given back that it uses. A GPU that failed has nothing left to wait for.</summary>
    public void Drain()
    {
        if (Stream is null || Stream.IsClosed) return;
        try
        {
            using var scope = Context.Enter();
            Stream.Synchronize();
        }
        catch (NativeException)
        {
        }
    }

    /// <summary>Copies floats from the GPU.</summary>
    public void Read(DevicePointer source, Span<double> destination)
    {
        var values = new float[destination.Length];
        Stream.Download(source, values.AsSpan());
        for (int i = 0; i < values.Length; i++) destination[i] = values[i];
    }

    /// <summary>Copies floats to the GPU.</summary>
    public void Write(ReadOnlySpan<double> source, DevicePointer destination)
    {
        var values = new float[source.Length];
        for (int i = 0; i < values.Length; i++) values[i] = (float)source[i];
        Stream.Upload<float>(values, destination);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Drain();
        foreach (var images in imageSets.ToArray()) images.Dispose();
        while (made.TryPop(out var item)) item.Dispose();
    }

    private void Allocate()
    {
        cudnnSlice = Memory.Workspace.Reserve("cuDNN", Convolutions.Workspace);
        cublasSlice = Memory.Workspace.Reserve("cuBLAS", Context.Device.ComputeCapability < Hopper ? CublasWorkspace : CublasWorkspaceOfHopper);
        Memory.Allocate();
    }

    private void StartLibraries(Precision precision)
    {
        workspace = new(cudnnSlice!.Pointer, cudnnSlice.Bytes);
        Convolutions.Available = workspace.Bytes;
        cublas = Keep(new CublasHandle(Stream, new(cublasSlice!.Pointer, cublasSlice.Bytes), precision == Precision.Fp32 ? MatrixMath.Float32 : MatrixMath.TensorFloat32));
        Convolutions.Time(Context, Stream, workspace);
    }
}
