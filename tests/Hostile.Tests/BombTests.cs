using System.IO.Compression;
using System.Text;
using CudnnResNet.Tests.Hostile;

namespace CudnnResNet.Hostile.Tests;

/// <summary>Small files that ask for much memory or time: each reader refuses them or keeps to the oracle's bounds.</summary>
[TestClass]
public sealed class BombTests
{
    private static readonly HostileFile Hostile = new();

    [ClassCleanup]
    public static void RemoveFolder() => Hostile.Dispose();

    // ---- PyTorch's pickles ----

    [TestMethod]
    public void A_dictionary_that_is_built_from_the_same_list_again_and_again_is_refused()
    {
        // 20,000 pairs, and 20,000 times OrderedDict(pairs): 400 million entries from 300 kB.
        var pickle = new PickleWriter().Global("collections", "OrderedDict").Opcode(']').Mark();
        for (int i = 0; i < 20_000; i++) pickle.Opcode('J').Raw(PickleWriter.Little((uint)i)).None().Opcode(0x86);
        pickle.Opcode('e').Opcode(0x85).Opcode('q').Raw(9).Mark();
        for (int i = 0; i < 20_000; i++) pickle.Opcode('h').Raw(0).Opcode('h').Raw(9).Opcode('R');
        Refused(Readers.Pickle, pickle.Opcode('e').Stop(), "opcodes and items, which is too much for a file of");
    }

    [TestMethod]
    public void A_tensor_of_many_dimensions_is_refused_before_they_are_looked_at()
    {
        var pickle = new PickleWriter().Global("torch._utils", "_rebuild_tensor_v2").Mark().Mark()
            .Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").Integer(4).Tuple().Opcode('Q').Integer(0).Mark();
        for (int i = 0; i < 20_000; i++) pickle.Opcode(0x8A).Raw(255).Raw(new byte[254]).Raw(0x7F);
        pickle.Opcode('t').Opcode('q').Raw(99).Opcode('h').Raw(99).None().None().Tuple().Opcode('R');
        Refused(Readers.Pickle, pickle.Stop(), "does not exist");
    }

    [TestMethod]
    [DataRow("}", DisplayName = "dictionaries")]
    [DataRow("]", DisplayName = "lists")]
    [DataRow(")", DisplayName = "tuples")]
    [DataRow("N", DisplayName = "nothing")]
    [DataRow("\u0088", DisplayName = "truth values")]
    [DataRow("K\u0001", DisplayName = "numbers")]
    [DataRow("U\u0000", DisplayName = "texts")]
    [DataRow("(", DisplayName = "marks")]
    [DataRow("N\u0085", DisplayName = "tuples of one")]
    [DataRow("h\u00c8)R", DisplayName = "calls")]
    [DataRow("h\u00c9h\u00caR", DisplayName = "tensors")]
    [DataRow("}\u0094", DisplayName = "the memo")]
    public void A_pickle_of_nothing_but(string opcodes)
    {
        const byte function = 200, rebuild = 201, arguments = 202; // places in the memo
        var pickle = new PickleWriter().Global("collections", "OrderedDict").Opcode('q').Raw(function).Global("torch._utils", "_rebuild_tensor_v2").Opcode('q').Raw(rebuild).Mark().Mark()
            .Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").Integer(4).Tuple().Opcode('Q')
            .Integer(0).Integers([1, 1, 1, 1, 1, 1, 1, 1]).Integers([1, 1, 1, 1, 1, 1, 1, 1]).None().None().Opcode('t').Opcode('q').Raw(arguments);
        byte[] one = Encoding.Latin1.GetBytes(opcodes);
        for (int i = 0; i < 4_000_000 / one.Length; i++) pickle.Raw(one);
        Refused(Readers.Pickle, pickle.Stop(), "opcodes and items, which is too much for a file of");
    }

    [TestMethod]
    public void Tensors_that_repeat_a_few_numbers_for_ever_are_refused()
    {
        var file = new TorchFileWriter();
        file.Storages.Add(TorchStorageBytes.Of(new float[4]));
        for (int i = 0; i < 1000; i++) file.Tensors.Add(new($"t{i}", [64, 64, 3, 3], 0) { Strides = [0, 0, 0, 0] });
        Refused(Readers.Torch, file.Zip(), "its tensors have 36864000 elements, too many for a file of");
    }

    // ---- safetensors ----

    [TestMethod]
    public void A_header_of_too_many_tensors_is_refused()
    {
        var header = new StringBuilder("{");
        for (int i = 0; i < 60_000; i++) header.Append($"\"{i:x}\":{{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[{4 * i},{4 * i + 4}]}},");
        Refused(Readers.SafeTensorsFile, SafeTensorsBytes.Build(header.ToString()[..^1] + "}", new byte[4 * 60_000]), "more than 50000 tensors");
    }

    [TestMethod]
    public void A_header_of_empty_tensors_is_refused()
    {
        var header = new StringBuilder("{");
        for (int i = 0; i < 150_000; i++) header.Append($"\"{i:x}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}},");
        Refused(Readers.SafeTensorsFile, SafeTensorsBytes.Build(header.ToString()[..^1] + "}", []), "more than 50000 tensors");
    }

    [TestMethod]
    public void Metadata_of_too_many_entries_are_refused()
    {
        var header = new StringBuilder("{\"__metadata__\":{");
        for (int i = 0; i < 900_000; i++) header.Append($"\"{i:x}\":\"\",");
        Refused(Readers.SafeTensorsFile, SafeTensorsBytes.Build(header.ToString()[..^1] + "}}", []), "more than 10000 metadata entries");
    }

