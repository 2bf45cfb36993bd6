using System.Buffers.Binary;

namespace CudnnResNet.Model;

/// <summary>The types of a tensor's elements, by the names that safetensors gives them, and how the floating-point ones are read.</summary>
internal static class ElementType
{
    /// <summary>Whether weights may have this type.</summary>
    public static bool IsFloat(string type) => type is "F64" or "F32" or "F16" or "BF16";

    /// <summary>Bytes of one element.</summary>
    public static int BytesOf(string type) => type switch
    {
        "F64" or "I64" => 8,
        "F32" or "I32" => 4,
        "F16" or "BF16" or "I16" => 2,
        "I8" or "U8" or "BOOL" => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type"),
    };

    /// <summary>The element at an index of little-endian bytes, rounded to float where it is F64.</summary>
    public static float ReadFloat(string type, ReadOnlySpan<byte> bytes, int index)
    {
        var element = bytes[(index * BytesOf(type))..];
        return type switch
        {
            "F64" => (float)BinaryPrimitives.ReadDoubleLittleEndian(element),
            "F32" => BinaryPrimitives.ReadSingleLittleEndian(element),
            "F16" => (float)BinaryPrimitives.ReadHalfLittleEndian(element),
            "BF16" => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(element) << 16), // the upper half of a float
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a floating-point type"),
        };
    }
}
