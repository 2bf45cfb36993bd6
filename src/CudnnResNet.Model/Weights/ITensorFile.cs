namespace CudnnResNet.Model;

/// <summary>A file of named tensors, whatever its format: what <see cref="WeightsFile"/> needs of it.</summary>
internal interface ITensorFile
{
    /// <summary>The tensors' names; PyTorch's step counters are left out.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>What the file says about its tensors; empty where the format has no place for it.</summary>
    IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The sizes of a tensor, outermost first; empty for a scalar.</summary>
    /// <exception cref="WeightsException">There is no such tensor.</exception>
    int[] Shape(string name);

    /// <summary>A tensor's values, row-major, rounded to float where they are F64.</summary>
    /// <exception cref="WeightsException">There is no such tensor.</exception>
    float[] Floats(string name);
}
