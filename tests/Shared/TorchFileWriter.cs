namespace CudnnResNet.Tests;

/// <summary>A tensor of a file that torch.save would have written.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Shape">Sizes.</param>
/// <param name="Storage">The number of its storage.</param>
internal sealed record TorchTensorBytes(string Name, long[] Shape, int Storage)
{
    public long Offset { get; init; }

    /// <summary>Row-major without gaps where null.</summary>
    public long[]? Strides { get; init; }

    public long[] StridesOrContiguous()
    {
        if (Strides is not null) return Strides;
        var strides = new long[Shape.Length];
        for (long i = Shape.Length - 1, step = 1; i >= 0; step *= Shape[i--]) strides[i] = step;
        return strides;
    }
}

/// <summary>The memory of tensors.</summary>
/// <param name="Class">The name of PyTorch's class: FloatStorage.</param>
/// <param name="Count">Elements.</param>
/// <param name="Bytes">Their bytes.</param>
internal sealed record TorchStorageBytes(string Class, long Count, byte[] Bytes)
{
    public static TorchStorageBytes Of(params float[] values) => new("FloatStorage", values.Length, [.. values.SelectMany(BitConverter.GetBytes)]);

    public static TorchStorageBytes OfHalves(params float[] values) => new("HalfStorage", values.Length, [.. values.SelectMany(value => BitConverter.GetBytes((Half)value))]);

    public static TorchStorageBytes OfBFloat16(params float[] values) => new("BFloat16Storage", values.Length, [.. values.SelectMany(value => BitConverter.GetBytes(value)[2..])]);

    public static TorchStorageBytes OfLongs(params long[] values) => new("LongStorage", values.Length, [.. values.SelectMany(BitConverter.GetBytes)]);
}

/// <summary>Writes files as torch.save does, byte by byte, and so that a test can spoil any part of them.</summary>
internal sealed class TorchFileWriter
{
    public List<TorchTensorBytes> Tensors { get; } = [];

    public List<TorchStorageBytes> Storages { get; } = [];

    /// <summary>The key of the state dict in a dictionary around it, which also has an epoch and the like; null for a bare state dict.</summary>
    public string? Wrapper { get; init; }

    /// <summary>True: each tensor is a Parameter.</summary>
    public bool Parameters { get; init; }

    private bool legacy;

    /// <summary>Adds a tensor with a storage of its own.</summary>
    public TorchFileWriter Add(string name, int[] shape, float[] values, Func<float[], TorchStorageBytes>? storage = null)
    {
        Tensors.Add(new(name, [.. shape.Select(size => (long)size)], Storages.Count));
        Storages.Add((storage ?? TorchStorageBytes.Of)(values));
        return this;
    }

    // ---- The zip format ----

    public byte[] Zip(string folder = "archive") => ZipWriter.Write([.. ZipEntries(folder)]);

    public List<ZipEntryBytes> ZipEntries(string folder = "archive")
    {
        legacy = false;
        List<ZipEntryBytes> entries = [new($"{folder}/data.pkl", Object()), new($"{folder}/byteorder", "little"u8.ToArray())];
        entries.AddRange(Storages.Select((storage, key) => new ZipEntryBytes($"{folder}/data/{key}", storage.Bytes)));
        return [.. entries, new($"{folder}/version", "3\n"u8.ToArray()), new($"{folder}/.data/serialization_id", "0123456789"u8.ToArray())];
    }

    // ---- The format before 1.6 ----

    public byte[] Legacy() => [.. LegacyParts().SelectMany(part => part)];

    /// <summary>Magic number, protocol, system, object, storage keys, and each storage's count and bytes.</summary>
    public List<byte[]> LegacyParts()
    {
        legacy = true;
        var magic = Convert.FromHexString("6cfc9c46f9206aa85019");
        var system = new PickleWriter().EmptyDict().Mark()
            .Text("protocol_version").Integer(1001)
            .Text("little_endian").Bool(true)
            .Text("type_sizes").EmptyDict().Mark().Text("short").Integer(2).Text("int").Integer(4).Text("long").Integer(4).SetItems()
            .SetItems();
        var keys = new PickleWriter().Opcode(']').Memoize().Mark();
        foreach (int key in Enumerable.Range(0, Storages.Count)) keys.Text($"{key}");
        List<byte[]> parts = [new PickleWriter().Long(magic).Stop(), new PickleWriter().Integer(1001).Stop(), system.Stop(), Object(), keys.Opcode('e').Stop()];
        foreach (var storage in Storages) parts.Add([.. BitConverter.GetBytes(storage.Count), .. storage.Bytes]);
        return parts;
    }

    // ---- The object: an OrderedDict of tensors, with PyTorch's _metadata as its attribute ----

    private byte[] Object()
    {
        var pickle = new PickleWriter();
        if (Wrapper is null)
        {
            StateDict(pickle);
            return pickle.Stop();
        }
        pickle.EmptyDict().Mark().Text("epoch").Integer(164).Text("best_prec1").Double(91.73).Text("arch").Text("resnet20").Text("scheduler").None().Text(Wrapper);
        StateDict(pickle);
        return pickle.SetItems().Stop();
    }

    private void StateDict(PickleWriter pickle)
    {
        pickle.OrderedDict().Mark();
        foreach (var tensor in Tensors)
        {
            pickle.Text(tensor.Name);
            if (Parameters) pickle.Global("torch._utils", "_rebuild_parameter").Mark();
            Tensor(pickle, tensor);
            if (Parameters) pickle.Bool(true).OrderedDict().Tuple().Opcode('R').Memoize();
        }
        pickle.SetItems();
        pickle.EmptyDict().Text("_metadata").OrderedDict().Mark().Text("bn1").EmptyDict().Text("version").Integer(2).Opcode('s').SetItems().Opcode('s').Opcode('b');
    }

    private void Tensor(PickleWriter pickle, TorchTensorBytes tensor)
    {
        var storage = Storages[tensor.Storage];
        pickle.Global("torch._utils", "_rebuild_tensor_v2").Mark();
        pickle.Mark().Text("storage").Global("torch", storage.Class).Text($"{tensor.Storage}").Text("cpu").Integer(storage.Count);
        if (legacy) pickle.None();
        pickle.Tuple().Opcode('Q');
        pickle.Integer(tensor.Offset).Integers(tensor.Shape).Integers(tensor.StridesOrContiguous()).Bool(false).OrderedDict().Tuple().Opcode('R').Memoize();
    }
}
