using System.Globalization;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>
/// The convolution of units of one geometry for one number of images: descriptors, algorithms, and the three calls of cuDNN. An algorithm
/// that answers NOT_SUPPORTED when it runs makes room for the next, for good.
/// </summary>
internal sealed class ConvolutionPlan
{
    private readonly CudnnHandle cudnn;
    private readonly CudaDescriptors descriptors;
    private readonly int stride;
    private readonly Precision precision;
    private readonly AlgorithmList<ForwardAlgorithm> forward;
    private readonly AlgorithmList<BackwardDataAlgorithm>? backwardData;
    private readonly AlgorithmList<BackwardFilterAlgorithm>? backwardFilter;

    /// <param name="cudnn">Asked for its algorithms.</param>
    /// <param name="descriptors">Where descriptors are made.</param>
    /// <param name="spec">A unit of the geometry.</param>
    /// <param name="n">Images.</param>
    /// <param name="training">Whether there is a backward pass.</param>
    /// <param name="precision">What it may compute with.</param>
    public ConvolutionPlan(CudnnHandle cudnn, CudaDescriptors descriptors, ConvNormSpec spec, int n, bool training, Precision precision)
    {
        (this.cudnn, this.descriptors, this.precision) = (cudnn, descriptors, precision);
        stride = spec.Stride;
        N = n;
        Name = string.Create(CultureInfo.InvariantCulture, $"{spec.X} to {spec.Y}, stride {spec.Stride}");
        X = descriptors.Tensor(n, spec.X);
        Z = descriptors.Tensor(n, spec.Y);
        W = descriptors.Filter(spec);
        Channels = descriptors.Channels(Z);
        var asked = Convolution(ConvolutionMath.TensorCores);
        forward = new(cudnn.ForwardAlgorithms(X, W, asked, Z), precision, Describe(ConvolutionPass.Forward));
        if (!training) return;
        backwardFilter = new(cudnn.BackwardFilterAlgorithms(X, Z, asked, W), precision, Describe(ConvolutionPass.BackwardFilter));
        if (spec.NeedsDx) backwardData = new(cudnn.BackwardDataAlgorithms(W, Z, asked, X), precision, Describe(ConvolutionPass.BackwardData));
    }

    /// <summary>Images.</summary>
    public int N { get; }

    /// <summary>The geometry: <c>16x32x32 to 32x16x16, stride 2</c>.</summary>
    public string Name { get; }

    /// <summary>x (N, C, H, W).</summary>
    public TensorDescriptor X { get; }

    /// <summary>z (N, K, H, W), and y, which has its shape.</summary>
    public TensorDescriptor Z { get; }

    /// <summary>w (K, C, 3, 3).</summary>
    public FilterDescriptor W { get; }

    /// <summary>Values of the batch norm of z: (1, K, 1, 1).</summary>
    public TensorDescriptor Channels { get; }

    /// <summary>Bytes of workspace that all passes need.</summary>
    public long Workspace => Math.Max(forward.Workspace, Math.Max(backwardData?.Workspace ?? 0, backwardFilter?.Workspace ?? 0));

    /// <summary>Bytes of workspace in which every algorithm can be tried.</summary>
    public long LargestWorkspace => Math.Max(forward.LargestWorkspace, Math.Max(backwardData?.LargestWorkspace ?? 0, backwardFilter?.LargestWorkspace ?? 0));

    /// <summary>The algorithms by name, for people.</summary>
    public string Kernel => $"cuDNN {string.Join(", ", Chosen.Select(chosen => precision == Precision.Fp32 ? chosen.Algorithm : $"{chosen.Algorithm} ({chosen.Math})"))}";

    /// <summary>The algorithms of all passes.</summary>
    public IEnumerable<ChosenAlgorithm> Chosen
    {
        get
        {
            yield return new(Name, N, ConvolutionPass.Forward, forward.Algorithm.ToString(), forward.Math.ToString());
            if (backwardData is not null) yield return new(Name, N, ConvolutionPass.BackwardData, backwardData.Algorithm.ToString(), backwardData.Math.ToString());
            if (backwardFilter is not null) yield return new(Name, N, ConvolutionPass.BackwardFilter, backwardFilter.Algorithm.ToString(), backwardFilter.Math.ToString());
        }
    }

