namespace CudnnResNet.Model;

/// <summary>
/// The base of every error this engine reports on purpose. Its message is one line that a user can act on; whatever names it repeats from
/// files, nothing in it can drive a terminal.
/// </summary>
public abstract class EngineException : Exception
{
    /// <summary>Creates the exception.</summary>
    protected EngineException(string message, Exception? inner = null) : base(PrintableText.Of(message), inner) { }
}

/// <summary>The requested network, option or batch size does not exist; the message holds the value and what is allowed.</summary>
public sealed class InvalidSettingException(string message, Exception? inner = null) : EngineException(message, inner);

/// <summary>A device was asked for that this machine cannot use; the message says what is missing.</summary>
public sealed class DeviceUnavailableException(string message, Exception? inner = null) : EngineException(message, inner);

/// <summary>The GPU, or what this process may have of the machine's memory, does not suffice; the message says how much is needed, how much is free, and which batch size would fit.</summary>
public sealed class DeviceMemoryException : EngineException
{
    internal DeviceMemoryException(string what, long neededBytes, long freeBytes, int fittingBatchSize, Exception? inner = null)
        : base($"{what}; {(fittingBatchSize > 0 ? $"batches of {fittingBatchSize} would fit" : "no batch size would fit: use a smaller network, or free memory")}", inner) =>
        (NeededBytes, FreeBytes, FittingBatchSize) = (neededBytes, freeBytes, fittingBatchSize);

    /// <summary>Bytes that were needed.</summary>
    public long NeededBytes { get; }

    /// <summary>Bytes that were free for them.</summary>
    public long FreeBytes { get; }

    /// <summary>The largest batch size that is sure to fit by this count; 0 where none is.</summary>
    public int FittingBatchSize { get; }
}

/// <summary>Weights or a checkpoint are unreadable, damaged, or belong to another network.</summary>
public sealed class WeightsException(string message, Exception? inner = null) : EngineException(message, inner);

/// <summary>Training met a NaN or an infinity; the message says at which step, in which layer, and where the last good weights are.</summary>
/// <param name="message">The message.</param>
/// <param name="step">See <see cref="Step"/>.</param>
/// <param name="layer">See <see cref="Layer"/>.</param>
public sealed class DivergedException(string message, long? step = null, string? layer = null) : EngineException(message)
{
    /// <summary>The step since the start of the run, 1-based; null where it is not known.</summary>
    public long? Step { get; } = step;

    /// <summary>State-dict name of the layer whose values were the first that were not finite, such as <c>layer2.0.conv1</c>; null where it is not known.</summary>
    public string? Layer { get; } = layer;
}