    [TestMethod]
    public void Metadata_of_one_long_text_keep_to_the_bound()
    {
        foreach (string letter in (string[])["a", "\\u0041", "\\ud83d\\ude00", "\u20AC"])
        {
            string text = string.Concat(Enumerable.Repeat(letter, 9_000_000 / Encoding.UTF8.GetByteCount(letter)));
            _ = Hostile.Try(Readers.SafeTensorsFile with { Read = path => $"{CudnnResNet.Model.SafeTensors.Read(path).Metadata.Count}" }, SafeTensorsBytes.Build($"{{\"__metadata__\":{{\"k\":\"{text}\"}}}}", []));
        }
    }

    [TestMethod]
    [DataRow("{\"a\":n")]
    [DataRow("{\"a\":-")]
    [DataRow("{\"")]
    [DataRow("{\"__metadata__\":{\"k\":\"")]
    public void A_header_of_10_MB_that_is_no_JSON_keeps_to_the_bound(string begin) =>
        Refused(Readers.SafeTensorsFile, SafeTensorsBytes.Build(begin + new string('7', 9_900_000), []), "not valid JSON");

    [TestMethod]
    [DataRow("normalize_mean", ",")]
    [DataRow("class_names", "[]")]
    [DataRow("normalize_pixel_mean", "A")]
    [DataRow("depth", "1")]
    [DataRow("test_error", "1")]
    public void An_entry_of_metadata_of_9_MB_keeps_to_the_bound(string key, string letter)
    {
        string value = string.Concat(Enumerable.Repeat(letter, 9_000_000 / letter.Length)), normalize = key == "normalize_pixel_mean" ? "pixel" : "x";
        Refused(Readers.WeightsMetadataEntries, Encoding.UTF8.GetBytes($"{{\"normalize\":\"{normalize}\",\"{key}\":\"{value}\"}}"), key);
    }

    [TestMethod]
    [DataRow("x")]
    [DataRow("convIn.")]
    [DataRow("module.layer1.0.")]
    public void A_tensor_s_name_of_9_MB_keeps_to_the_bound(string begin)
    {
        string name = begin + new string('x', 9_000_000);
        Refused(Readers.Weights, SafeTensorsBytes.Build($"{{\"{name}\":{{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}}}", new byte[4]), "no tensor is that of a block");
    }

    // ---- JSON ----

    [TestMethod]
    public void Nesting_is_refused_by_every_reader_of_JSON()
    {
        foreach (var reader in (Reader[])[Readers.Args, Readers.Config, Readers.WeightsMetadataEntries, Readers.CheckpointEntries])
        {
            foreach (string nest in (string[])["[", "{\"a\":", "{\"milestones\":["]) Refused(reader, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(nest, 60_000))), "");
        }
    }

    [TestMethod]
    public void Options_of_megabytes_are_refused_unread()
    {
        foreach (var reader in (Reader[])[Readers.Args, Readers.Config])
        {
            Refused(reader, Encoding.UTF8.GetBytes($"{{\"name\":\"{new string('x', 2_000_000)}\"}}"), "more than the 1048576 allowed");
            Refused(reader, Encoding.UTF8.GetBytes($"{{\"{new string('x', 1_000_000)}\":1}}"), "");
            Refused(reader, Encoding.UTF8.GetBytes($"{{\"milestones\":[{string.Join(',', Enumerable.Range(1, 150_000))}]}}"), "milestones are 150000, more than the 100 allowed");
        }
    }

    // ---- CSV ----

    [TestMethod]
    public void A_CSV_file_of_too_many_rows_cells_or_letters_is_refused()
    {
        const string header = "epoch,train_err,test_err\n";
        Refused(Readers.Csv, Encoding.UTF8.GetBytes(header + string.Concat(Enumerable.Range(0, 110_000).Select(i => $"{i},0,0\n"))), "at most 100000 epochs");
        Refused(Readers.Csv, Encoding.UTF8.GetBytes(header + new string('\n', 3_000_000)), "at most 100000 epochs");
        Refused(Readers.Csv, Encoding.UTF8.GetBytes(new string(',', 3_000_000)), "3000000 characters");
        Refused(Readers.Csv, new byte[17_000_000], "more than the 16777216 allowed");
        _ = Hostile.Try(Readers.Csv with { Read = path => $"{CudnnResNet.Runner.Reporting.SummaryCsv.Read(path).Epochs.Count}" }, Encoding.UTF8.GetBytes(header + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"{i},0,0\n"))));
    }

    // ---- Archives ----

    [TestMethod]
    [DataRow('L')]
    [DataRow('K')]
    [DataRow('x')]
    [DataRow('g')]
    [DataRow('0')]
    [DataRow('5')]
    [DataRow('S')]
    public void An_archive_of_one_entry_of_128_MB_is_refused_unread(char type)
    {
        using var file = new MemoryStream();
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(TarHeader.Of("././@LongLink", type, 1 << 27));
            var zeros = new byte[1 << 20];
            for (int i = 0; i < 128; i++) gzip.Write(zeros);
        }
        Refused(Readers.Archive, file.ToArray(), "does not belong there");
    }

    [TestMethod]
    public void An_archive_of_zeros_behind_its_end_is_refused()
    {
        using var file = new MemoryStream();
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (int i = 0; i < 128; i++) gzip.Write(zeros);
        }
        Refused(Readers.Archive, file.ToArray(), "bytes after its last entry");
    }

    private static void Refused(Reader reader, byte[] bytes, string message)
    {
        var attempt = Hostile.Try(reader, bytes);
        Assert.IsNotNull(attempt.Refusal, $"{reader}: read");
        Assert.Contains(message, attempt.Refusal.Message);
    }
}
