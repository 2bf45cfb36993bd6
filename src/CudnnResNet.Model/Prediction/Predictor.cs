using System.Numerics.Tensors;
using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model;

/// <summary>Classifies images with the weights of a trained network.</summary>
/// <remarks>
/// Thread-safe: any number of threads may call it at the same time. Each call has a network of its own for as long as it takes
/// (<see cref="PredictorOptions.Concurrency"/>), so calls do not wait for each other, and each gets the bytes that it would get alone.
/// The weights are copied at construction and never change.
/// </remarks>
public sealed class Predictor : IDisposable
{
    private readonly NetworkPool pool;
    private readonly int batchSize;
    private readonly float[] table;
    private readonly float[] mean;

    /// <summary>Takes the weights of a file that has been read.</summary>
    /// <exception cref="InvalidSettingException">An option is out of range, or there is not one name for each class.</exception>
    /// <exception cref="DeviceUnavailableException">The device asked for is not usable on this machine.</exception>
    public Predictor(WeightsFile weights, PredictorOptions? options = null)
        : this(weights, options ?? new(), Make) { }

    /// <summary>The same with networks from elsewhere: of a test's device.</summary>
    internal Predictor(WeightsFile weights, PredictorOptions options, Func<ArchitectureSpec, NetworkOptions, ResNet> make)
        : this(weights.Architecture, weights.Normalization, weights.State, Model.ClassNames.Of(weights), options, make) { }

    /// <summary>Takes a network's weights as they are now; the network stays the caller's and may go on learning.</summary>
    /// <param name="network">The network.</param>
    /// <param name="options">How to work; null for the network's own device and batch size.</param>
    /// <exception cref="InvalidSettingException">An option is out of range, or there is not one name for each class.</exception>
    /// <exception cref="DeviceUnavailableException">The device asked for is not usable on this machine.</exception>
    public Predictor(ResNet network, PredictorOptions? options = null)
        : this(network.Architecture, network.Options.Normalization, network.State(), Model.ClassNames.Numbered(network.Architecture),
            options ?? new() { Device = network.Options.Device, BatchSize = network.Options.BatchSize }, Make) { }

    private Predictor(ArchitectureSpec architecture, Normalization normalization, StateDict state, IReadOnlyList<string> classNames, PredictorOptions options,
        Func<ArchitectureSpec, NetworkOptions, ResNet> make)
    {
        if (options.Concurrency is < 0 or > MaxConcurrency)
            throw new InvalidSettingException($"concurrency {options.Concurrency} is not within 1..{MaxConcurrency} (0: as the device has processors)");
        ClassNames = options.ClassNames ?? classNames;
        if (ClassNames.Count != architecture.Classes) throw new InvalidSettingException($"{ClassNames.Count} class names are not one for each of {architecture.Classes} classes");
        (Architecture, Normalization, batchSize) = (architecture, normalization, options.BatchSize);
        table = normalization.Table();
        mean = normalization.PixelMean ?? [];

        var first = Network(options.Device);
        (DeviceKind, DeviceDescription, IsEmulated) = (first.DeviceKind, first.DeviceDescription, first.IsEmulated);
        int most = options.Concurrency > 0 ? options.Concurrency : DeviceKind == DeviceKind.Cuda ? 1 : Math.Min(Environment.ProcessorCount, MaxConcurrency);
        pool = new(first, () => Network(options.Device with { Threads = 1 }), most);

        ResNet Network(DeviceOptions device)
        {
            var network = make(architecture, new() { Device = device, BatchSize = batchSize, Training = false, Normalization = normalization });
            network.Load(state);
            return network;
        }
    }

    private static ResNet Make(ArchitectureSpec architecture, NetworkOptions options) => new(architecture, options);

    /// <summary>The largest <see cref="PredictorOptions.Concurrency"/>.</summary>
    public const int MaxConcurrency = 256;

    /// <summary>What kind of network it is.</summary>
    public ArchitectureSpec Architecture { get; }

    /// <summary>How pixels become its input.</summary>
    public Normalization Normalization { get; }

    /// <summary>A name for each class, in the order of the logits.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>What computes; never <see cref="DeviceKind.Auto"/>.</summary>
    public DeviceKind DeviceKind { get; }

