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

/// <summary>The GPU has not enough free memory; the message says how much is needed, how much is free, and which batch size would fit.</summary>
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

/// <summary>Training met a NaN or an infinity.</summary>
public sealed class DivergedException(string message) : EngineException(message);
