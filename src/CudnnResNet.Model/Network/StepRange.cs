namespace CudnnResNet.Model;

/// <summary>Consecutive steps of a process, the first being 1.</summary>
/// <param name="First">The first of them, 1 or more.</param>
/// <param name="Last">The last of them, not before the first.</param>
public readonly record struct StepRange(long First, long Last)
{
    /// <summary>How many there are.</summary>
    public long Count => Last - First + 1;

    /// <summary>Whether a step is one of them.</summary>
    public bool Contains(long step) => step >= First && step <= Last;

    /// <summary>As it is typed: <c>10:30</c>.</summary>
    public override string ToString() => $"{First}:{Last}";

    internal void Check(string name)
    {
        if (First < 1 || Last < First) throw new InvalidSettingException($"{name} {this} is not FIRST:LAST with 1 <= FIRST <= LAST");
    }
}
