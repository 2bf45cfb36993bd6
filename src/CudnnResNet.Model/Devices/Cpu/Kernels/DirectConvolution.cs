using System.Runtime.CompilerServices;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>How the direct kernel walks its input: constants, so that the JIT folds them into the addresses.</summary>
internal interface IInputWalk
{
    /// <summary>Floats between the inputs of neighbouring output pixels.</summary>
    static abstract int Pixel { get; }

    /// <summary>Consecutive floats (channels) of one tap.</summary>
    static abstract int Channels { get; }
}

/// <summary>Planar image, stride 1: the first layer.</summary>
internal readonly struct PlanarWalk : IInputWalk
{
    public static int Pixel => 1;
    public static int Channels => 1;
}

/// <summary>Blocked image, stride 1.</summary>
internal readonly struct BlockedWalk : IInputWalk
{
    public static int Pixel => Blocked.Lanes;
    public static int Channels => Blocked.Lanes;
}

/// <summary>Blocked image, stride 2.</summary>
internal readonly struct StridedWalk : IInputWalk
{
    public static int Pixel => 2 * Blocked.Lanes;
    public static int Channels => Blocked.Lanes;
}

/// <summary>The direct convolution of one image, forward and backward to the data: whatever its <see cref="ConvolutionPlan"/> says.</summary>
/// <remarks>
/// Tile: 8 neighbouring pixels times one register of output channels, that is 8 accumulators in registers, enough to cover the FMA's
/// latency on every x86 with one or two FMA ports. Each step loads one register of weights and multiplies it with one input number
/// of each pixel (an embedded broadcast with AVX-512). The sum's order is (block, tap, channel) for every pixel and every width.
/// </remarks>
internal static unsafe class DirectConvolution<TLanes> where TLanes : struct, ILanes<TLanes>
{
    private const int Tile = 8;

    /// <summary>Sweeps the plan's rows and columns of every output block.</summary>
    public static void Run(ConvolutionPlan plan, float* x, float* w, float* y)
    {
        switch (plan.InPixel)
        {
            case 1: Sweep<PlanarWalk>(plan, x, w, y); break;
            case Blocked.Lanes: Sweep<BlockedWalk>(plan, x, w, y); break;
            default: Sweep<StridedWalk>(plan, x, w, y); break;
        }
    }

    private static void Sweep<TWalk>(ConvolutionPlan plan, float* x, float* w, float* y) where TWalk : struct, IInputWalk
    {
        fixed (int* inputOffsets = plan.InputOffsets, weightOffsets = plan.WeightOffsets)
        {
            for (int block = 0; block < plan.OutBlocks; block++)
            {
                for (int part = 0; part < Blocked.Lanes; part += TLanes.Count)
                {
                    float* weights = w + block * plan.WeightOutBlock + part;
                    for (int row = 0; row < plan.Rows; row++)
                    {
                        float* source = x + row * plan.InRow;
                        float* destination = y + plan.OutStart + block * plan.OutBlock + row * plan.OutRow + part;
                        int column = 0;
                        for (; column + Tile <= plan.Columns; column += Tile)
                            EightPixels<TWalk>(plan, inputOffsets, weightOffsets, source + column * TWalk.Pixel, weights, destination + column * plan.OutPixel);
                        for (; column < plan.Columns; column++)
                            OnePixel<TWalk>(plan, inputOffsets, weightOffsets, source + column * TWalk.Pixel, weights, destination + column * plan.OutPixel);
                    }
                }
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void EightPixels<TWalk>(ConvolutionPlan plan, int* inputOffsets, int* weightOffsets, float* x, float* w, float* y)
        where TWalk : struct, IInputWalk
    {
        // Explicit locals: the JIT keeps an array of accumulators in memory, which is 2 to 5 times slower.
        TLanes y0 = TLanes.Zero, y1 = TLanes.Zero, y2 = TLanes.Zero, y3 = TLanes.Zero;
        TLanes y4 = TLanes.Zero, y5 = TLanes.Zero, y6 = TLanes.Zero, y7 = TLanes.Zero;
        int taps = plan.InputOffsets.Length;
        for (int block = 0; block < plan.InBlocks; block++)
        {
            float* xBlock = x + block * plan.InBlock;
            float* wBlock = w + block * plan.WeightInBlock;
            for (int tap = 0; tap < taps; tap++)
            {
                float* source = xBlock + inputOffsets[tap];
                float* weights = wBlock + weightOffsets[tap];
                // Pointers that move with the channel, so that every address below is a register plus a constant.
                for (float* end = source + TWalk.Channels; source < end; source++, weights += Blocked.Lanes)
                {
                    TLanes weight = TLanes.Load(weights);
                    y0 = TLanes.MultiplyAdd(source, weight, y0);
                    y1 = TLanes.MultiplyAdd(source + TWalk.Pixel, weight, y1);
                    y2 = TLanes.MultiplyAdd(source + 2 * TWalk.Pixel, weight, y2);
                    y3 = TLanes.MultiplyAdd(source + 3 * TWalk.Pixel, weight, y3);
                    y4 = TLanes.MultiplyAdd(source + 4 * TWalk.Pixel, weight, y4);
                    y5 = TLanes.MultiplyAdd(source + 5 * TWalk.Pixel, weight, y5);
                    y6 = TLanes.MultiplyAdd(source + 6 * TWalk.Pixel, weight, y6);
                    y7 = TLanes.MultiplyAdd(source + 7 * TWalk.Pixel, weight, y7);
                }
            }
        }
        int step = plan.OutPixel;
        TLanes.Store(y0, y);
        TLanes.Store(y1, y + step);
        TLanes.Store(y2, y + 2 * step);
        TLanes.Store(y3, y + 3 * step);
        TLanes.Store(y4, y + 4 * step);
        TLanes.Store(y5, y + 5 * step);
        TLanes.Store(y6, y + 6 * step);
        TLanes.Store(y7, y + 7 * step);
    }

    [MethodImpl(Jit.Kernel)]
    private static void OnePixel<TWalk>(ConvolutionPlan plan, int* inputOffsets, int* weightOffsets, float* x, float* w, float* y)
        where TWalk : struct, IInputWalk
    {
        TLanes sum = TLanes.Zero;
        for (int block = 0; block < plan.InBlocks; block++)
        {
            for (int tap = 0; tap < plan.InputOffsets.Length; tap++)
            {
                float* source = x + block * plan.InBlock + inputOffsets[tap];
                float* weights = w + block * plan.WeightInBlock + weightOffsets[tap];
                for (int c = 0; c < TWalk.Channels; c++)
                    sum = TLanes.MultiplyAdd(source + c, TLanes.Load(weights + c * Blocked.Lanes), sum);
            }
        }
        TLanes.Store(sum, y);
    }
}
