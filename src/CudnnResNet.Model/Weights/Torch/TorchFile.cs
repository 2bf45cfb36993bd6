using System.Buffers.Binary;
using System.Numerics;

namespace CudnnResNet.Model;

/// <summary>
/// A file that <c>torch.save</c> wrote: the zip format (since 1.6) or the one before it, read without executing anything. It holds a state
/// dict, by itself or inside a dictionary of a training script's, as <c>state_dict</c>, <c>model_state_dict</c>, <c>model</c> or <c>net</c>.
/// </summary>
/// <remarks>Read: F32, F64, F16 and BF16, with any strides; I64 only where the name ends in <c>num_batches_tracked</c>, and then it is left out.</remarks>
internal sealed class TorchFile : ITensorFile
{
    /// <summary>Longest pickle; a state dict of depth 1202 with its optimizer's takes 2 MB.</summary>
    private const int MaxPickle = 1 << 25;

    /// <summary>The newest version of the zip format: torch::jit's kMaxSupportedFileFormatVersion. Python's torch.save writes 3.</summary>
    private const int MaxZipVersion = 10;

    private const int LegacyProtocol = 1001;

    /// <summary>Elements that the tensors of a file may have in all, whatever its length: 16 MB as floats.</summary>
    private const int FreeElements = 1 << 22;

    /// <summary>Where training scripts put a state dict.</summary>
    private static readonly string[] Wrappers = ["state_dict", "model_state_dict", "model", "net"];

    private static readonly BigInteger LegacyMagic = BigInteger.Parse("01950a86a20f9469cfc6c", System.Globalization.NumberStyles.HexNumber);

    private readonly Dictionary<string, TorchTensor> tensors = new(StringComparer.Ordinal);
    private readonly List<string> names = [];