    /// <summary>One line for people: what computes, with how many threads and which instructions.</summary>
    public string DeviceDescription { get; }

    /// <summary>Whether the device only stands in for hardware, as the GPU emulator of the tests does.</summary>
    public bool IsEmulated { get; }

    /// <summary>Reads a weights file.</summary>
    /// <exception cref="WeightsException">The file is unreadable, damaged or not a network's of this engine.</exception>
    /// <exception cref="InvalidSettingException">An option is out of range, or there is not one name for each class.</exception>
    /// <exception cref="DeviceUnavailableException">The device asked for is not usable on this machine.</exception>
    public static Predictor Load(string path, PredictorOptions? options = null) => new(WeightsFile.Load(path, options?.Overrides), options);

    // ---- Normalised floats ----

    /// <summary>The logits of images that are normalised already.</summary>
    /// <param name="images">(N, 3, 32, 32), any N, dense or not.</param>
    /// <param name="cancellation">Looked at while the call waits for its turn and between two batches.</param>
    /// <returns>(N, classes).</returns>
    /// <exception cref="InvalidSettingException">The images have another shape.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public Tensor<float> Logits(in ReadOnlyTensorSpan<float> images, CancellationToken cancellation = default) => AsTensor(LogitsOf(images, cancellation));

    /// <summary>The probabilities of the classes for images that are normalised already: the softmax of <see cref="Logits(in ReadOnlyTensorSpan{float}, CancellationToken)"/>.</summary>
    /// <param name="images">(N, 3, 32, 32), any N, dense or not.</param>
    /// <param name="cancellation">As for the logits.</param>
    /// <returns>(N, classes), each row with a sum of 1.</returns>
    /// <exception cref="InvalidSettingException">The images have another shape.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public Tensor<float> Probabilities(in ReadOnlyTensorSpan<float> images, CancellationToken cancellation = default) => AsTensor(SoftMax(LogitsOf(images, cancellation)));

    // ---- Bytes ----

    /// <summary>The logits of images as they come from a file: they are normalised as this network's training images were.</summary>
    /// <param name="pixels">(N, 3, 32, 32) bytes, any N: red before green before blue, row by row. <see cref="ImageResize"/> brings others to that size.</param>
    /// <param name="cancellation">Looked at while the call waits for its turn and between two batches.</param>
    /// <returns>(N, classes).</returns>
    /// <exception cref="InvalidSettingException">These are not whole images.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public Tensor<float> Logits(ReadOnlySpan<byte> pixels, CancellationToken cancellation = default) => AsTensor(LogitsOf(pixels, cancellation));

    /// <summary>The probabilities of the classes for such images: the softmax of <see cref="Logits(ReadOnlySpan{byte}, CancellationToken)"/>.</summary>
    /// <param name="pixels">(N, 3, 32, 32) bytes, any N.</param>
    /// <param name="cancellation">As for the logits.</param>
    /// <returns>(N, classes), each row with a sum of 1.</returns>
    /// <exception cref="InvalidSettingException">These are not whole images.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public Tensor<float> Probabilities(ReadOnlySpan<byte> pixels, CancellationToken cancellation = default) => AsTensor(SoftMax(LogitsOf(pixels, cancellation)));

    /// <summary>What such images are taken for.</summary>
    /// <param name="pixels">(N, 3, 32, 32) bytes, any N.</param>
    /// <param name="top">How many of the likeliest classes, 1..classes.</param>
    /// <param name="cancellation">As for the logits.</param>
    /// <returns>One prediction for each image.</returns>
    /// <exception cref="InvalidSettingException">These are not whole images, or top is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public IReadOnlyList<Prediction> Classify(ReadOnlySpan<byte> pixels, int top = 1, CancellationToken cancellation = default)
    {
        if (top < 1 || top > Architecture.Classes) throw new InvalidSettingException($"top {top} is not within 1..{Architecture.Classes}, the network's classes");
        float[] logits = LogitsOf(pixels, cancellation);
        var predictions = new Prediction[pixels.Length / AugmentSpec.ImageSize];
        for (int i = 0; i < predictions.Length; i++) predictions[i] = Rank(logits.AsSpan(i * Architecture.Classes, Architecture.Classes), top);
        return predictions;
    }

