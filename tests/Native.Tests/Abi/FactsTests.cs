using System.Text.Json;

namespace CudnnResNet.Native.Tests.Abi;

/// <summary>abi-facts.json says what the whole collection of facts says, which lies beside a checkout and was compared with NVIDIA's headers by a compiler.</summary>
[TestClass]
public sealed class FactsTests
{
    private static readonly AbiFacts Facts = AbiFacts.Read();

    [TestMethod]
    public void Agree_with_the_collection()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedFolder.File(Path.Combine("abi", "cuda-abi.json"))));
        JsonElement[] libraries = [.. document.RootElement.GetProperty("libraries").EnumerateObject().Select(library => library.Value)];
        var functions = document.RootElement.GetProperty("libraries").EnumerateObject()
            .SelectMany(library => Members(library.Value, "functions").Select(function => (function.Name, Text: FunctionText(library.Name, function.Value)))).ToDictionary();
        var enums = libraries.SelectMany(library => Members(library, "enums").Concat(Injection(library, "enums"))).DistinctBy(entry => entry.Name).ToDictionary(entry => entry.Name, entry => entry.Value);
        var structs = libraries.SelectMany(library => Members(library, "structs").Concat(Injection(library, "structs"))).DistinctBy(entry => entry.Name).ToDictionary(entry => entry.Name, entry => entry.Value);

        foreach (var (name, fact) in Facts.Functions) Assert.AreEqual(functions[name], Text(fact), name);
        foreach (var (name, values) in Facts.Enums)
        {
            foreach (var (value, number) in values) Assert.AreEqual(Number(enums[name], value), number, $"{name}.{value}");
        }
        foreach (var (name, fact) in Facts.Structs)
        {
            Assert.AreEqual(structs[name].GetProperty("size").GetInt32(), fact.Size, name);
            CollectionAssert.AreEqual(Offsets(structs[name]), fact.Fields.Select(field => $"{field.Name} at {field.Offset}").ToArray(), name);
        }
        string[] old = [.. Members(document.RootElement.GetProperty("libraries").GetProperty("libcuda").GetProperty("old_entry_points"), "symbols").Select(symbol => symbol.Name)];
        CollectionAssert.AreEquivalent(old, Facts.OldEntryPoints.ToArray());
    }

    private static string Text(FunctionFact fact) =>
        $"{fact.Library} {fact.Returns} ({string.Join(", ", fact.Parameters.Select(parameter => $"{parameter.Name}: {(parameter.IsConst ? "const " : "")}{parameter.Kind}"))})";

    private static string FunctionText(string library, JsonElement function)
    {
        var parameters = function.GetProperty("parameters").EnumerateArray().Select(
            parameter => new ParameterFact(
                parameter.GetProperty("name").GetString()!, parameter.GetProperty("kind").GetString()!, parameter.TryGetProperty("pointee_const", out JsonElement isConst) && isConst.GetBoolean()));
        return Text(new(library, function.GetProperty("returns_kind").GetString()!, [.. parameters]));
    }

    private static long Number(JsonElement entry, string value)
    {
        foreach (JsonElement values in new[] { "values", "values_added_later" }.SelectMany(name => entry.TryGetProperty(name, out JsonElement found) ? new[] { found } : []).DefaultIfEmpty(entry))
        {
            if (values.TryGetProperty(value, out JsonElement number)) return number.ValueKind == JsonValueKind.Number ? number.GetInt64() : number.GetProperty("value").GetInt64();
        }
        throw new AssertFailedException($"{value} is not in the collection");
    }

    // The fields of a struct are objects, those of NVTX's injection are lists.
    private static string[] Offsets(JsonElement entry) =>
        [.. entry.GetProperty("fields").EnumerateArray().Select(field => field.ValueKind == JsonValueKind.Array ? $"{field[0]} at {field[1]}" : $"{field.GetProperty("name")} at {field.GetProperty("offset")}")];

    private static JsonElement.ObjectEnumerator Injection(JsonElement library, string what) => library.TryGetProperty("injection", out JsonElement injection) ? Members(injection, what) : default;

    private static JsonElement.ObjectEnumerator Members(JsonElement entry, string what) => entry.TryGetProperty(what, out JsonElement found) ? found.EnumerateObject() : default;
}
