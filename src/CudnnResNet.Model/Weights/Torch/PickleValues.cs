using System.Diagnostics.CodeAnalysis;

namespace CudnnResNet.Model;

/// <summary>A tuple of a pickle.</summary>
/// <param name="Items">Its items.</param>
internal sealed record PickleTuple(IReadOnlyList<object?> Items)
{
    /// <summary>The one without items.</summary>
    public static PickleTuple Empty { get; } = new([]);
}

/// <summary>
/// A dictionary of a pickle, in the order of its entries; an OrderedDict is one too. Keys are strings, numbers, truth values or None;
/// a key that comes twice is refused, because Python would keep one of the two and say nothing.
/// </summary>
internal sealed class PickleDict
{
    private static readonly object None = new();
    private readonly List<(object? Key, object? Value)> entries = [];
    private Dictionary<object, object?>? byKey; // most dictionaries of a file are empty: every tensor has one, of hooks

    /// <summary>The entries in their order.</summary>
    public IReadOnlyList<(object? Key, object? Value)> Entries => entries;

    /// <summary>Adds an entry.</summary>
    /// <exception cref="WeightsException">The key is of another kind, or is there already.</exception>
    public void Add(object? key, object? value)
    {
        if (key is not (null or string or bool or double or System.Numerics.BigInteger)) throw new WeightsException($"a dictionary's key is {PickleMachine.Describe(key)}");
        byKey ??= [];
        if (!byKey.TryAdd(key ?? None, value)) throw new WeightsException($"a dictionary has the key {PrintableText.Quoted($"{key ?? "None"}")} twice");
        entries.Add((key, value));
    }

    /// <summary>Looks an entry up.</summary>
    public bool TryGet(string key, [NotNullWhen(true)] out object? value) => (value = byKey?.GetValueOrDefault(key)) is not null;
}

/// <summary>Something that a pickle may name, from the reader's own table: nothing is ever imported.</summary>
/// <param name="Name">Its Python name: <c>collections.OrderedDict</c>.</param>
internal abstract record PickleGlobal(string Name);

/// <summary>A name that a pickle may call, and what the reader does for it.</summary>
/// <param name="Name">Its Python name.</param>
/// <param name="Call">Gets the arguments; throws a <see cref="WeightsException"/> where they are not the ones it takes.</param>
internal sealed record PickleFunction(string Name, Func<IReadOnlyList<object?>, object?> Call) : PickleGlobal(Name);
