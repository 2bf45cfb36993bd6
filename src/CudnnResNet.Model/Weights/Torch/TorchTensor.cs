using System.Numerics;

namespace CudnnResNet.Model;

/// <summary>The memory of one or more tensors of a PyTorch file; its bytes come from elsewhere in the file.</summary>
/// <param name="Key">Its number in the file.</param>
/// <param name="Type">See <see cref="ElementType"/>.</param>
/// <param name="Count">Elements.</param>
internal sealed record TorchStorage(string Key, string Type, int Count)
{
    /// <summary>Its bytes in the file.</summary>
    public int Length => Count * ElementType.BytesOf(Type);

    /// <summary>The bytes, little-endian, once they are found.</summary>
    public ReadOnlyMemory<byte> Bytes { get; set; }
}

/// <summary>A view of a storage: element (i, j, …) is at offset + i stride[0] + j stride[1] + …</summary>
internal sealed class TorchTensor
{
    private readonly TorchStorage storage;
    private readonly int offset;
    private readonly int[] strides;

    private TorchTensor(TorchStorage storage, int offset, int[] shape, int[] strides) =>
        (this.storage, this.offset, Shape, this.strides) = (storage, offset, shape, strides);

    /// <summary>Sizes, outermost first.</summary>
    public int[] Shape { get; }

    /// <summary>See <see cref="ElementType"/>.</summary>
    public string Type => storage.Type;

    /// <summary>Makes a view that lies inside its storage.</summary>
    /// <exception cref="WeightsException">It does not, or a number is out of range.</exception>
    public static TorchTensor Create(TorchStorage storage, BigInteger offset, IReadOnlyList<BigInteger> shape, IReadOnlyList<BigInteger> strides)
    {
        if (shape.Count > SafeTensorsHeader.MaxRank || strides.Count > SafeTensorsHeader.MaxRank)
            throw new WeightsException($"a tensor of {Math.Max(shape.Count, strides.Count)} dimensions does not exist; allowed are {SafeTensorsHeader.MaxRank}");
        if (shape.Count != strides.Count || offset < 0 || shape.Concat(strides).Any(number => number < 0))
            throw new WeightsException($"{Described()} does not exist");
        // The product is that of the caller's memory, not of the file's: strides of 0 would repeat one element for ever.
        var count = shape.Aggregate(BigInteger.One, (product, size) => product * size);
        if (shape.Any(size => size > int.MaxValue) || count > int.MaxValue) throw new WeightsException($"{Described()} is too large");
        var last = offset + shape.Zip(strides, (size, stride) => (size - 1) * stride).Aggregate(BigInteger.Zero, (sum, term) => sum + term);
        if (count > 0 ? last >= storage.Count : offset > storage.Count)
            throw new WeightsException($"{Described()} is not within its storage of {storage.Count}");
        // A stride along which there is only one element is never used, and may be any number.
        var used = shape.Zip(strides, (size, stride) => count > 0 && size > 1 ? (int)stride : 0);
        return new(storage, (int)offset, [.. shape.Select(size => (int)size)], [.. used]);

        string Described()
        {
            string text = $"a tensor of shape ({string.Join(", ", shape)}) with strides ({string.Join(", ", strides)}) from element {offset}";
            return text.Length <= 400 ? text : "a tensor";
        }
    }

    /// <summary>Elements: the product of the shape.</summary>
    public int Count => Shape.Aggregate(1, (product, size) => product * size);

    /// <summary>The values, row-major, whatever the strides.</summary>
    public float[] Floats()
    {
        var values = new float[Count];
        var index = new int[Shape.Length];
        int at = offset;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = ElementType.ReadFloat(storage.Type, storage.Bytes.Span, at);
            for (int dimension = Shape.Length - 1; dimension >= 0; dimension--)
            {
                at += strides[dimension];
                if (++index[dimension] < Shape[dimension]) break;
                at -= Shape[dimension] * strides[dimension];
                index[dimension] = 0;
            }
        }
        return values;
    }
}
