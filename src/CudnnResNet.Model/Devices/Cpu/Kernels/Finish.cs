using System.Runtime.CompilerServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>What becomes of a convolution's output on its way from the registers to memory.</summary>
internal unsafe interface IFinish
{
    /// <summary>One register of one pixel's channels.</summary>
    static abstract TLanes Of<TLanes>(TLanes z, TLanes scale, TLanes shift, float* s) where TLanes : struct, ILanes<TLanes>;
}

/// <summary>Nothing: training, whose batch norm needs all of z first.</summary>
internal readonly unsafe struct Unfinished : IFinish
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes>(TLanes z, TLanes scale, TLanes shift, float* s) where TLanes : struct, ILanes<TLanes> => z;
}

/// <summary>relu(scale z + shift): inference without a shortcut.</summary>
internal readonly unsafe struct Normalized : IFinish
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes>(TLanes z, TLanes scale, TLanes shift, float* s) where TLanes : struct, ILanes<TLanes> =>
        TLanes.Relu(TLanes.MultiplyAdd(z, scale, shift));
}

/// <summary>relu(scale z + shift + s): inference.</summary>
internal readonly unsafe struct Joined : IFinish
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes>(TLanes z, TLanes scale, TLanes shift, float* s) where TLanes : struct, ILanes<TLanes> =>
        TLanes.Relu(TLanes.Add(TLanes.MultiplyAdd(z, scale, shift), TLanes.Load(s)));
}

/// <summary>The operands of an <see cref="IFinish"/> for one register of channels.</summary>
/// <param name="scale">Per channel.</param>
/// <param name="shift">Per channel.</param>
/// <param name="s">The shortcut's first pixel; never read where there is none.</param>
/// <param name="sRow">Floats between its rows.</param>
internal readonly unsafe struct Finish<TLanes>(TLanes scale, TLanes shift, float* s, int sRow) where TLanes : struct, ILanes<TLanes>
{
    public TLanes Scale { get; } = scale;
    public TLanes Shift { get; } = shift;
    public float* S { get; } = s;
    public int SRow { get; } = sRow;
}
