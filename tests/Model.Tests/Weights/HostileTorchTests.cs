using System.Text;

namespace CudnnResNet.Model.Tests.Weights;

/// <summary>Every check of the reader of PyTorch's files, each with a file that only this check refuses.</summary>
[TestClass]
public class HostileTorchTests
{
    // ---- What a pickle may do ----

    private static IEnumerable<(string What, byte[] Pickle, string Message)> Pickles()
    {
        yield return ("runs a command", Pickle(p => p.Global("posix", "system").Text("touch /tmp/owned").Opcode(0x85).Opcode('R')), "'posix.system' is not among the names");
        yield return ("evaluates", Pickle(p => p.Global("builtins", "eval").Text("1").Opcode(0x85).Opcode('R')), "'builtins.eval'");
        yield return ("evaluates, named on the stack", Pickle(p => p.Text("builtins").Text("exec").Opcode(0x93)), "'builtins.exec'");
        yield return ("imports", Pickle(p => p.Global("importlib", "import_module")), "'importlib.import_module'");
        yield return ("loads another pickle", Pickle(p => p.Global("torch", "load")), "'torch.load'");
        yield return ("a name with a dot too many", Pickle(p => p.Global("torch._utils._rebuild_tensor_v2", "__globals__")), "'torch._utils._rebuild_tensor_v2.__globals__'");
        yield return ("a class of its own", Pickle(p => p.Global("models", "ResNet")), "'models.ResNet'");
        yield return ("numpy", Pickle(p => p.Global("numpy.core.multiarray", "scalar")), "'numpy.core.multiarray.scalar'");
        yield return ("makes an object", Pickle(p => p.Global("collections", "OrderedDict").Opcode(')').Opcode(0x81)), "the opcode NEWOBJ (0x81)");
        yield return ("makes an instance", Pickle(p => p.Mark().Opcode('i').Raw("os\nsystem\n"u8)), "the opcode INST (0x69)");
        yield return ("an object of protocol 0", Pickle(p => p.Mark().Global("os", "system").Opcode('o')), "'os.system'");
        yield return ("OBJ", Pickle(p => p.Mark().None().Opcode('o')), "the opcode OBJ (0x6F)");
        yield return ("an extension", Pickle(p => p.Opcode(0x82).Raw(1)), "the opcode EXT1 (0x82)");
        yield return ("a number in words", Pickle(p => p.Opcode('I').Raw("1\n"u8)), "the opcode INT (0x49)");
        yield return ("a long of 4 length bytes", Pickle(p => p.Opcode(0x8B).Raw(0xFF, 0xFF, 0xFF, 0x7F)), "the opcode LONG4 (0x8B)");
        yield return ("bytes", Pickle(p => p.Opcode('C').Raw(1, 0)), "the opcode SHORT_BINBYTES (0x43)");
        yield return ("a text persistent id", Pickle(p => p.Opcode('P').Raw("x\n"u8)), "the opcode PERSID (0x50)");
        yield return ("an opcode that does not exist", Pickle(p => p.Opcode(0xFE)), "the opcode unknown (0xFE)");
        yield return ("calls a storage class", Pickle(p => p.Global("torch", "FloatStorage").Opcode(')').Opcode('R')), "torch.FloatStorage is called, which is no function");
        yield return ("calls a text", Pickle(p => p.Text("system").Opcode(')').Opcode('R')), "the text 'system' is called");
        yield return ("calls without a tuple", Pickle(p => p.Global("collections", "OrderedDict").None().Opcode('R')), "called with None instead of a tuple");
        yield return ("calls with what it does not take", Pickle(p => p.Global("collections", "OrderedDict").Integer(1).Opcode(0x85).Opcode('R')), "OrderedDict is called with the value '1'");
        yield return ("rebuilds from nothing", Pickle(p => p.Global("torch._utils", "_rebuild_tensor_v2").Opcode(')').Opcode('R')), "_rebuild_tensor_v2 is called with nothing");
        yield return ("gives attributes to a list", Pickle(p => p.Opcode(']').EmptyDict().Opcode('b')), "a list is given attributes");
        yield return ("gives attributes to a tensor's function", Pickle(p => p.Global("torch._utils", "_rebuild_tensor_v2").EmptyDict().Opcode('b')), "is given attributes");

        yield return ("not finished", new PickleWriter().None().Stop()[..^1], "the file is truncated or damaged");
        yield return ("empty", [], "1 bytes are needed and 0 follow");
        yield return ("protocol 1", [0x80, 1, (byte)'N', (byte)'.'], "the pickle protocol 1 is not within 2..5");
        yield return ("protocol 6", [0x80, 6, (byte)'N', (byte)'.'], "the pickle protocol 6 is not within 2..5");
        yield return ("nothing on the stack", Pickle(_ => { }), "ends with 0 values and 0 marks");
        yield return ("two values", Pickle(p => p.None().None()), "ends with 2 values and 0 marks");
        yield return ("a mark left", Pickle(p => p.None().Mark()), "ends with 1 values and 1 marks");
        yield return ("takes from an empty stack", Pickle(p => p.Opcode(0x85)), "the stack is empty");
        yield return ("takes from below a mark", Pickle(p => p.None().Mark().Opcode(0x85)), "the stack is empty");
        yield return ("no mark", Pickle(p => p.Opcode('t')), "there is no mark");
        yield return ("a memo entry that is not there", Pickle(p => p.Opcode('h').Raw(7)), "the memo has no entry 7");
        yield return ("a memo entry of 32 bits", Pickle(p => p.None().Opcode('r').Raw(0xFF, 0xFF, 0xFF, 0xFF)), "4294967295 is too large");
        yield return ("a text longer than the file", Pickle(p => p.Opcode('X').Raw(0, 1, 0, 0)), "256 bytes are needed");
        yield return ("a text of 2 GB", Pickle(p => p.Opcode('X').Raw(0xFF, 0xFF, 0xFF, 0x7F)), "a text of 2147483647 bytes, more than");
        yield return ("a text that is not UTF-8", Pickle(p => p.Opcode(0x8C).Raw(1, 0xC3)), "a text is not UTF-8");
        yield return ("a frame longer than the file", Pickle(p => p.Opcode(0x95).Raw(0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)), "a frame of 18446744073709551615 bytes");
        yield return ("a name without an end", Pickle(p => p.Opcode('c').Raw("os"u8)), "1 bytes are needed");
        yield return ("appends to a dictionary", Pickle(p => p.EmptyDict().None().Opcode('a')), "items are appended to a dictionary");
        yield return ("sets items of a list", Pickle(p => p.Opcode(']').None().None().Opcode('s')), "items are set in a list");
        yield return ("a key without a value", Pickle(p => p.EmptyDict().Mark().Text("a").SetItems()), "a key has no value");
        yield return ("a key twice", Pickle(p => p.EmptyDict().Mark().Text("a").None().Text("a").None().SetItems()), "a dictionary has the key 'a' twice");
        yield return ("a key twice, in two calls", Pickle(p => p.EmptyDict().Text("a").None().Opcode('s').Text("a").None().Opcode('s')), "the key 'a' twice");
        yield return ("a list as a key", Pickle(p => p.EmptyDict().Opcode(']').None().Opcode('s')), "a dictionary's key is a list");
        yield return ("a persistent id that is none", Pickle(p => p.Text("0").Opcode('Q')), "a persistent id is the text '0'");
        yield return ("a whole module", Pickle(p => p.Mark().Text("module").None().Text("f.py").Text("class Net: pass").Tuple().Opcode('Q')), "a whole module, which is a program");
        yield return ("a storage without a class", Pickle(p => p.Mark().Text("storage").Text("FloatStorage").Text("0").Text("cpu").Integer(1).Tuple().Opcode('Q')), "a persistent id is a tuple, not that of a storage");
        yield return ("a storage with a view", Pickle(p => p.Mark().Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").Integer(1).None().Tuple().Opcode('Q')), "not that of a storage");
        yield return ("a storage of 2^62 elements", Pickle(p => StorageOf(p, 1L << 62)), "is too large");
        yield return ("a storage of 2^29 elements", Pickle(p => StorageOf(p, 1L << 29)), "is too large");
        yield return ("a storage of -1 elements", Pickle(p => StorageOf(p, -1)), "is too large");

        yield return ("a list", Pickle(p => p.Opcode(']')), "the file holds a list, not a state dict");
        yield return ("an empty dictionary", Pickle(p => p.EmptyDict()), "there is no state dict: the file's dictionary has none");
        yield return ("a dictionary without tensors", Pickle(p => p.EmptyDict().Mark().Text("weights").Integer(1).SetItems()), "the file's dictionary has 'weights'");
        yield return ("two state dicts", Pickle(p => p.EmptyDict().Mark().Text("net").EmptyDict().Text("model").EmptyDict().SetItems()), "more than one state dict: model, net");
        yield return ("something that is no tensor", Pickle(p => p.EmptyDict().Mark().Text("net").EmptyDict().Text("conv1.weight").Integer(3).Opcode('s').SetItems()), "'conv1.weight' in the state dict is the value '3'");
        yield return ("a key that is no text", Pickle(p => p.EmptyDict().Mark().Text("net").EmptyDict().Integer(5).Integer(3).Opcode('s').SetItems()), "a key of the state dict is the value '5'");
    }

    private static byte[] Pickle(Action<PickleWriter> write)
    {
        var writer = new PickleWriter();
        write(writer);
        return writer.Stop();
    }

    private static void StorageOf(PickleWriter pickle, long count) =>
        pickle.Mark().Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").Integer(count).Tuple().Opcode('Q');

    public static IEnumerable<object[]> PickleTable => Pickles().Select(c => new object[] { c.What, c.Pickle, c.Message });

    [TestMethod]
    [DynamicData(nameof(PickleTable), DynamicDataDisplayName = nameof(Named))]
    public void A_pickle_is_refused(string what, byte[] pickle, string message) =>
        Refused(what, ZipWriter.Write(new("a/data.pkl", pickle), new ZipEntryBytes("a/version", "3\n"u8.ToArray())), message);

    // ---- What a tensor may claim ----

    private static IEnumerable<(string What, TorchTensorBytes Tensor, string Message)> Tensors()
    {
        yield return ("beyond its storage", new("t", [25], 0), "is not within its storage of 24");
        yield return ("an offset beyond it", new("t", [1], 0) { Offset = 24 }, "is not within its storage");
        yield return ("an offset near 2^63", new("t", [1], 0) { Offset = long.MaxValue }, "is not within its storage");
        yield return ("a negative offset", new("t", [1], 0) { Offset = -1 }, "does not exist");
        yield return ("a stride beyond it", new("t", [2], 0) { Strides = [24] }, "is not within its storage");
        yield return ("a stride near 2^63", new("t", [3], 0) { Strides = [long.MaxValue / 2] }, "is not within its storage");
        yield return ("strides that overflow back into it", new("t", [2, 2], 0) { Strides = [1L << 62, long.MaxValue - (1L << 62)] }, "is not within its storage");
        yield return ("a negative stride", new("t", [2], 0) { Offset = 5, Strides = [-1] }, "does not exist");
        yield return ("a negative size", new("t", [-1], 0), "does not exist");
        yield return ("two negative sizes", new("t", [-2, -2], 0), "does not exist");
        yield return ("fewer strides than sizes", new("t", [2, 2], 0) { Strides = [1] }, "does not exist");
        yield return ("rank 9", new("t", [1, 1, 1, 1, 1, 1, 1, 1, 1], 0), "does not exist");
        yield return ("one element 2^40 times", new("t", [1L << 20, 1L << 20], 0) { Strides = [0, 0] }, "is too large");
        yield return ("one element 2^31 times", new("t", [1L << 31], 0) { Strides = [0] }, "is too large");
        yield return ("a product that overflows to 0", new("t", [1L << 32, 1L << 32], 0) { Strides = [0, 0] }, "is too large");
        yield return ("a size of 2^40 beside one of 0", new("t", [1L << 40, 0], 0) { Strides = [0, 0] }, "is too large");
        yield return ("an empty tensor beyond its storage", new("t", [0], 0) { Offset = 25 }, "is not within its storage");
    }

    public static IEnumerable<object[]> TensorTable => Tensors().Select(c => new object[] { c.What, c.Tensor, c.Message });

    [TestMethod]
    [DynamicData(nameof(TensorTable), DynamicDataDisplayName = nameof(Named))]
    public void A_tensor_is_refused(string what, object tensor, string message)
    {
        var writer = new TorchFileWriter();
        writer.Storages.Add(TorchStorageBytes.Of(new float[24]));
        writer.Tensors.Add((TorchTensorBytes)tensor);
        Refused(what, writer.Zip(), message);
        Refused(what, writer.Legacy(), message);
    }

    [TestMethod]
    public void A_type_that_is_no_weights_is_refused()
    {
        Refused("longs", new TorchFileWriter().Add("w", [1], [0], _ => TorchStorageBytes.OfLongs(1)).Zip(), "tensor 'w': the type I64 is not one of F32, F64, F16, BF16");
        Refused("complex", new TorchFileWriter().Add("w", [1], [0], _ => new("ComplexFloatStorage", 1, new byte[8])).Zip(), "'torch.ComplexFloatStorage' is not among the names");
        Refused("quantised", new TorchFileWriter().Add("w", [1], [0], _ => new("QInt8Storage", 1, new byte[1])).Zip(), "'torch.QInt8Storage'");
    }

    // ---- What a zip archive may claim ----

    private static readonly TorchFileWriter Good = new TorchFileWriter().Add("w", [2], [1, 2]).Add("v", [1], [3]);

    private static IEnumerable<(string What, byte[] File, string Message)> Archives()
    {
        const string data = "archive/data/0";
        yield return ("compressed", With(data, entry => entry with { Method = 8 }), "'archive/data/0' is compressed (method 8)");
        yield return ("a compressed entry that says 4 GB", With(data, entry => entry with { Method = 8, Length = uint.MaxValue - 1 }), "is compressed (method 8)");
        yield return ("encrypted", With(data, entry => entry with { Flags = 1 }), "is encrypted");
        yield return ("a length that is not the stored one", With(data, entry => entry with { Length = 1 << 30, Packed = 8 }), "is stored in 8 bytes and is to have 1073741824");
        yield return ("a length beyond the file", With(data, entry => entry with { Length = 1 << 30 }), "is not within the file");
        yield return ("a length of ZIP64", With(data, entry => entry with { Length = uint.MaxValue }), "says 4294967295 for an entry's length");
        yield return ("a place of ZIP64", With(data, entry => entry with { Place = uint.MaxValue }), "says 4294967295 for an entry's place");
        yield return ("a place beyond the file", With(data, entry => entry with { Place = 1 << 30 }), "has no header where it should be");
        yield return ("a place inside another entry", With(data, entry => entry with { Place = 1 }), "has no header where it should be");
        yield return ("the place of another entry", With(data, entry => entry with { Place = 0 }), "'archive/data/0' has another name in its own header");
        yield return ("another name in its header", With(data, entry => entry with { LocalName = "archive/data/X" }), "has another name in its own header");
        yield return ("another CRC", With(data, entry => entry with { Crc = 1 }), "'archive/data/0' is damaged: its CRC-32 is another");
        yield return ("a damaged pickle", With("archive/data.pkl", entry => entry with { Crc = 1 }), "'archive/data.pkl' is damaged");
        yield return ("an entry twice", ZipWriter.Write([.. Good.ZipEntries(), Good.ZipEntries()[2]]), "'archive/data/0' occurs twice");
        yield return ("a storage that is missing", ZipWriter.Write([.. Good.ZipEntries().Where(entry => entry.Name != data)]), "has no entry 'archive/data/0'");
        yield return ("a storage that is too short", With(data, entry => entry with { Bytes = entry.Bytes[..7] }), "the storage '0' has 7 bytes, not 2 elements of F32");
        yield return ("a storage that is too long", With(data, entry => entry with { Bytes = [.. entry.Bytes, 0] }), "the storage '0' has 9 bytes");
        yield return ("no version", ZipWriter.Write([.. Good.ZipEntries().Where(entry => entry.Name != "archive/version")]), "has no entry 'archive/version'");
        yield return ("version 11", With("archive/version", entry => entry with { Bytes = "11\n"u8.ToArray() }), "the format version '11' is not within 1..10");
        yield return ("a version in words", With("archive/version", entry => entry with { Bytes = "three"u8.ToArray() }), "the format version 'three'");
        yield return ("big-endian", With("archive/byteorder", entry => entry with { Bytes = "big"u8.ToArray() }), "the byte order 'big' is not little");
        yield return ("bytes after the pickle", With("archive/data.pkl", entry => entry with { Bytes = [.. entry.Bytes, 0] }), "1 bytes after the pickle");
        yield return ("a pickle of 32 MiB and one byte", With("archive/data.pkl", entry => entry with { Bytes = new byte[(1 << 25) + 1] }), "a pickle of 33554433 bytes");
        yield return ("two pickles", ZipWriter.Write([.. Good.ZipEntries(), new("other/data.pkl", [])]), "2 of its entries are FOLDER/data.pkl");
        yield return ("no pickle", ZipWriter.Write(new ZipEntryBytes("weights.npy", [])), "a zip archive, but not one of torch.save");
        yield return ("an empty archive", ZipWriter.Write(), "a zip archive, but not one of torch.save");
        yield return ("TorchScript", ZipWriter.Write([.. Good.ZipEntries(), new("archive/constants.pkl", [])]), "a TorchScript archive: it holds a program");
        byte[] good = Good.Zip();
        yield return ("cut in the middle", good[..(good.Length / 2)], "has no directory; it is truncated or damaged");
        yield return ("cut by one byte", good[..^1], "has no directory");
        yield return ("a byte too many", [.. good, 0], "has no directory");
        yield return ("two letters", "PK"u8.ToArray(), "has no directory");
        yield return ("several parts", Spoiled(good.Length - 18, 1), "one of several parts");
        yield return ("more entries than there are", Spoiled(good.Length - 14, 8, good.Length - 12, 8), "the zip archive's directory is damaged");
        yield return ("fewer entries than there are", Spoiled(good.Length - 14, 1, good.Length - 12, 1), "bytes of the zip archive's directory belong to no entry");
        yield return ("a directory beyond the file", Spoiled(good.Length - 8, 0xFF), "is not within the file");

        byte[] Spoiled(params int[] changes)
        {
            var bytes = (byte[])good.Clone();
            for (int i = 0; i < changes.Length; i += 2) bytes[changes[i]] = (byte)changes[i + 1];
            return bytes;
        }
    }

    private static byte[] With(string name, Func<ZipEntryBytes, ZipEntryBytes> change) =>
        ZipWriter.Write([.. Good.ZipEntries().Select(entry => entry.Name == name ? change(entry) : entry)]);

    public static IEnumerable<object[]> ArchiveTable => Archives().Select(c => new object[] { c.What, c.File, c.Message });

    [TestMethod]
    [DynamicData(nameof(ArchiveTable), DynamicDataDisplayName = nameof(Named))]
    public void An_archive_is_refused(string what, byte[] file, string message) => Refused(what, file, message);

    [TestMethod]
    public void Entries_that_overlap_are_refused()
    {
        // The second storage's entry lies whole inside the first's bytes.
        byte[] inner = ZipWriter.Write(new ZipEntryBytes("archive/data/1", BitConverter.GetBytes(3f)));
        var entries = Good.ZipEntries();
        int place = Encoding.Latin1.GetString(ZipWriter.Write([.. entries.Select(entry => entry.Name == "archive/data/0" ? entry with { Bytes = inner } : entry)])).IndexOf(Encoding.Latin1.GetString(inner), StringComparison.Ordinal);
        byte[] file = ZipWriter.Write([.. entries.Select(entry => entry.Name switch
        {
            "archive/data/0" => entry with { Bytes = inner },
            "archive/data/1" => entry with { Place = (uint)place },
            _ => entry,
        })]);
        Refused("overlap", file, "'archive/data/1' overlaps the entry before it");
    }

    // ---- What the old format may claim ----

    private static IEnumerable<(string What, byte[] File, string Message)> LegacyFiles()
    {
        yield return ("another magic number", Parts(0, new PickleWriter().Long(Convert.FromHexString("6cfc9c46f9206aa8501a")).Stop()), "its first value is not PyTorch's magic number");
        yield return ("a pickle of something else", Parts(0, Pickle(p => p.EmptyDict())), "a pickle, but not one of torch.save");
        yield return ("another protocol", Parts(1, Pickle(p => p.Integer(1002))), "the protocol is the value '1002', not 1001");
        yield return ("no byte order", Parts(2, Pickle(p => p.EmptyDict())), "does not say which byte order");
        yield return ("big-endian", Parts(2, Pickle(p => p.EmptyDict().Text("little_endian").Bool(false).Opcode('s'))), "the byte order is not little");
        yield return ("a call in the system", Parts(2, Pickle(p => p.Global("os", "system"))), "'os.system'");
        yield return ("a storage in the magic number's place", Parts(0, Pickle(p => StorageOf(p, 1))), "a persistent id");
        yield return ("no keys", Parts(4, Pickle(p => p.None())), "there is no list of the storages");
        yield return ("a key too few", Parts(4, Keys("0")), "the list of the storages is not that of the tensors' storages");
        yield return ("a key of nothing", Parts(4, Keys("0", "2")), "the list of the storages");
        yield return ("a key twice", Parts(4, Keys("0", "0")), "the list of the storages");
        yield return ("another count", Parts(5, [.. BitConverter.GetBytes(3L), .. new byte[8]]), "the storage '0' has 3 elements, its tensors say 2");
        yield return ("a count of -1", Parts(5, [.. BitConverter.GetBytes(-1L), .. new byte[8]]), "the storage '0' has -1 elements");
        yield return ("bytes at the end", [.. Good.Legacy(), 0], "1 bytes after the last storage");
        yield return ("a storage that is a view", Parts(3, Pickle(p => p.Mark().Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").Integer(1).Text("view").Tuple().Opcode('Q'))), "is a view of another");
        yield return ("a storage with two lengths", Parts(3, Pickle(p => p.Mark().Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").Integer(1).None().Tuple().Opcode('Q')
            .Mark().Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").Integer(2).None().Tuple().Opcode('Q'))), "the storage '0' has two types or lengths");
        yield return ("a tar archive", Tar(), "a tar archive, PyTorch's format before 0.1.10, is not read");
    }

    private static byte[] Parts(int index, byte[] part)
    {
        var parts = Good.LegacyParts();
        parts[index] = part;
        return [.. parts.SelectMany(bytes => bytes)];
    }

    private static byte[] Keys(params string[] keys) => Pickle(p =>
    {
        p.Opcode(']').Mark();
        foreach (string key in keys) p.Text(key);
        p.Opcode('e');
    });

    private static byte[] Tar()
    {
        var file = new byte[1024];
        "sys_info"u8.CopyTo(file);
        "ustar"u8.CopyTo(file.AsSpan(257));
        return file;
    }

    public static IEnumerable<object[]> LegacyTable => LegacyFiles().Select(c => new object[] { c.What, c.File, c.Message });

    [TestMethod]
    [DynamicData(nameof(LegacyTable), DynamicDataDisplayName = nameof(Named))]
    public void A_legacy_file_is_refused(string what, byte[] file, string message) => Refused(what, file, message);

    // ---- Files that ask for too much ----

    [TestMethod]
    public void References_to_references_take_no_memory()
    {
        // Each list holds the one before it twice: 2^60 items, were they ever counted.
        var pickle = new PickleWriter().Opcode(']').Opcode('q').Raw(0);
        for (int i = 1; i < 60; i++) pickle.Opcode(']').Mark().Opcode('h').Raw((byte)(i - 1)).Opcode('h').Raw((byte)(i - 1)).Opcode('e').Opcode('q').Raw((byte)i);
        RefusedWithin(1 << 20, pickle.Mark().Stop(), "marks instead of one value");
    }

    [TestMethod]
    public void Nesting_takes_no_stack()
    {
        var pickle = new PickleWriter().None();
        for (int i = 0; i < 90_000; i++) pickle.Opcode(0x85);
        RefusedWithin(1 << 24, pickle.Stop(), "the file holds a tuple, not a state dict");
    }

    [TestMethod]
    public void A_pickle_of_too_many_opcodes_is_refused()
    {
        var pickle = new PickleWriter().None();
        for (int i = 0; i < 1_000_000; i++) pickle.Opcode(0x85).Opcode(0x85);
        RefusedWithin(1 << 26, pickle.Stop(), "opcodes and items, which is too much for a file of");
    }

    [TestMethod]
    public void No_flipped_byte_and_no_cut_of_the_zip_gives_other_values()
    {
        byte[] good = Good.Zip();
        int refused = 0;
        for (int i = 0; i < good.Length; i++)
        {
            var altered = (byte[])good.Clone();
            altered[i] ^= (byte)(1 << (i % 8));
            try
            {
                var file = TorchFile.Read(altered);
                CollectionAssert.AreEqual(new float[] { 1, 2 }, file.Floats("w"), $"byte {i}");
                CollectionAssert.AreEqual(new float[] { 3 }, file.Floats("v"), $"byte {i}");
            }
            catch (WeightsException)
            {
                refused++;
            }
            Assert.ThrowsExactly<WeightsException>(() => TorchFile.Read(good.AsMemory(0, i)), $"cut at {i}");
        }
        Assert.IsGreaterThan(good.Length / 3, refused, "only padding and what no reader looks at may be altered unnoticed");
    }

    [TestMethod]
    public void No_cut_of_the_legacy_file_is_read()
    {
        byte[] good = Good.Legacy();
        for (int i = 0; i < good.Length; i++) Assert.ThrowsExactly<WeightsException>(() => TorchFile.Read(good.AsMemory(0, i)), $"cut at {i}");
        for (int i = 0; i < good.Length; i++)
        {
            var altered = (byte[])good.Clone();
            altered[i] ^= (byte)(1 << (i % 8));
            // The format has no checksum; an altered byte may alter a value or a name, but gives no other error.
            try
            {
                TorchFile.Read(altered);
            }
            catch (WeightsException)
            {
            }
        }
    }

    [TestMethod]
    public void The_files_that_the_cases_vary_are_good()
    {
        CollectionAssert.AreEqual(new[] { "w", "v" }, TorchFile.Read(Good.Zip()).Names.ToArray());
        CollectionAssert.AreEqual(new[] { "w", "v" }, TorchFile.Read(Good.Legacy()).Names.ToArray());
    }

    [TestMethod]
    public void Every_opcode_has_a_name_and_no_byte_two()
    {
        // pickletools knows 68 opcodes.
        Assert.HasCount(68, Enumerable.Range(0, 256).Where(value => PickleOpcodes.NameOf((byte)value) != "unknown").ToList());
        Assert.HasCount(68, Enumerable.Range(0, 256).Select(value => PickleOpcodes.NameOf((byte)value)).Where(name => name != "unknown").Distinct().ToList());
    }

    public static string Named(System.Reflection.MethodInfo method, object[] data) => $"{method.Name}: {data[0]}";

    private static void RefusedWithin(long bytes, byte[] pickle, string message)
    {
        byte[] file = ZipWriter.Write(new("a/data.pkl", pickle), new ZipEntryBytes("a/version", "3\n"u8.ToArray()));
        long before = GC.GetAllocatedBytesForCurrentThread();
        StringAssert.Contains(Assert.ThrowsExactly<WeightsException>(() => TorchFile.Read(file)).Message, message);
        Assert.IsLessThan(bytes, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Refused(string what, byte[] file, string message)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.pt"], file);
        var error = Assert.ThrowsExactly<WeightsException>(() => WeightsFile.Load(folder["x.pt"]), what);
        StringAssert.StartsWith(error.Message, folder["x.pt"] + ": ");
        StringAssert.Contains(error.Message, message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.IsLessThan(600, error.Message.Length);
    }
}
