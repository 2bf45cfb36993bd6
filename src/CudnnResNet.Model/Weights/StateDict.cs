using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace CudnnResNet.Model;

/// <summary>A named tensor on the host, row-major.</summary>
/// <param name="Name">State-dict name: <c>layer1.0.conv1.weight</c>.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Values">The elements, row-major.</param>
public sealed record NamedTensor(string Name, int[] Shape, float[] Values);

/// <summary>The parameters and running statistics of a network by their PyTorch names, in the network's order.</summary>
public sealed class StateDict
{
    private readonly Dictionary<string, NamedTensor> byName = new(StringComparer.Ordinal);
    private readonly List<NamedTensor> tensors = [];

    /// <summary>The tensors in the order they were added.</summary>
    public IReadOnlyList<NamedTensor> Tensors => tensors;

    /// <summary>The tensor of this name.</summary>
    /// <exception cref="WeightsException">There is none.</exception>
    public NamedTensor this[string name] =>
        byName.TryGetValue(name, out var tensor) ? tensor : throw new WeightsException($"there is no tensor '{name}'");

    /// <summary>Adds a tensor.</summary>
    /// <exception cref="WeightsException">The name is taken, or the values do not fit the shape.</exception>
    public void Add(string name, int[] shape, float[] values)
    {
        long count = shape.Aggregate(1L, (product, size) => product * size);
        if (count != values.Length) throw new WeightsException($"tensor '{name}' has {values.Length} values for shape ({string.Join(", ", shape)})");
        var tensor = new NamedTensor(name, shape, values);
        if (!byName.TryAdd(name, tensor)) throw new WeightsException($"tensor '{name}' occurs twice");
        tensors.Add(tensor);
    }

    /// <summary>Looks a tensor up.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out NamedTensor? tensor) => byName.TryGetValue(name, out tensor);

    /// <summary>The same tensors in the order of a network's layers.</summary>
    /// <param name="architecture">The network they are for.</param>
    /// <param name="parametersOnly">True where running statistics are not among them: momentum, gradients.</param>
    /// <exception cref="WeightsException">A name is missing or unknown, or a shape is another network's.</exception>
    public StateDict OrderedFor(ArchitectureSpec architecture, bool parametersOnly = false)
    {
        StateCheck.SameLayout(architecture, this, parametersOnly);
        var ordered = new StateDict();
        foreach (var (name, shape) in StateCheck.Expected(architecture, parametersOnly)) ordered.Add(name, shape, byName[name].Values);
        return ordered;
    }

    /// <summary>The name of the first tensor that holds a NaN or an infinity; null where all are finite.</summary>
    internal string? FirstNonFinite() => tensors.Find(tensor => !Array.TrueForAll(tensor.Values, float.IsFinite))?.Name;

    /// <summary>SHA-256 over the tensors' little-endian float32 bytes, in ordinal order of their names (as in a safetensors file); lower-case hex.</summary>
    public string Sha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            var bytes = new byte[tensor.Values.Length * sizeof(float)];
            for (int i = 0; i < tensor.Values.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), tensor.Values[i]);
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
