using System.Reflection;
using System.Runtime.CompilerServices;

namespace CudnnResNet.Native.Tests.Abi;

/// <summary>Which C# types can stand for what C passes. "pointer:size_t" is taken by nuint*, out nuint, void* and nint, and by nothing else.</summary>
internal sealed unsafe class KindMatcher(AbiFacts facts)
{
    public bool Returns(string kind, Type type) => kind == "void" ? type == typeof(void) : kind == "cstring" ? type == typeof(byte*) || type == typeof(nint) : Value(kind, type);

    public bool Parameter(ParameterFact expected, ParameterInfo declared, Declaration declaration)
    {
        // In an import an address as a number is memory of the GPU. Handles and sizes that the function writes need an out: without it a
        // handle looks just like the pointer to it.
        if (declaration.Library is not null && declared.ParameterType == typeof(nint) && expected.Kind.StartsWith("pointer:", StringComparison.Ordinal)
            && expected.Kind is not ("pointer:void" or "pointer:float")) return false;
        // Written through, although the header promises that it is only read.
        if (expected.IsConst && declared.IsOut) return false;
        return declared.ParameterType == typeof(string) ? expected.Kind == "cstring" && declaration.Utf8Strings : Value(expected.Kind, declared.ParameterType);
    }

    public bool Field(FieldFact expected, FieldInfo field)
    {
        if (field.GetCustomAttribute<FixedBufferAttribute>() is { } buffer)
        {
            string[] parts = expected.Kind.Split(':');
            return parts[0] == "array" && int.Parse(parts[1]) == buffer.Length && Value(parts[2], buffer.ElementType) && buffer.Length * SizeOf(buffer.ElementType) == expected.Size;
        }
        return SizeOf(field.FieldType) == expected.Size && Value(expected.Kind, field.FieldType);
    }

    /// <summary>Bytes of a blittable type.</summary>
    public static int SizeOf(Type type)
    {
        if (type.IsPointer || type.IsByRef || type.IsFunctionPointer || type == typeof(nint) || type == typeof(nuint)) return 8;
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Byte or TypeCode.SByte => 1,
            TypeCode.Int16 or TypeCode.UInt16 => 2,
            TypeCode.Int32 or TypeCode.UInt32 or TypeCode.Single => 4,
            TypeCode.Int64 or TypeCode.UInt64 or TypeCode.Double => 8,
            _ => 0,
        };
    }

    private bool Value(string kind, Type type)
    {
        string[] parts = kind.Split(':', 2);
        return parts[0] switch
        {
            "int32" or "uint32" => IsInteger(type, 4),
            "int64" or "uint64" => IsInteger(type, 8) && type != typeof(nint),
            "size_t" => type == typeof(nuint) || type == typeof(nint),
            "uint8" or "char" => IsInteger(type, 1),
            "uint16" => IsInteger(type, 2),
            "float" => type == typeof(float),
            "double" => type == typeof(double),
            // An enum of that name, or a plain integer in an export of the emulator.
            "enum" => type.IsEnum ? type.Name == parts[1] && SizeOf(type) == 4 : IsInteger(type, 4),
            "handle" => type == typeof(nint),
            "devptr" => type == typeof(ulong) || type == typeof(nuint),
            "cstring" => type == typeof(byte*) || type == typeof(nint),
            "callback" => type.IsFunctionPointer || type == typeof(nint),
            "pointer" => Pointer(parts[1], type),
            "struct" => type.Name == parts[1] && facts.Structs.ContainsKey(type.Name),
            _ => false,
        };
    }

    private bool Pointer(string pointee, Type type)
    {
        if (type == typeof(nint) || type == typeof(void*)) return true;
        if (!type.IsPointer && !type.IsByRef) return false;
        Type target = type.GetElementType()!;
        return pointee == "void" || target == typeof(void) || Value(pointee, target);
    }

    private static bool IsInteger(Type type, int size) => SizeOf(type) == size && type != typeof(float) && type != typeof(double);
}
