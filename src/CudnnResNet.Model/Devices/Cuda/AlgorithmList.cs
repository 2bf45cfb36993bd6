using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>
/// The algorithms that may compute one pass of a convolution, best first, and which of them does. Only deterministic ones are in it; that
/// one of them does not support these shapes after all is known for sure when it runs.
/// </summary>
internal sealed class AlgorithmList<TAlgorithm> where TAlgorithm : struct, Enum
{
    /// <summary>No algorithm gets more workspace than this: transforms of whole images want gigabytes for the last per cent.</summary>
    private const long MaxWorkspace = 1L << 30;

    private AlgorithmChoice<TAlgorithm>[] candidates;
    private int current;

    /// <param name="found">What cuDNN says, best first.</param>
    /// <param name="precision">What it may compute with.</param>
    /// <param name="pass">For an error: of which convolution.</param>
    /// <exception cref="DeviceUnavailableException">cuDNN has no deterministic algorithm for this convolution.</exception>
    public AlgorithmList(AlgorithmChoice<TAlgorithm>[] found, Precision precision, string pass)
    {
        candidates = [.. found.Where(choice => choice.IsSupported && choice.IsDeterministic && choice.Workspace <= MaxWorkspace && Allows(precision, choice.Math))];
        if (candidates.Length == 0) throw new DeviceUnavailableException($"cuDNN has no deterministic algorithm in {precision.ToString().ToLowerInvariant()} for {pass}; use cpu");
    }

    /// <summary>What computes.</summary>
    public TAlgorithm Algorithm => candidates[current].Algorithm;

    /// <summary>What it computes with.</summary>
    public ConvolutionMath Math => candidates[current].Math;

    /// <summary>Bytes of workspace for what computes now, and for at least one to fall back on.</summary>
    public long Workspace => System.Math.Max(candidates[current].Workspace, candidates.Skip(current + 1).Select(choice => choice.Workspace).DefaultIfEmpty().Min());

    /// <summary>The largest workspace of all of them.</summary>
    public long LargestWorkspace => candidates.Max(choice => choice.Workspace);

    /// <summary>Puts the fastest first.</summary>
    public void Order(IEnumerable<AlgorithmChoice<TAlgorithm>> timed)
    {
        var times = timed.Where(choice => choice.IsSupported).GroupBy(choice => (choice.Algorithm, choice.Math)).ToDictionary(group => group.Key, group => group.Min(choice => choice.Milliseconds));
        candidates = [.. candidates.OrderBy(choice => times.GetValueOrDefault((choice.Algorithm, choice.Math), float.PositiveInfinity))];
        current = 0;
    }

    /// <summary>Takes the one that was chosen earlier, where it is among them.</summary>
    public void Take(ChosenAlgorithm? chosen)
    {
        int place = chosen is null ? -1 : Array.FindIndex(candidates, choice => (choice.Algorithm.ToString(), choice.Math.ToString()) == (chosen.Algorithm, chosen.Math));
        if (place >= 0) candidates = [candidates[place], .. candidates.Where((_, i) => i != place)];
    }

    /// <summary>Takes the first that needs no more workspace than there is; false where there is none.</summary>
    public bool Fit(long workspace)
    {
        while (candidates[current].Workspace > workspace)
        {
            if (current + 1 == candidates.Length) return false;
            current++;
        }
        return true;
    }

    /// <summary>Takes the next that needs no more workspace than there is, because the present one does not support these shapes; false where there is none.</summary>
    public bool TryNext(long workspace)
    {
        int next = Array.FindIndex(candidates, current + 1, choice => choice.Workspace <= workspace);
        if (next < 0) return false;
        current = next;
        return true;
    }

    // In fp32 cuDNN is asked with FMA math and lists the tensor cores' algorithms all the same on some GPUs.
    private static bool Allows(Precision precision, ConvolutionMath math) =>
        precision == Precision.Fp32 ? math is ConvolutionMath.Fma or ConvolutionMath.Default : math != ConvolutionMath.TensorCoresWithConversion;
}
