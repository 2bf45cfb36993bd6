using CudnnResNet.Model;

namespace CudnnResNet.Training.Data;

/// <summary>A data set is missing, damaged, or could not be downloaded; the message names the file or address and what was expected.</summary>
public sealed class DataException(string message, Exception? inner = null) : EngineException(message, inner);
