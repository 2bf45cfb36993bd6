using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>Launches the kernels of <c>kernels/sgd.cu</c>: the update of the whole parameter arena, and the end of a step.</summary>
internal sealed class SgdKernels : IDisposable
{
    private readonly CudaModule module;
    private readonly CudaFunction update, advance;

    /// <param name="context">The context, current on this thread.</param>
    public SgdKernels(CudaContext context)
    {
        (module, var kernels) = KernelPtx.Load(context, "sgd", "sgd_update", "step_advance");
        (update, advance) = (kernels[0], kernels[1]);
    }

    /// <summary>v = m v + (g + wd w); w = w - lr v, and the first update and tensor, of parameters or running statistics, that are not finite.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="count">Elements of the arena, gaps included: a multiple of 4.</param>
    /// <param name="g">(count), at a multiple of 16 bytes, as v and w.</param>
    /// <param name="rates">The learning rates of the epoch's steps; <see cref="StepState.Step"/> selects one.</param>
    /// <param name="ends">
    /// (parameters + statistics) ints: one past each tensor's last element in its arena, in order. Tensors begin at multiples of 4 elements.
    /// </param>
    /// <param name="parameters">Tensors in the arena of parameters.</param>
    /// <param name="statistics">The arena of running statistics, only looked at, at a multiple of 16 bytes.</param>
    /// <param name="statisticsCount">Its elements, gaps included: a multiple of 4, at most count.</param>
    /// <param name="statisticsTensors">Tensors in it.</param>
    /// <param name="spec">Momentum and weight decay.</param>
    /// <param name="v">(count).</param>
    /// <param name="w">(count).</param>
    /// <param name="state">The <see cref="StepState"/>.</param>
    public void Update(CudaStream stream, int count, DevicePointer g, DevicePointer rates, DevicePointer ends, int parameters,
        DevicePointer statistics, int statisticsCount, int statisticsTensors, SgdSpec spec, DevicePointer v, DevicePointer w, DevicePointer state)
    {
        if (count % LaunchSize.Vector != 0) throw new ArgumentException($"an arena of {count} elements is no multiple of {LaunchSize.Vector}", nameof(count));
        if (statisticsCount % LaunchSize.Vector != 0 || statisticsCount > count) throw new ArgumentException($"{statisticsCount} statistics are no multiple of {LaunchSize.Vector} up to {count}", nameof(statisticsCount));
        update.Launch(stream, LaunchSize.Blocks(LaunchSize.Threads(count)), LaunchSize.Block, 0, g, rates, ends, parameters,
            statistics, statisticsCount, statisticsTensors, count, (float)spec.Momentum, (float)spec.WeightDecay, v, w, state);
    }

    /// <summary>Ends a step, of training or of evaluation: the next batch begins n images further on.</summary>
    public void Advance(CudaStream stream, int n, DevicePointer state) => advance.Launch(stream, 1, 1, 0, n, state);

    /// <inheritdoc/>
    public void Dispose() => module.Dispose();
}