    /// <summary>z = conv(x, w).</summary>
    public void Forward(DevicePointer x, DevicePointer w, Workspace workspace, DevicePointer z)
    {
        while (true)
        {
            try
            {
                cudnn.ConvolutionForward(new(X, x), new(W, w), Convolution(forward.Math), forward.Algorithm, workspace, new(Z, z));
                return;
            }
            catch (CudnnException error) when (error.IsNotSupported && forward.TryNext(workspace.Bytes))
            {
            }
        }
    }

    /// <summary>dx = beta dx + the gradient of x.</summary>
    public void BackwardData(DevicePointer w, DevicePointer dz, Workspace workspace, DevicePointer dx, float beta)
    {
        while (true)
        {
            try
            {
                cudnn.ConvolutionBackwardData(new(W, w), new(Z, dz), Convolution(backwardData!.Math), backwardData.Algorithm, workspace, new(X, dx), beta: beta);
                return;
            }
            catch (CudnnException error) when (error.IsNotSupported && backwardData!.TryNext(workspace.Bytes))
            {
            }
        }
    }

    /// <summary>dw: the gradient of w.</summary>
    public void BackwardFilter(DevicePointer x, DevicePointer dz, Workspace workspace, DevicePointer dw)
    {
        while (true)
        {
            try
            {
                cudnn.ConvolutionBackwardFilter(new(X, x), new(Z, dz), Convolution(backwardFilter!.Math), backwardFilter.Algorithm, workspace, new(W, dw));
                return;
            }
            catch (CudnnException error) when (error.IsNotSupported && backwardFilter!.TryNext(workspace.Bytes))
            {
            }
        }
    }

    /// <summary>Takes the algorithms that were chosen earlier, where it has them.</summary>
    public void Take(IEnumerable<ChosenAlgorithm> chosen)
    {
        var own = chosen.Where(entry => entry.Convolution == Name && entry.BatchSize == N).ToLookup(entry => entry.Pass);
        forward.Take(own[ConvolutionPass.Forward].FirstOrDefault());
        backwardData?.Take(own[ConvolutionPass.BackwardData].FirstOrDefault());
        backwardFilter?.Take(own[ConvolutionPass.BackwardFilter].FirstOrDefault());
    }

    /// <summary>Takes algorithms that need no more workspace than there is, for a plan that was made after it was allocated.</summary>
    /// <exception cref="DeviceUnavailableException">There are none.</exception>
    public void Fit(long workspace)
    {
        if (!forward.Fit(workspace) || backwardData?.Fit(workspace) == false || backwardFilter?.Fit(workspace) == false)
            throw new DeviceUnavailableException($"cuDNN has no algorithm for {N} images of {Name} within {workspace} bytes of workspace; make it one of the planned batch sizes");
    }

    /// <summary>Runs every algorithm and puts the fastest first. Overwrites x, z and w, which stand for their gradients too.</summary>
    public void Time(DevicePointer x, DevicePointer w, Workspace workspace, DevicePointer z)
    {
        var asked = Convolution(ConvolutionMath.TensorCores);
        DeviceTensor xs = new(X, x), zs = new(Z, z);
        DeviceFilter ws = new(W, w);
        forward.Order(cudnn.TimeForwardAlgorithms(xs, ws, asked, workspace, zs));
        backwardData?.Order(cudnn.TimeBackwardDataAlgorithms(ws, zs, asked, workspace, xs));
        backwardFilter?.Order(cudnn.TimeBackwardFilterAlgorithms(xs, zs, asked, workspace, ws));
    }

    // In fp32 never with tensor cores, whatever is asked for.
    private ConvolutionDescriptor Convolution(ConvolutionMath math) => descriptors.Convolution(stride, precision == Precision.Fp32 ? ConvolutionMath.Fma : math);

    private string Describe(ConvolutionPass pass) => $"{pass} of {N} images, {Name}";
}
