using CudnnResNet.Model;

namespace CudnnResNet.Training.Data;

/// <summary>The random numbers of one synthetic image, one after another: counter (image, set, purpose, draw).</summary>
internal struct SyntheticRandom(ulong seed, uint image, uint set)
{
    private uint draw;

    /// <summary>A whole number between two bounds, both included.</summary>
    public int Between(int low, int high) => low + Philox.Below(Words(draw++).A, high - low + 1);

    /// <summary>Four words of a draw of the caller's choice.</summary>
    public readonly (uint A, uint B, uint C, uint D) Words(uint draw) => Philox.Draw(seed, image, set, RandomPurpose.Synthetic, draw);
}
