using System.Text.Json;

namespace CudnnResNet.Native.Tests.Abi;

/// <summary>A parameter as the header has it.</summary>
/// <param name="Kind">What is passed: int32, size_t, devptr, handle:X, enum:X, pointer:X, cstring, …</param>
internal sealed record ParameterFact(string Name, string Kind, bool IsConst);

/// <summary>A function as the header has it.</summary>
internal sealed record FunctionFact(string Library, string Returns, IReadOnlyList<ParameterFact> Parameters);

/// <summary>A field of a struct, with its place in bytes.</summary>
internal sealed record FieldFact(string Name, string Kind, int Offset, int Size);

/// <summary>A struct as the compiler lays it out.</summary>
internal sealed record StructFact(int Size, IReadOnlyList<FieldFact> Fields);

/// <summary>What the headers of CUDA, cuDNN and NVTX say: names, kinds, values, layouts. From abi-facts.json.</summary>
internal sealed class AbiFacts
{
    private AbiFacts(JsonElement root)
    {
        Functions = root.GetProperty("functions").EnumerateObject().ToDictionary(entry => entry.Name, entry => Function(entry.Value));
        Enums = root.GetProperty("enums").EnumerateObject().ToDictionary(
            entry => entry.Name, entry => entry.Value.EnumerateObject().ToDictionary(value => value.Name, value => value.Value.GetInt64()));
        Structs = root.GetProperty("structs").EnumerateObject().ToDictionary(entry => entry.Name, entry => Struct(entry.Value));
        OldEntryPoints = [.. Strings(root.GetProperty("oldEntryPoints"))];
    }

    public Dictionary<string, FunctionFact> Functions { get; }

    public Dictionary<string, Dictionary<string, long>> Enums { get; }

    public Dictionary<string, StructFact> Structs { get; }

    /// <summary>Symbols that the driver still exports with an older signature.</summary>
    public HashSet<string> OldEntryPoints { get; }

    public static AbiFacts Read()
    {
        using Stream stream = typeof(AbiFacts).Assembly.GetManifestResourceStream("abi-facts.json")!;
        using var document = JsonDocument.Parse(stream);
        return new(document.RootElement);
    }

    private static FunctionFact Function(JsonElement entry) =>
        new(entry.GetProperty("library").GetString()!, entry.GetProperty("returns").GetString()!, [.. Strings(entry.GetProperty("parameters")).Select(Parameter)]);

    // "srcHost: const pointer:void"
    private static ParameterFact Parameter(string text)
    {
        var (name, kind) = Split(text, ": ");
        return kind.StartsWith("const ", StringComparison.Ordinal) ? new(name, kind[6..], true) : new(name, kind, false);
    }

    private static StructFact Struct(JsonElement entry) => new(entry.GetProperty("size").GetInt32(), [.. Strings(entry.GetProperty("fields")).Select(Field)]);

    // "memory: size_t at 16, 8 bytes"
    private static FieldFact Field(string text)
    {
        var (name, rest) = Split(text, ": ");
        var (kind, place) = Split(rest, " at ");
        var (offset, size) = Split(place, ", ");
        return new(name, kind, int.Parse(offset), int.Parse(size[..size.IndexOf(' ', StringComparison.Ordinal)]));
    }

    private static (string Before, string After) Split(string text, string mark)
    {
        int at = text.IndexOf(mark, StringComparison.Ordinal);
        return (text[..at], text[(at + mark.Length)..]);
    }

    private static IEnumerable<string> Strings(JsonElement list) => list.EnumerateArray().Select(item => item.GetString()!);
}
