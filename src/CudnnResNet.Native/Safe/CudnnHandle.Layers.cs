using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Safe.Calls;
using static CudnnResNet.Native.Sys.Cudnn;

namespace CudnnResNet.Native.Safe;

// Batch norm over images and pixels, ReLU, average pooling, bias.
public sealed unsafe partial class CudnnHandle
{
    private const cudnnBatchNormMode_t PerChannel = cudnnBatchNormMode_t.CUDNN_BATCHNORM_SPATIAL;

    /// <summary>y = scale * (x - mean) / sqrt(variance + epsilon) + bias, with the mean and variance of the batch.</summary>
    /// <param name="x">The batch (N, C, H, W).</param>
    /// <param name="parameters">The shape (1, C, 1, 1) of all that follows.</param>
    /// <param name="scale">Scale.</param>
    /// <param name="bias">Bias.</param>
    /// <param name="epsilon">Added to the variance; the same in backward.</param>
    /// <param name="averageFactor">Weight of this batch in the running values: running = (1 - factor) * running + factor * batch.</param>
    /// <param name="runningMean">Updated.</param>
    /// <param name="runningVariance">Updated, with the unbiased variance of the batch.</param>
    /// <param name="y">Written.</param>
    /// <param name="savedMean">Written, for backward.</param>
    /// <param name="savedInverseDeviation">Written, for backward: 1 / sqrt(variance + epsilon), which cuDNN calls "inverse variance".</param>
    public void BatchNormForwardTraining(
        DeviceTensor x, TensorDescriptor parameters, DevicePointer scale, DevicePointer bias, double epsilon, double averageFactor,
        DevicePointer runningMean, DevicePointer runningVariance, DeviceTensor y, DevicePointer savedMean, DevicePointer savedInverseDeviation)
    {
        using var range = Nvtx.Range("cudnnBatchNormalizationForwardTraining");
        float one = 1, zero = 0;
        Check(
            cudnnBatchNormalizationForwardTraining(
                Value, PerChannel, &one, &zero, x.Descriptor.Value, x.Data.Raw, y.Descriptor.Value, y.Data.Raw, parameters.Value, scale.Raw, bias.Raw,
                averageFactor, runningMean.Raw, runningVariance.Raw, epsilon, savedMean.Raw, savedInverseDeviation.Raw),
            $"x {x}, y {y}, parameters {parameters}, epsilon {epsilon}, factor {averageFactor}");
    }

    /// <summary>The same with the running mean and variance, which are read only.</summary>
    public void BatchNormForwardInference(
        DeviceTensor x, TensorDescriptor parameters, DevicePointer scale, DevicePointer bias, DevicePointer runningMean, DevicePointer runningVariance, double epsilon, DeviceTensor y)
    {
        using var range = Nvtx.Range("cudnnBatchNormalizationForwardInference");
        float one = 1, zero = 0;
        Check(
            cudnnBatchNormalizationForwardInference(
                Value, PerChannel, &one, &zero, x.Descriptor.Value, x.Data.Raw, y.Descriptor.Value, y.Data.Raw, parameters.Value, scale.Raw, bias.Raw,
                runningMean.Raw, runningVariance.Raw, epsilon),
            $"x {x}, y {y}, parameters {parameters}, epsilon {epsilon}");
    }

    /// <summary>The gradients of x, scale and bias; x is what forward got. dx = alpha * gradient + beta * dx; dscale and dbias are overwritten.</summary>
    public void BatchNormBackward(
        DeviceTensor x, DeviceTensor dy, TensorDescriptor parameters, DevicePointer scale, DevicePointer savedMean, DevicePointer savedInverseDeviation, double epsilon,
        DeviceTensor dx, DevicePointer dscale, DevicePointer dbias, float alpha = 1, float beta = 0)
    {
        using var range = Nvtx.Range("cudnnBatchNormalizationBackward");
        float one = 1, zero = 0;
        Check(
            cudnnBatchNormalizationBackward(
                Value, PerChannel, &alpha, &beta, &one, &zero, x.Descriptor.Value, x.Data.Raw, dy.Descriptor.Value, dy.Data.Raw, dx.Descriptor.Value, dx.Data.Raw,
                parameters.Value, scale.Raw, dscale.Raw, dbias.Raw, epsilon, savedMean.Raw, savedInverseDeviation.Raw),
            $"x {x}, dy {dy}, dx {dx}, parameters {parameters}, epsilon {epsilon}");
    }

    /// <summary>y = x &lt; 0 ? 0 : x; y may be x.</summary>
    public void ReluForward(ReluDescriptor relu, DeviceTensor x, DeviceTensor y, float alpha = 1, float beta = 0)
    {
        using var range = Nvtx.Range("cudnnActivationForward");
        Check(cudnnActivationForward(Value, relu.Value, &alpha, x.Descriptor.Value, x.Data.Raw, &beta, y.Descriptor.Value, y.Data.Raw), $"x {x}, y {y}");
    }

    /// <summary>dx: dy where y is positive, else 0; dx may be dy.</summary>
    public void ReluBackward(ReluDescriptor relu, DeviceTensor x, DeviceTensor y, DeviceTensor dy, DeviceTensor dx, float alpha = 1, float beta = 0)
    {
        using var range = Nvtx.Range("cudnnActivationBackward");
        Check(
            cudnnActivationBackward(
                Value, relu.Value, &alpha, y.Descriptor.Value, y.Data.Raw, dy.Descriptor.Value, dy.Data.Raw, x.Descriptor.Value, x.Data.Raw, &beta, dx.Descriptor.Value, dx.Data.Raw),
            $"x {x}, y {y}, dy {dy}, dx {dx}");
    }

    /// <summary>y: the average of each window.</summary>
    public void AveragePoolingForward(AveragePoolingDescriptor pooling, DeviceTensor x, DeviceTensor y, float alpha = 1, float beta = 0)
    {
        using var range = Nvtx.Range("cudnnPoolingForward");
        Check(cudnnPoolingForward(Value, pooling.Value, &alpha, x.Descriptor.Value, x.Data.Raw, &beta, y.Descriptor.Value, y.Data.Raw), $"x {x}, y {y}, {pooling}");
    }

    /// <summary>dx: each window's dy, spread evenly.</summary>
    public void AveragePoolingBackward(AveragePoolingDescriptor pooling, DeviceTensor x, DeviceTensor y, DeviceTensor dy, DeviceTensor dx, float alpha = 1, float beta = 0)
    {
        using var range = Nvtx.Range("cudnnPoolingBackward");
        Check(
            cudnnPoolingBackward(
                Value, pooling.Value, &alpha, y.Descriptor.Value, y.Data.Raw, dy.Descriptor.Value, dy.Data.Raw, x.Descriptor.Value, x.Data.Raw, &beta, dx.Descriptor.Value, dx.Data.Raw),
            $"x {x}, y {y}, dy {dy}, dx {dx}, {pooling}");
    }

    /// <summary>c = alpha * a + beta * c, where a is (1, C, 1, 1) or of c's shape.</summary>
    public void Add(DeviceTensor a, DeviceTensor c, float alpha = 1, float beta = 1)
    {
        using var range = Nvtx.Range("cudnnAddTensor");
        Check(cudnnAddTensor(Value, &alpha, a.Descriptor.Value, a.Data.Raw, &beta, c.Descriptor.Value, c.Data.Raw), $"a {a}, c {c}");
    }
}
