namespace CudnnResNet.Model;

/// <summary>Whether a state dict, or the file that holds it, is this network's.</summary>
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
        foreach (var tensor in state.Tensors) SameShape(architecture, tensor.Name, tensor.Shape, expected[tensor.Name]);
    }

    /// <summary>Compares a tensor's shape with the one that the architecture has.</summary>
    /// <exception cref="WeightsException">They differ.</exception>
    public static void SameShape(ArchitectureSpec architecture, string name, int[] shape, int[] expected)
    {
        if (!shape.AsSpan().SequenceEqual(expected))
            throw new WeightsException($"tensor '{name}' has shape ({string.Join(", ", shape)}), {architecture.Name} needs ({string.Join(", ", expected)})");
    }

    /// <summary>Looks at values that come from a file.</summary>
    /// <param name="name">The tensor's own name.</param>
    /// <param name="values">Its values.</param>
    /// <param name="told">Its name in the file, for the message; null for its own.</param>
    /// <exception cref="WeightsException">One is not finite, or a variance is negative.</exception>
    public static void Values(string name, float[] values, string? told = null)
    {
        bool isVariance = name.EndsWith(".running_var", StringComparison.Ordinal);
        foreach (float value in values)
        {
            if (!float.IsFinite(value)) throw new WeightsException($"tensor {PrintableText.Quoted(told ?? name)} holds {value}, which is not a finite float");
            if (isVariance && value < 0) throw new WeightsException($"tensor {PrintableText.Quoted(told ?? name)} holds {value}, and a variance is not negative");
        }
    }

    /// <summary>Makes sure that what a file holds is for a given network.</summary>
    /// <param name="subject">What it holds, for the message: <c>the weights are</c>.</param>
    /// <param name="theirs">The network it is for.</param>
    /// <param name="ours">The network it is wanted for.</param>
    /// <exception cref="WeightsException">They differ; the message names both.</exception>
    public static void SameNetwork(string subject, ArchitectureSpec theirs, ArchitectureSpec ours)
    {
        if (theirs.Name != ours.Name) throw new WeightsException($"{subject} {theirs.Name}'s, the network is {ours.Name}");
        if (theirs.Classes != ours.Classes) throw new WeightsException($"{subject} for {theirs.Classes} classes, the network has {ours.Classes}");
        if (ours.Architecture == Architecture.ResNet && theirs.Shortcut != ours.Shortcut)
            throw new WeightsException($"{subject} for {WeightsMetadata.Text(theirs.Shortcut)} shortcuts, the network has {WeightsMetadata.Text(ours.Shortcut)} ones");
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
