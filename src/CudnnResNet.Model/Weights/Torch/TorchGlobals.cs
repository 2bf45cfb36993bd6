using System.Numerics;

namespace CudnnResNet.Model;

/// <summary>A storage class of PyTorch: the type of the elements.</summary>
/// <param name="Name">Its Python name: <c>torch.FloatStorage</c>.</param>
/// <param name="Type">See <see cref="ElementType"/>.</param>
internal sealed record TorchStorageType(string Name, string Type) : PickleGlobal(Name);

/// <summary>Every Python name that a file of weights may mention, and what it means here.</summary>
internal static class TorchGlobals
{
    /// <summary>The table.</summary>
    public static readonly IReadOnlyDictionary<string, PickleGlobal> Table = new PickleGlobal[]
    {
        new PickleFunction("collections.OrderedDict", OrderedDict),
        new PickleFunction("torch.Size", arguments => arguments is [PickleTuple sizes] ? sizes : throw Wrong("torch.Size", arguments)),
        new PickleFunction("torch._utils._rebuild_tensor", arguments => arguments.Count == 4 ? Tensor("_rebuild_tensor", arguments) : throw Wrong("_rebuild_tensor", arguments)),
        new PickleFunction("torch._utils._rebuild_tensor_v2", arguments => arguments.Count is 6 or 7 ? Tensor("_rebuild_tensor_v2", arguments) : throw Wrong("_rebuild_tensor_v2", arguments)),
        new PickleFunction("torch._utils._rebuild_parameter", arguments => arguments is [TorchTensor tensor, _, _] ? tensor : throw Wrong("_rebuild_parameter", arguments)),
        // libtorch's own pickler says the type of every dictionary and list: (value, "Dict[str, Tensor]").
        new PickleFunction("torch.jit._pickle.restore_type_tag", arguments => arguments is [var value, string] ? value : throw Wrong("restore_type_tag", arguments)),
        new TorchStorageType("torch.FloatStorage", "F32"),
        new TorchStorageType("torch.HalfStorage", "F16"),
        new TorchStorageType("torch.BFloat16Storage", "BF16"),
        new TorchStorageType("torch.DoubleStorage", "F64"),
        new TorchStorageType("torch.LongStorage", "I64"),
        new TorchStorageType("torch.IntStorage", "I32"),
        new TorchStorageType("torch.ShortStorage", "I16"),
        new TorchStorageType("torch.CharStorage", "I8"),
        new TorchStorageType("torch.ByteStorage", "U8"),
        new TorchStorageType("torch.BoolStorage", "BOOL"),
    }.ToDictionary(global => global.Name, StringComparer.Ordinal);

    // Python 3 makes it empty and sets its items afterwards, Python 2 gives a list of pairs.
    private static PickleDict OrderedDict(IReadOnlyList<object?> arguments)
    {
        var dictionary = new PickleDict();
        if (arguments is [List<object?> pairs])
        {
            foreach (object? pair in pairs)
            {
                if (pair is PickleTuple { Items: [var key, var value] }) dictionary.Add(key, value);
                else if (pair is List<object?> and [var listKey, var listValue]) dictionary.Add(listKey, listValue);
                else throw Wrong("collections.OrderedDict", arguments);
            }
        }
        else if (arguments.Count > 0)
        {
            throw Wrong("collections.OrderedDict", arguments);
        }
        return dictionary;
    }

    // (storage, offset, shape, strides, …); whether it needs a gradient and its hooks, which are what follows, is nothing to a reader.
    private static TorchTensor Tensor(string function, IReadOnlyList<object?> arguments) =>
        arguments is [TorchStorage storage, BigInteger offset, PickleTuple shape, PickleTuple strides, ..]
            ? TorchTensor.Create(storage, offset, Integers(shape), Integers(strides))
            : throw Wrong(function, arguments);

    private static List<BigInteger> Integers(PickleTuple tuple) =>
        // More than a tensor has are refused by their number.
        [.. tuple.Items.Take(SafeTensorsHeader.MaxRank + 1).Select(item => item is BigInteger number ? number : throw new WeightsException($"{PickleMachine.Describe(item)} stands for a size or a stride"))];

    private static WeightsException Wrong(string function, IReadOnlyList<object?> arguments)
    {
        string given = string.Join(", ", arguments.Take(8).Select(PickleMachine.Describe));
        return new($"{function} is called with {(given.Length == 0 ? "nothing" : given.Length > 200 ? given[..200] + "…" : given)}");
    }
}