    /// <summary>Frees the networks; calls that are under way end as if nothing had happened.</summary>
    public void Dispose() => pool.Dispose();

    private float[] LogitsOf(in ReadOnlyTensorSpan<float> images, CancellationToken cancellation)
    {
        int n = Count(images.Lengths);
        var logits = new float[n * Architecture.Classes];
        if (n == 0) return logits;
        if (!images.TryGetSpan([0, 0, 0, 0], n * AugmentSpec.ImageSize, out ReadOnlySpan<float> values))
        {
            var copy = new float[n * AugmentSpec.ImageSize];
            images.FlattenTo(copy);
            values = copy;
        }
        Infer(values, logits, cancellation);
        return logits;
    }

    private float[] LogitsOf(ReadOnlySpan<byte> pixels, CancellationToken cancellation)
    {
        int n = pixels.Length / AugmentSpec.ImageSize;
        if (pixels.Length != n * AugmentSpec.ImageSize) throw new InvalidSettingException($"{pixels.Length} pixel bytes are not whole images of {AugmentSpec.ImageSize} (3, 32, 32)");
        var logits = new float[n * Architecture.Classes];
        var x = new float[Math.Min(n, batchSize) * AugmentSpec.ImageSize];
        for (int done = 0, some; done < n; done += some)
        {
            some = Math.Min(batchSize, n - done);
            for (int i = 0; i < some; i++)
                AugmentSpec.Pixels(pixels.Slice((done + i) * AugmentSpec.ImageSize, AugmentSpec.ImageSize), default, table, mean, x.AsSpan(i * AugmentSpec.ImageSize, AugmentSpec.ImageSize));
            Infer(x.AsSpan(0, some * AugmentSpec.ImageSize), logits.AsSpan(done * Architecture.Classes, some * Architecture.Classes), cancellation);
        }
        return logits;
    }

    private void Infer(ReadOnlySpan<float> images, Span<float> logits, CancellationToken cancellation)
    {
        int n = images.Length / AugmentSpec.ImageSize;
        var network = pool.Rent(cancellation);
        try
        {
            for (int done = 0, some; done < n; done += some)
            {
                cancellation.ThrowIfCancellationRequested();
                some = Math.Min(batchSize, n - done);
                network.Infer(images.Slice(done * AugmentSpec.ImageSize, some * AugmentSpec.ImageSize), logits.Slice(done * Architecture.Classes, some * Architecture.Classes));
            }
        }
        finally
        {
            pool.Return(network);
        }
    }

    /// <summary>The first of equal logits is the likelier class, as when errors are counted; it is the logits that rank, since small probabilities round to 0.</summary>
    private Prediction Rank(ReadOnlySpan<float> logits, int top)
    {
        float[] ranked = logits.ToArray(), probabilities = SoftMax(logits.ToArray());
        int[] classes = [.. Enumerable.Range(0, ranked.Length).OrderByDescending(number => ranked[number]).Take(top)]; // stable
        return new([.. classes.Select(number => new ClassProbability(number, ClassNames[number], probabilities[number]))]);
    }

    private float[] SoftMax(float[] logits)
    {
        for (int i = 0; i < logits.Length; i += Architecture.Classes)
        {
            // The largest becomes 0, so that no exponential overflows.
            var row = logits.AsSpan(i, Architecture.Classes);
            TensorPrimitives.Subtract(row, TensorPrimitives.Max<float>(row), row);
            TensorPrimitives.SoftMax(row, row);
        }
        return logits;
    }

    private Tensor<float> AsTensor(float[] logits) => Tensor.Create(logits, [logits.Length / Architecture.Classes, Architecture.Classes]);

    private static int Count(ReadOnlySpan<nint> lengths) => lengths is [>= 0 and <= int.MaxValue / AugmentSpec.ImageSize, 3, AugmentSpec.Side, AugmentSpec.Side]
        ? (int)lengths[0]
        : throw new InvalidSettingException($"images of shape ({string.Join(", ", lengths.ToArray())}) are not (N, 3, {AugmentSpec.Side}, {AugmentSpec.Side})");
}
