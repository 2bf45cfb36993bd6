namespace CudnnResNet.Model;

/// <summary>Whether a state dict is this network's.</summary>
internal static class StateCheck
{
    /// <summary>Compares names and shapes with what the architecture has; values are not looked at.</summary>
    /// <exception cref="WeightsException">A name is missing or unknown, or a shape differs; the message lists both kinds, or says that the depth is another.</exception>
    public static void SameLayout(ArchitectureSpec architecture, StateDict state, bool parametersOnly)
    {
        var expected = Expected(architecture, parametersOnly).ToDictionary(entry => entry.Name, entry => entry.Shape, StringComparer.Ordinal);
        var names = state.Tensors.Select(tensor => tensor.Name).ToList();
        var missing = expected.Keys.Where(name => !state.TryGet(name, out _)).ToList();
        var unknown = names.Where(name => !expected.ContainsKey(name)).ToList();
        if (missing.Count + unknown.Count > 0)
        {
            if (NameMapping.DepthOf(names) is int depth && depth != architecture.Depth)
                throw new WeightsException($"the weights are those of a network of depth {depth}, the network is {architecture.Name}");
            throw NotThose(architecture, missing, unknown);
        }
        foreach (var tensor in state.Tensors)
        {
            if (!tensor.Shape.AsSpan().SequenceEqual(expected[tensor.Name]))
                throw new WeightsException($"tensor '{tensor.Name}' has shape ({string.Join(", ", tensor.Shape)}), {architecture.Name} needs ({string.Join(", ", expected[tensor.Name])})");
        }
    }

    /// <summary>The error for names that do not match.</summary>
    public static WeightsException NotThose(ArchitectureSpec architecture, IReadOnlyList<string> missing, IReadOnlyList<string> unknown) =>
        new($"the tensors are not those of a network of depth {architecture.Depth}: missing {Listed(missing)}; unknown {Listed(unknown)}");

    /// <summary>Names and shapes of a network's tensors, in its order.</summary>
    public static IEnumerable<(string Name, int[] Shape)> Expected(ArchitectureSpec architecture, bool parametersOnly)
    {
        foreach (var unit in architecture.ConvNorms())
        {
            int k = unit.Y.C;
            yield return ($"{unit.Name}.weight", [k, unit.X.C, 3, 3]);
            yield return ($"{unit.NormName}.weight", [k]);
            yield return ($"{unit.NormName}.bias", [k]);
            if (parametersOnly) continue;
            yield return ($"{unit.NormName}.running_mean", [k]);
            yield return ($"{unit.NormName}.running_var", [k]);
        }
        yield return ("fc.weight", [architecture.Classes, architecture.Head.X.C]);
        yield return ("fc.bias", [architecture.Classes]);
    }

    /// <summary>The first few names, for a message.</summary>
    public static string Listed(IReadOnlyList<string> names) => names.Count switch
    {
        0 => "none",
        <= 4 => string.Join(", ", names.Select(PrintableText.Quoted)),
        _ => $"{string.Join(", ", names.Take(4).Select(PrintableText.Quoted))} and {names.Count - 4} more",
    };
}
