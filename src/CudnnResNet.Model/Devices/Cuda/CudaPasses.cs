using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>
/// Whole passes of a network, as graphs. The first pass of a kind (mode, set, number of images) gives its calls to the stream one by one:
/// libraries load what they need, and algorithms that are not supported after all make room for others. The second is recorded and
/// launched, all later ones are launched as they are. Nothing has to be tried out beforehand, because a graph and its calls one by one
/// are the same kernels with the same arguments in the same order: the same bytes.
/// </summary>
/// <param name="gpu">The GPU.</param>
/// <param name="records">False: every pass gives its calls one by one.</param>
internal sealed class CudaPasses(CudaResources gpu, bool records) : IDisposable
{
    /// <summary>Kinds that are recorded, at most; a run of a recipe has six. A graph costs memory of the host and the GPU.</summary>
    private const int MaxKinds = 32;

    private readonly List<Kind> kinds = [];

    private sealed class Kind(Pass pass)
    {
        public ImageSet Images { get; } = pass.Images;

        public CudaGraphExec? Graph { get; set; }

        public bool Includes(Pass other) => other.N == pass.N && other.Mode == pass.Mode && other.Images == pass.Images;
    }

    /// <summary>Gives a pass to the stream.</summary>
    /// <exception cref="NativeException">A call failed.</exception>
    public void Run(Pass pass, Action<Pass> body)
    {
        using var scope = gpu.Begin();
        try
        {
            // Outside the graph, which reads both from the step state.
            bool training = pass.Mode == Mode.Training;
            gpu.State.Place(pass.First, training ? ((CudaImageSet)pass.Images).Epoch : null);
            if (training) gpu.State.PlaceStep(pass.Step);

            if (Find(pass) is not { } kind)
            {
                body(pass);
                if (records && kinds.Count < MaxKinds) kinds.Add(new(pass));
                return;
            }
            if (kind.Graph is null) kind.Graph = Record(pass, body);
            else gpu.State.Advanced(pass.N);
            kind.Graph.Launch(gpu.Stream);
        }
        catch
        {
            gpu.State.Forget();
            throw;
        }
    }

    /// <summary>Gives back the graphs that read a set whose memory is about to be given back; the stream has done all its work.</summary>
    public void Forget(ImageSet images)
    {
        foreach (Kind kind in kinds)
            if (kind.Images == images) kind.Graph?.Dispose();
        kinds.RemoveAll(kind => kind.Images == images);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Kind kind in kinds) kind.Graph?.Dispose();
        kinds.Clear();
    }

    private Kind? Find(Pass pass)
    {
        foreach (Kind kind in kinds)
            if (kind.Includes(pass)) return kind;
        return null;
    }

    private CudaGraphExec Record(Pass pass, Action<Pass> body)
    {
        using CudaGraph graph = CudaGraph.Capture(gpu.Stream, () => body(pass));
        return graph.Instantiate();
    }
}
