using System.Runtime.InteropServices;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>
/// Where a run is, kept on the device so that a whole step needs nothing from the host: the record of <c>kernels/step_state.h</c>, field
/// for field. 64 bytes: one small copy tells the host all of it.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct StepState
{
    /// <summary>Size on the device.</summary>
    public const int Bytes = 64;

    /// <summary>The value of <see cref="FirstNonFinite"/> while every weight is finite.</summary>
    public const ulong AllFinite = ulong.MaxValue;

    /// <summary>The step within the epoch: selects the learning rate.</summary>
    public int Step;

    /// <summary>Where the batch begins: a position of the epoch's order (training) or an image (inference).</summary>
    public int Position;

    /// <summary>Part of the random numbers' counter.</summary>
    public uint Epoch;

    /// <summary>Goes with <see cref="Step"/>, so that an update that is not finite is known by its step within the epoch.</summary>
    public uint Updates;

    /// <summary>The first update after which a weight was NaN or infinite, and its tensor: Updates &lt;&lt; 32 | tensor.</summary>
    public ulong FirstNonFinite;

    /// <summary>Images counted since the host set the totals.</summary>
    public long Images;

    /// <summary>Of these, whose largest logit was the label's.</summary>
    public long Correct;

    /// <summary>Sum of their losses, in nats.</summary>
    public double LossSum;

    /// <summary>A record at the beginning of an epoch, nothing counted yet.</summary>
    public static StepState Start(int epoch) => new() { Epoch = (uint)epoch, FirstNonFinite = AllFinite };

    /// <summary>The totals as the head reports them.</summary>
    public readonly Totals Totals => new(Images, LossSum, Correct);
}
