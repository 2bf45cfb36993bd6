using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Cudnn;
using CudnnResNet.VirtualGpu.Driver;
using CudnnResNet.VirtualGpu.Libraries;
using CudnnResNet.VirtualGpu.Memory;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>Batch norm.</summary>
internal static unsafe class CudnnBatchNormExports
{
    [UnmanagedCallersOnly(EntryPoint = "cudnnBatchNormalizationForwardTraining")]
    internal static cudnnStatus_t cudnnBatchNormalizationForwardTraining(
        nint handle, cudnnBatchNormMode_t mode, void* alpha, void* beta, nint xDesc, void* x, nint yDesc, void* y,
        nint bnScaleBiasMeanVarDesc, void* bnScale, void* bnBias, double exponentialAverageFactor, void* resultRunningMean, void* resultRunningVariance,
        double epsilon, void* resultSaveMean, void* resultSaveInvVariance) => CudnnCall.OnHandle(handle, found =>
    {
        Blend blend = Expect.Blend(alpha, beta);
        TensorShape shape = Shape(found, mode, epsilon, xDesc, yDesc, yDesc, bnScaleBiasMeanVarDesc);
        Expect.That(exponentialAverageFactor is >= 0 and <= 1, $"exponentialAverageFactor {exponentialAverageFactor}: from 0 to 1 is allowed");
        DeviceTensor from = new(shape, Expect.Data(x, nameof(x))), to = new(shape, Expect.Data(y, nameof(y)));
        ulong scale = Expect.Data(bnScale, nameof(bnScale)), bias = Expect.Data(bnBias, nameof(bnBias));
        var running = Pair(resultRunningMean, resultRunningVariance, "resultRunningMean and resultRunningVariance");
        var saved = Pair(resultSaveMean, resultSaveInvVariance, "resultSaveMean and resultSaveInvVariance");
        Expect.Apart(to, inPlace: true, from);
        if (saved is { } kept) found.NoteEpsilon(kept.First, epsilon);
        found.Give($"{nameof(cudnnBatchNormalizationForwardTraining)}, x {shape}", 3 * shape.Elements, memory =>
        {
            ReadOnlySpan<float> values = memory.Floats(from.Address, shape.Elements);
            ChannelStatistics batch = ChannelStatistics.Of(shape, values);
            double[] inverseDeviation = batch.InverseDeviation(epsilon);
            float[] result = BatchNormMath.Normalize(shape, values, batch.Mean, inverseDeviation, memory.Floats(scale, shape.C), memory.Floats(bias, shape.C));
            if (running is { } averages)
            {
                // The running variance is the unbiased one; of a single value it is 0 / 0.
                double count = (double)shape.N * shape.Plane, unbiased = count / (count - 1);
                Overwrite(memory, averages.First, BatchNormMath.Average(memory.Floats(averages.First, shape.C), exponentialAverageFactor, batch.Mean));
                Overwrite(memory, averages.Second, BatchNormMath.Average(memory.Floats(averages.Second, shape.C), exponentialAverageFactor, [.. batch.Variance.Select(value => value * unbiased)]));
            }
            if (saved is { } places)
            {
                Overwrite(memory, places.First, batch.Mean);
                Overwrite(memory, places.Second, inverseDeviation);
            }
            blend.Store(memory, to.Address, result);
        });
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnBatchNormalizationForwardInference")]
    internal static cudnnStatus_t cudnnBatchNormalizationForwardInference(
        nint handle, cudnnBatchNormMode_t mode, void* alpha, void* beta, nint xDesc, void* x, nint yDesc, void* y,
        nint bnScaleBiasMeanVarDesc, void* bnScale, void* bnBias, void* estimatedMean, void* estimatedVariance, double epsilon) => CudnnCall.OnHandle(handle, found =>
    {
        Blend blend = Expect.Blend(alpha, beta);
        TensorShape shape = Shape(found, mode, epsilon, xDesc, yDesc, yDesc, bnScaleBiasMeanVarDesc);
        DeviceTensor from = new(shape, Expect.Data(x, nameof(x))), to = new(shape, Expect.Data(y, nameof(y)));
        ulong scale = Expect.Data(bnScale, nameof(bnScale)), bias = Expect.Data(bnBias, nameof(bnBias));
        ulong mean = Expect.Data(estimatedMean, nameof(estimatedMean)), variance = Expect.Data(estimatedVariance, nameof(estimatedVariance));
        Expect.Apart(to, inPlace: true, from);
        found.Give($"{nameof(cudnnBatchNormalizationForwardInference)}, x {shape}", 2 * shape.Elements, memory =>
        {
            var estimated = new ChannelStatistics(Doubles(memory, mean, shape.C), Doubles(memory, variance, shape.C));
            blend.Store(memory, to.Address, BatchNormMath.Normalize(
                shape, memory.Floats(from.Address, shape.Elements), estimated.Mean, estimated.InverseDeviation(epsilon), memory.Floats(scale, shape.C), memory.Floats(bias, shape.C)));
        });
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnBatchNormalizationBackward")]
    internal static cudnnStatus_t cudnnBatchNormalizationBackward(
        nint handle, cudnnBatchNormMode_t mode, void* alphaDataDiff, void* betaDataDiff, void* alphaParamDiff, void* betaParamDiff,
        nint xDesc, void* x, nint dyDesc, void* dy, nint dxDesc, void* dx,
        nint dBnScaleBiasDesc, void* bnScale, void* dBnScaleResult, void* dBnBiasResult, double epsilon, void* savedMean, void* savedInvVariance) => CudnnCall.OnHandle(handle, found =>
    {
        Blend blend = Expect.Blend(alphaDataDiff, betaDataDiff), parameterBlend = Expect.Blend(alphaParamDiff, betaParamDiff);
        TensorShape shape = Shape(found, mode, epsilon, xDesc, dyDesc, dxDesc, dBnScaleBiasDesc);
        DeviceTensor from = new(shape, Expect.Data(x, nameof(x))), gradient = new(shape, Expect.Data(dy, nameof(dy))), to = new(shape, Expect.Data(dx, nameof(dx)));
        ulong scale = Expect.Data(bnScale, nameof(bnScale)), dscale = Expect.Data(dBnScaleResult, nameof(dBnScaleResult)), dbias = Expect.Data(dBnBiasResult, nameof(dBnBiasResult));
        var saved = Pair(savedMean, savedInvVariance, "savedMean and savedInvVariance");
        if (saved is { } kept) found.CheckEpsilon(kept.First, epsilon);
        Expect.Apart(to, inPlace: true, from, gradient);
        found.Give($"{nameof(cudnnBatchNormalizationBackward)}, x {shape}", 5 * shape.Elements, memory =>
        {
            ReadOnlySpan<float> values = memory.Floats(from.Address, shape.Elements);
            double[] mean, inverseDeviation;
            if (saved is { } places) (mean, inverseDeviation) = (Doubles(memory, places.First, shape.C), Doubles(memory, places.Second, shape.C));
            else
            {
                ChannelStatistics batch = ChannelStatistics.Of(shape, values);
                (mean, inverseDeviation) = (batch.Mean, batch.InverseDeviation(epsilon));
            }
            var result = BatchNormMath.Backward(shape, values, memory.Floats(gradient.Address, shape.Elements), mean, inverseDeviation, memory.Floats(scale, shape.C));
            parameterBlend.Store(memory, dscale, result.Dscale);
            parameterBlend.Store(memory, dbias, result.Dbias);
            blend.Store(memory, to.Address, result.Dx);
        });
    });

    // What the descriptors say together.
    private static TensorShape Shape(CudnnHandle handle, cudnnBatchNormMode_t mode, double epsilon, nint first, nint second, nint third, nint parameters)
    {
        Machine machine = handle.Context.Machine;
        Expect.That(Enum.IsDefined(mode), $"mode {(uint)mode}: from 0 to 2 is allowed");
        Expect.That(epsilon >= 0, $"epsilon {epsilon}: 0 or more is allowed");
        TensorDescriptor x = Expect.Descriptor<TensorDescriptor>(machine, first, "tensor descriptor");
        TensorDescriptor y = Expect.Descriptor<TensorDescriptor>(machine, second, "tensor descriptor"), z = Expect.Descriptor<TensorDescriptor>(machine, third, "tensor descriptor");
        TensorDescriptor statistics = Expect.Descriptor<TensorDescriptor>(machine, parameters, "tensor descriptor");
        Expect.Alike(x, y, z);
        Expect.SameShape(y, x.Shape, $"{y}");
        Expect.SameShape(z, x.Shape, $"{z}");
        if (mode == cudnnBatchNormMode_t.CUDNN_BATCHNORM_PER_ACTIVATION) throw Expect.NotSupported($"{mode}: the emulator has the batch norm of channels only");
        Expect.SameShape(statistics, new(1, x.Shape.C, 1, 1), "the descriptor of scale, bias, mean and variance");
        Expect.Computable(x);
        Expect.That(statistics.Type == cudnnDataType_t.CUDNN_DATA_FLOAT, $"scale, bias, mean and variance are of {statistics.Type}, and have to be CUDNN_DATA_FLOAT");
        return x.Shape;
    }

    // Both or none.
    private static (ulong First, ulong Second)? Pair(void* first, void* second, string parameters)
    {
        Expect.That(first is null == second is null, $"one of {parameters} is null: both or none may be");
        return first is null ? null : (Expect.Data(first, parameters), Expect.Data(second, parameters));
    }

    private static double[] Doubles(DeviceMemory memory, ulong address, int count) => [.. memory.Floats(address, count).ToArray().Select(value => (double)value)];

    private static void Overwrite(DeviceMemory memory, ulong address, double[] values) => Overwrite(memory, address, [.. values.Select(value => (float)value)]);

    private static void Overwrite(DeviceMemory memory, ulong address, float[] values) => Blend.Overwrite.Store(memory, address, values);
}
