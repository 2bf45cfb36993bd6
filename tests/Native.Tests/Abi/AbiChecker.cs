using System.Runtime.InteropServices;

namespace CudnnResNet.Native.Tests.Abi;

/// <summary>Compares declarations with the headers' facts. Each finding is one line; none means that they agree.</summary>
internal sealed class AbiChecker(AbiFacts facts)
{
    private readonly KindMatcher kinds = new(facts);

    /// <summary>Entry point, library, return value, and each parameter's name and kind.</summary>
    public IEnumerable<string> Function(Declaration declaration)
    {
        string name = declaration.EntryPoint;
        if (facts.OldEntryPoints.Contains(name)) return [$"{name} is an old entry point: it still exists with an older signature"];
        if (!facts.Functions.TryGetValue(name, out FunctionFact? fact)) return [$"{name} is in no header"];
        var findings = new List<string>();
        if (declaration.Library is { } library && library != fact.Library) findings.Add($"{name} is in {fact.Library}, not in {library}");
        if (!kinds.Returns(fact.Returns, declaration.Returns)) findings.Add($"{name} returns {fact.Returns}, not {declaration.Returns.Name}");
        if (declaration.Parameters.Count != fact.Parameters.Count)
        {
            findings.Add($"{name} has {fact.Parameters.Count} parameters, not {declaration.Parameters.Count}");
            return findings;
        }
        foreach (var (expected, declared) in fact.Parameters.Zip(declaration.Parameters))
        {
            // A swap of two parameters of one type shows in their names only.
            if (!expected.Name.Equals(declared.Name, StringComparison.OrdinalIgnoreCase)) findings.Add($"{name}: parameter {declared.Position + 1} is {expected.Name}, not {declared.Name}");
            if (!kinds.Parameter(expected, declared, declaration))
                findings.Add($"{name}: {expected.Name} is {(expected.IsConst ? "const " : "")}{expected.Kind}, not {(declared.IsOut ? "out " : "")}{declared.ParameterType.Name}");
        }
        return findings;
    }

    /// <summary>Size and each named value; an enum may leave values out.</summary>
    public IEnumerable<string> Enum(Type type)
    {
        if (!facts.Enums.TryGetValue(type.Name, out var values)) return [$"the enum {type.Name} is in no header"];
        var findings = new List<string>();
        if (KindMatcher.SizeOf(type) != 4) findings.Add($"{type.Name} has {KindMatcher.SizeOf(type)} bytes, not 4");
        foreach (string name in System.Enum.GetNames(type))
        {
            long declared = Convert.ToInt64(System.Enum.Parse(type, name));
            if (!values.TryGetValue(name, out long value)) findings.Add($"{type.Name}.{name} is in no header");
            else if (value != declared) findings.Add($"{type.Name}.{name} is {value}, not {declared}");
        }
        return findings;
    }

    /// <summary>Size, and each field's name, place, size and kind.</summary>
    public IEnumerable<string> Struct(Type type)
    {
        if (!facts.Structs.TryGetValue(type.Name, out StructFact? fact)) return [$"the struct {type.Name} is in no header"];
        var findings = new List<string>();
        if (Marshal.SizeOf(type) != fact.Size) findings.Add($"{type.Name} has {fact.Size} bytes, not {Marshal.SizeOf(type)}");
        var fields = type.GetFields().ToDictionary(field => field.Name);
        foreach (FieldFact expected in fact.Fields)
        {
            if (!fields.Remove(expected.Name, out var field))
            {
                findings.Add($"{type.Name}.{expected.Name} is missing");
                continue;
            }
            int offset = (int)Marshal.OffsetOf(type, field.Name);
            if (offset != expected.Offset) findings.Add($"{type.Name}.{expected.Name} is at {expected.Offset}, not at {offset}");
            if (!kinds.Field(expected, field)) findings.Add($"{type.Name}.{expected.Name} is {expected.Kind} of {expected.Size} bytes, not {field.FieldType.Name}");
        }
        findings.AddRange(fields.Keys.Select(name => $"{type.Name}.{name} is in no header"));
        return findings;
    }
}
