namespace CudnnResNet.Soak;

/// <summary>One kind of fault, to be tried again and again with random parameters.</summary>
/// <param name="name">What the table calls it.</param>
internal abstract class Fault(string name)
{
    /// <summary>What the table calls it.</summary>
    public string Name { get; } = name;

    /// <summary>Why it cannot be tried on this machine; null where it can.</summary>
    public virtual string? Absent => null;

    /// <summary>A try that takes longer hangs. A hundred times what it takes on a machine with nothing else to do.</summary>
    public virtual TimeSpan Deadline => TimeSpan.FromSeconds(120);

    /// <summary>Whether what this process holds says anything: not where the fault happens in another one.</summary>
    public virtual bool IsInProcess => true;

    /// <summary>Whether the growth of this process's private memory says anything: not where the emulator, which has no end of its own, is in it.</summary>
    public virtual bool CountsMemory => true;

    /// <summary>Lets the fault happen once.</summary>
    /// <param name="random">The only source of chance, so that the seed repeats the try.</param>
    /// <returns>Null where all is as promised, else what was lost. An exception is a loss too.</returns>
    public abstract string? Try(Random random);

    /// <summary>Objects of drivers and libraries that are still there between two tries.</summary>
    public virtual IReadOnlyList<string> Left() => [];
}
