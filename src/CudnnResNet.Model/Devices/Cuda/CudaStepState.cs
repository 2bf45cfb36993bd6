using System.Runtime.InteropServices;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>
/// The device's <see cref="StepState"/> and what the host knows of it. Kernels read and advance the record by themselves, so the host
/// writes a field only where it is not what the device will have come to by then: at the beginning of an epoch or an evaluation, and
/// where batches are taken out of order. Such a write is a fill, whose value is read at the call: nothing waits.
/// </summary>
internal sealed class CudaStepState
{
    private static readonly int
        StepOffset = (int)Marshal.OffsetOf<StepState>(nameof(StepState.Step)),
        PositionOffset = (int)Marshal.OffsetOf<StepState>(nameof(StepState.Position)),
        EpochOffset = (int)Marshal.OffsetOf<StepState>(nameof(StepState.Epoch)),
        UpdatesOffset = (int)Marshal.OffsetOf<StepState>(nameof(StepState.Updates)),
        TotalsOffset = (int)Marshal.OffsetOf<StepState>(nameof(StepState.Images));

    private readonly CudaStream stream;
    private readonly SgdKernels kernels;
    private readonly DeviceSlice slice;
    private readonly PinnedBuffer read; // a StepState

    // What the device will have when it has done all that was given to it; null where that is not known.
    private int? step = 0, position = 0, epoch = 0;

    /// <param name="stream">The network's stream.</param>
    /// <param name="kernels">Has the kernel that ends a step.</param>
    /// <param name="memory">Where the record is reserved.</param>
    /// <param name="read">Pinned memory of the record's size.</param>
    public CudaStepState(CudaStream stream, SgdKernels kernels, CudaMemory memory, PinnedBuffer read)
    {
        (this.stream, this.kernels, this.read) = (stream, kernels, read);
        slice = memory.Control.Reserve("step state", StepState.Bytes);
        memory.WhenAllocated(() => stream.Upload<StepState>([LastRead], Pointer));
    }

    /// <summary>The record in the GPU's memory.</summary>
    public DevicePointer Pointer => slice.Pointer;

    /// <summary>What was read last: news of some steps ago while the device works.</summary>
    public StepState LastRead { get; set; } = StepState.Start(epoch: 0);

    /// <summary>Images of the batch that the augmentation made last: as many further on the next one begins.</summary>
    public int Batch { get; set; }

    /// <summary>Has the next augmentation begin at this position; in training mode as part of this epoch.</summary>
    /// <param name="first">A position of the epoch's order, or an image.</param>
    /// <param name="epoch">The epoch, or null where nothing is drawn.</param>
    public void Place(int first, int? epoch)
    {
        if (position != first)
        {
            Set(PositionOffset, first);
            position = first;
        }
        if (epoch is not { } other || this.epoch == other) return;
        Set(EpochOffset, other);
        this.epoch = other;
    }

    /// <summary>Has the next update take this step's learning rate. Updates are counted by step, so that the first that is not finite says its own.</summary>
    public void PlaceStep(int step)
    {
        if (this.step == step) return;
        Set(StepOffset, step);
        Set(UpdatesOffset, step);
        this.step = step;
    }

    /// <summary>Takes note that it is not known what the device will come to, because work was given to it only in part.</summary>
    public void Forget() => step = position = epoch = null;

    /// <summary>Ends a step, of training or of evaluation.</summary>
    public void Advance()
    {
        kernels.Advance(stream, Batch, Pointer);
        Advanced(Batch);
    }

    /// <summary>Takes note of a step of n images that ends without <see cref="Advance"/> being called: the replay of one.</summary>
    public void Advanced(int n)
    {
        step++;
        position += n;
    }

    /// <summary>Replaces the totals.</summary>
    public void SetTotals(Totals totals)
    {
        if (totals == default) stream.Fill(Pointer + TotalsOffset, 0u, (sizeof(long) + sizeof(long) + sizeof(double)) / sizeof(uint));
        else stream.Upload<long>([totals.Images, totals.Correct, BitConverter.DoubleToInt64Bits(totals.LossSum)], Pointer + TotalsOffset);
    }

    /// <summary>Waits for the device and reads the record.</summary>
    public StepState Read()
    {
        stream.Download(Pointer, read);
        stream.Synchronize();
        return LastRead = read.As<StepState>()[0];
    }

    private void Set(int offset, int value) => stream.Fill(Pointer + offset, (uint)value, 1);
}