    private TorchFile(object? root, long fileLength)
    {
        long elements = 0;
        foreach (var (key, value) in StateDictOf(root).Entries)
        {
            if (key is not string name) throw new WeightsException($"a key of the state dict is {PickleMachine.Describe(key)}, not a text");
            if (value is not TorchTensor tensor) throw new WeightsException($"{PrintableText.Quoted(name)} in the state dict is {PickleMachine.Describe(value)}, not a tensor");
            if (tensor.Type == SafeTensorsHeader.Ignored && SafeTensorsHeader.IsCounter(name)) continue;
            if (!ElementType.IsFloat(tensor.Type)) throw new WeightsException($"tensor {PrintableText.Quoted(name)}: the type {tensor.Type} is not one of F32, F64, F16, BF16");
            elements += tensor.Count;
            tensors.Add(name, tensor);
            names.Add(name);
        }
        // Tensors may share a storage and repeat its elements, but not so that a small file fills the memory.
        if (elements > FreeElements + fileLength / 2) throw new WeightsException($"its tensors have {elements} elements, too many for a file of {fileLength} bytes");
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Names => names;

    /// <summary>Empty: the format has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

    /// <summary>Whether a file begins as one of PyTorch's does, rather than as a safetensors file.</summary>
    /// <param name="begin">Its first bytes, 8 of them or all there are.</param>
    public static bool Recognises(ReadOnlySpan<byte> begin)
    {
        if (begin.StartsWith("PK"u8)) return true;
        // A pickle's first bytes, read as a safetensors file's, ask for a longer header than there may be.
        return begin is [0x80, ..] && (begin.Length < 8 || BinaryPrimitives.ReadUInt64LittleEndian(begin) > SafeTensorsHeader.MaxLength);
    }

    /// <summary>Reads a file's bytes.</summary>
    /// <exception cref="WeightsException">It is damaged, or holds something else than tensors.</exception>
    public static TorchFile Read(ReadOnlyMemory<byte> file) => file.Span.StartsWith("PK"u8) ? ReadZip(file) : ReadLegacy(file);

    /// <inheritdoc/>
    public int[] Shape(string name) => [.. Tensor(name).Shape];

    /// <inheritdoc/>
    public float[] Floats(string name) => Tensor(name).Floats();

    private TorchTensor Tensor(string name) => tensors.TryGetValue(name, out var tensor) ? tensor : throw new WeightsException($"there is no tensor {PrintableText.Quoted(name)}");

    // ---- The zip format: FOLDER/data.pkl, FOLDER/data/KEY, FOLDER/version, FOLDER/byteorder ----

    private static TorchFile ReadZip(ReadOnlyMemory<byte> file)
    {
        const string pickleName = "/data.pkl";
        var zip = new StoredZip(file);
        var folders = zip.Names.Where(name => name.IndexOf('/') == name.Length - pickleName.Length && name.EndsWith(pickleName, StringComparison.Ordinal))
            .Select(name => name[..^"data.pkl".Length]).ToList();
        if (folders.Count != 1) throw new WeightsException($"a zip archive, but not one of torch.save: {folders.Count} of its entries are FOLDER/data.pkl");
        string folder = folders[0];
        if (zip.Contains(folder + "constants.pkl")) throw new WeightsException("a TorchScript archive: it holds a program; save the state dict instead: torch.save(model.state_dict(), FILE)");
        string version = Text("version");
        if (!int.TryParse(version, System.Globalization.NumberStyles.None, null, out int number) || number is < 1 or > MaxZipVersion)
            throw new WeightsException($"the format version {PrintableText.Quoted(version)} is not within 1..{MaxZipVersion}; the file is of a newer PyTorch, or damaged");
        if (zip.Contains(folder + "byteorder") && Text("byteorder") is var order && order != "little")
            throw new WeightsException($"the byte order {PrintableText.Quoted(order)} is not little; save the file on a little-endian machine");

        var pickle = zip.Read(folder + "data.pkl");
        if (pickle.Length > MaxPickle) throw new WeightsException($"a pickle of {pickle.Length} bytes, more than the {MaxPickle} allowed");
        var storages = new Storages(fields: 5);
        var machine = new PickleMachine(pickle, TorchGlobals.Table, storages.Load, new(file.Length));
        object? root = machine.Run();
        if (machine.Position != pickle.Length) throw new WeightsException($"{pickle.Length - machine.Position} bytes after the pickle belong to nothing");
        foreach (var storage in storages.All)
        {
            storage.Bytes = zip.Read($"{folder}data/{storage.Key}");
            if (storage.Bytes.Length != storage.Length) throw new WeightsException($"the storage {PrintableText.Quoted(storage.Key)} has {storage.Bytes.Length} bytes, not {storage.Count} elements of {storage.Type}");
        }
        return new(root, file.Length);

        string Text(string name)
        {
            var bytes = zip.Read(folder + name).Span;
            return System.Text.Encoding.ASCII.GetString(bytes[..Math.Min(bytes.Length, 100)]).Trim();
        }
    }

    // ---- The format before 1.6: magic number, protocol, system, object, storage keys (a pickle each), then each storage's count and bytes ----

    private static TorchFile ReadLegacy(ReadOnlyMemory<byte> file)
    {
        int at = 0;
        var budget = new PickleBudget(file.Length);
        var nothing = new Storages(fields: 0);
        if (Next(nothing) is not BigInteger magic || magic != LegacyMagic) throw new WeightsException("a pickle, but not one of torch.save: its first value is not PyTorch's magic number");
        object? protocol = Next(nothing);
        if (protocol is not BigInteger number || number != LegacyProtocol) throw new WeightsException($"the protocol is {PickleMachine.Describe(protocol)}, not {LegacyProtocol}");
        if (Next(nothing) is not PickleDict system || !system.TryGet("little_endian", out object? little) || little is not bool isLittle)
            throw new WeightsException("the file does not say which byte order it has");
        if (!isLittle) throw new WeightsException("the byte order is not little; save the file on a little-endian machine");

        var storages = new Storages(fields: 6);
        object? root = Next(storages);
        if (Next(nothing) is not List<object?> keys) throw new WeightsException("there is no list of the storages");
        if (keys.Count != storages.All.Count || keys.Any(key => key is not string text || storages.Find(text) is null) || keys.Distinct().Count() != keys.Count)
            throw new WeightsException("the list of the storages is not that of the tensors' storages");
        foreach (string key in keys.Cast<string>())
        {
            var storage = storages.Find(key)!;
            long left = file.Length - at - sizeof(long), count = left < 0 ? -1 : BinaryPrimitives.ReadInt64LittleEndian(file.Span[at..]);
            if (left < storage.Length) throw new WeightsException($"the storage {PrintableText.Quoted(key)} of {storage.Length} bytes is cut off; the file is truncated");
            if (count != storage.Count) throw new WeightsException($"the storage {PrintableText.Quoted(key)} has {count} elements, its tensors say {storage.Count}");
            storage.Bytes = file.Slice(at + sizeof(long), storage.Length);
            at += sizeof(long) + storage.Length;
        }
        if (at != file.Length) throw new WeightsException($"{file.Length - at} bytes after the last storage belong to nothing");
        return new(root, file.Length);

        object? Next(Storages known)
        {
            var machine = new PickleMachine(file.Slice(at, Math.Min(file.Length - at, MaxPickle)), TorchGlobals.Table, known.Load, budget);
            object? value = machine.Run();
            at += machine.Position;
            return value;
        }
    }

    /// <summary>The storages that a pickle's persistent ids name: ('storage', type, key, location, count), and in the old format a view, which is None.</summary>
    private sealed class Storages(int fields)
    {
        private readonly Dictionary<string, TorchStorage> byKey = new(StringComparer.Ordinal);

        public Dictionary<string, TorchStorage>.ValueCollection All => byKey.Values;

        public TorchStorage? Find(string key) => byKey.GetValueOrDefault(key);

        public TorchStorage Load(object? id)
        {
            if (id is PickleTuple { Items: ["module", ..] }) throw new WeightsException("the file holds a whole module, which is a program; save the state dict instead: torch.save(model.state_dict(), FILE)");
            if (id is not PickleTuple { Items: ["storage", TorchStorageType type, string key, string, BigInteger count, ..] items } || items.Count != fields)
                throw new WeightsException($"a persistent id is {PickleMachine.Describe(id)}, not that of a storage");
            if (items.Count == 6 && items[5] is not null) throw new WeightsException($"the storage {PrintableText.Quoted(key)} is a view of another; save the file with PyTorch 0.4 or newer");
            if (count < 0 || count * ElementType.BytesOf(type.Type) > int.MaxValue) throw new WeightsException($"the storage {PrintableText.Quoted(key)} of {PickleMachine.Describe(count)} elements is too large");
            var storage = new TorchStorage(key, type.Type, (int)count);
            if (!byKey.TryAdd(key, storage) && ((storage = byKey[key]).Type != type.Type || storage.Count != count))
                throw new WeightsException($"the storage {PrintableText.Quoted(key)} has two types or lengths");
            return storage;
        }
    }

    // ---- Where the state dict is ----

    private static PickleDict StateDictOf(object? root)
    {
        if (root is not PickleDict dictionary) throw new WeightsException($"the file holds {PickleMachine.Describe(root)}, not a state dict or a dictionary with one");
        var wrappers = Wrappers.Where(key => dictionary.TryGet(key, out object? value) && value is PickleDict).ToList();
        if (wrappers.Count > 1) throw new WeightsException($"the file holds more than one state dict: {string.Join(", ", wrappers)}");
        if (wrappers.Count == 1)
        {
            dictionary.TryGet(wrappers[0], out object? inner);
            return (PickleDict)inner!;
        }
        if (dictionary.Entries.Any(entry => entry.Value is TorchTensor)) return dictionary;
        var keys = dictionary.Entries.Select(entry => $"{entry.Key}").ToList();
        throw new WeightsException($"there is no state dict: the file's dictionary has {StateCheck.Listed(keys)}; it is looked for by itself or as one of {string.Join(", ", Wrappers)}");
    }
}
