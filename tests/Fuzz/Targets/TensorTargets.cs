using System.Buffers.Binary;
using System.Text;
using CudnnResNet.Model;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>Readers of tensors: safetensors, weights, PyTorch's files, checkpoints.</summary>
internal static class TensorTargets
{
    private static readonly string[] HeaderWords =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\u0000", "\\ud800", "\"__metadata__\":{", "\"dtype\":\"F32\"", "\"F64\"", "\"F16\"", "\"BF16\"", "\"I64\"", "\"U8\"", "\"shape\":[", "\"shape\":[1,", "\"data_offsets\":[0,",
        ",\"shape\":[0]", "{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}", "num_batches_tracked", "2147483647", "9223372036854775807", "1e3", "-1",
    ];

    private static readonly string[] WeightsWords =
    [
        "\"arch\":\"plain\"", "\"resnet\"", "\"depth\":\"8\"", "\"classes\":\"10\"", "\"class_names\":\"[", "\"normalize\":\"pixel\"", "\"normalize_mean\":\"0,0,0\"", "\"normalize_std\":\"1,1,1\"", "\"normalize_pixel_mean\":\"",
        "\"shortcut\":\"reshape\"", "\"centred\"", "\"trailing\"", "\"weights_sha256\":\"", "\"epoch\":\"", "\"test_error\":\"0.5\"", "\"seed\":\"1\"", "\"dataset\":\"", "NaN", "1e400", "-1", "4294967296", "[\"", "\\\"",
    ];

    private static readonly string[] CheckpointWords =
    [
        "\"arch\":\"plain\"", "\"depth\":\"8\"", "\"classes\":\"10\"", "\"shortcut\":\"trailing\"", "\"options\":\"{}\"", "\"seed\":\"1\"", "\"step\":\"1\"", "\"epoch\":\"", "\"best_epoch\":\"1\"", "\"best_error\":\"NaN\"", "\"warming_up\":\"1\"",
        "\"device\":\"cuda\"", "\"algorithms\":\"", "\"algorithms\":\"null\"", "NaN", "1e400", "-1", "4294967296", "\\u0022", "\\\"",
    ];

    private static readonly string[] NameWords = ["module.", "state.", "momentum.", "layer1.0.conv1.weight", "layer2.7.bn1.bias", "fc.weight", "linear.bias", "convIn.weight", "stack2a.", "stack3b.0.", "running_var"];

    private static readonly string[] TorchWords =
    [
        "ccollections\nOrderedDict\n", "ccollections\nOrderedDict\n(](K\u0001K\u0002tatR", "ctorch._utils\n_rebuild_tensor_v2\n", "ctorch._utils\n_rebuild_tensor\n", "ctorch._utils\n_rebuild_parameter\n", "ctorch\nSize\n", "ctorch\nFloatStorage\n", "ctorch\nLongStorage\n", "ctorch\nHalfStorage\n",
        "ctorch.jit._pickle\nrestore_type_tag\n", "cos\nsystem\n", "module", "storage", "cpu", "state_dict", "net", "archive/data.pkl", "archive/version", "archive/byteorder", "archive/data/0", "constants.pkl", "num_batches_tracked",
        // Opcodes, one a word.
        "(", ".", "0", "1", "2", "F1.5\n", "G", "I01\n", "J", "K", "L5L\n", "M", "N", "P", "Q", "R", "S'a'\n", "T", "U", "V", "X", "a", "b", "c", "d", "e", "g0\n", "h", "i", "j", "l", "o", "p0\n", "q", "r", "s", "t", ")", "u", "]", "}",
    ];

    private static readonly byte[][] TorchBinaryWords =
    [
        .. Enumerable.Range(0x80, 0x19).Select(opcode => new[] { (byte)opcode }), [0x80, 2], [0x8A, 1, 5], [0x8C, 1, (byte)'a'], "PK\u0001\u0002"u8.ToArray(), "PK\u0003\u0004"u8.ToArray(), "PK\u0005\u0006"u8.ToArray(),
        Convert.FromHexString("80028A0A6CFC9C46F9206AA850192E"),
    ];

    // The first float of the data: NaN, -infinity.
    private static readonly byte[][] FloatWords = [[(byte)'}', 0, 0, 0xC0, 0x7F], [(byte)'}', 0, 0, 0x80, 0xFF]];

    private static readonly string[] TorchSources = ["Weights/TensorFile.cs", "Torch/TorchFile.cs", "Torch/TorchTensor.cs", "Torch/TorchGlobals.cs", "Torch/PickleMachine.cs", "Torch/PickleBudget.cs", "Torch/PickleOpcodes.cs", "Torch/PickleValues.cs"];

    public static IReadOnlyList<Target> Table { get; } =
    [
        new("safetensors", "safetensors", Readers.SafeTensorsFile, "Weights/SafeTensors.cs", "Weights/SafeTensorsHeader.cs", "Weights/ElementType.cs")
        {
            NotReading = ["Write", "Header", "Contains", "Doubles"], Words = HeaderWords, Seeds = SafeTensorsSeeds, ToFile = WithHeaderLength,
        },
        new("weights", "weights of a network", Readers.Weights, "Weights/WeightsFile.cs", "Weights/NameMapping.cs", "Weights/StateDict.cs", "Weights/StateCheck.cs")
        {
            NotReading = ["Save", "Require", "NameIn", "SameLayout", "CopyTo", "OrderedFor"], MaxLength = 1 << 14, Words = [.. HeaderWords, .. NameWords, .. WeightsWords], BinaryWords = FloatWords, Seeds = WeightsSeeds, ToFile = HeaderOnly.ToFile,
        },
        new("weights-metadata", "metadata of weights", Readers.WeightsMetadataEntries, "Weights/WeightsMetadata.cs")
        {
            NotReading = ["Write"], MaxLength = 1 << 15, Words = WeightsWords, Seeds = MetadataSeeds,
        },
        new("torch-zip", "PyTorch zip", Readers.Torch, [.. TorchSources, "Torch/StoredZip.cs", "Torch/Crc32.cs"])
        {
            NotReading = ["ReadLegacy"], Words = TorchWords, BinaryWords = TorchBinaryWords, Seeds = () => TorchSeeds().Select(writer => writer.Zip()), ToFile = WithEntryChecksums,
        },
        new("torch-legacy", "PyTorch legacy pickle", Readers.Torch, TorchSources)
        {
            NotReading = ["ReadZip"], Words = TorchWords, BinaryWords = TorchBinaryWords, Seeds = () => TorchSeeds().Select(writer => writer.Legacy()),
        },
        new("pickle", "pickle in a PyTorch zip", Readers.Pickle, [.. TorchSources[1..]])
        {
            NotReading = ["ReadLegacy"], Words = TorchWords, BinaryWords = TorchBinaryWords,
        },
        new("checkpoint", "checkpoint state", Readers.CheckpointPayload, "CudnnResNet.Training/Checkpoint.cs")
        {
            NotReading = ["Save", "Write", "Payload", "Require", "IsWhole", "LoadNewest", "PreviousPath"], MaxLength = 1 << 14, Words = [.. HeaderWords, .. NameWords, .. CheckpointWords], BinaryWords = FloatWords,
            Seeds = () => Readers.CheckpointPayload.Seeds.Select(seed => HeaderOnly.Of(seed)), ToFile = HeaderOnly.ToFile,
        },
        new("checkpoint-metadata", "metadata of checkpoints", Readers.CheckpointEntries, "CudnnResNet.Training/CheckpointMetadata.cs", "CudnnResNet.Training/AlgorithmChoiceJson.cs")
        {
            NotReading = ["Write", "Text"], Words = CheckpointWords,
        },
    ];

    // ---- Seeds ----

    private static IEnumerable<byte[]> SafeTensorsSeeds() =>
    [
        .. Readers.SafeTensorsFile.Seeds, Build("{}", 0),
        Build("""{"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"d":{"dtype":"F64","shape":[1,1],"data_offsets":[4,12]},"b":{"dtype":"BF16","shape":[],"data_offsets":[12,14]}}""", 14),
        Build("""{"n.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}  """, 8),
    ];

    /// <summary>Our names with metadata, and the names of other projects without.</summary>
    private static IEnumerable<byte[]> WeightsSeeds()
    {
        foreach (byte[] seed in Readers.Weights.Seeds)
        {
            string ours = Encoding.UTF8.GetString(HeaderOnly.Of(seed));
            yield return Encoding.UTF8.GetBytes(ours);
            // The data are zeros, whose hash is another.
            yield return Encoding.UTF8.GetBytes(ours.Replace("weights_sha256", "other_sha256", StringComparison.Ordinal));
            string bare = string.Concat("{", ours.AsSpan(ours.IndexOf("},", StringComparison.Ordinal) + 2));
            yield return Encoding.UTF8.GetBytes(bare);
            yield return Encoding.UTF8.GetBytes(bare.Replace("\"fc.", "\"module.linear.", StringComparison.Ordinal));
            yield return Encoding.UTF8.GetBytes(System.Text.RegularExpressions.Regex.Replace(bare, "\"([a-z][^\"]*\\.(weight|bias|running_mean|running_var))\"", match => $"\"{NameMapping.NameIn(NamingScheme.ReferenceProject, match.Groups[1].Value)}\""));
        }
    }

    private static IEnumerable<byte[]> MetadataSeeds() =>
        [.. Readers.WeightsMetadataEntries.Seeds, """{"arch":"resnet","depth":"20","shortcut":"centred","normalize":"channel","normalize_mean":"0.5,0.5,0.5","normalize_std":"0.25,0.25,0.25","classes":"2","class_names":"[\"a\",\"b\"]"}"""u8.ToArray()];

    private static IEnumerable<TorchFileWriter> TorchSeeds()
    {
        yield return Tests.Hostile.Seeds.Torch();
        var bare = new TorchFileWriter { Parameters = true }.Add("bn1.num_batches_tracked", [], [7], values => TorchStorageBytes.OfLongs((long)values[0])).Add("b", [4], [1, 2, 3, 4], TorchStorageBytes.OfBFloat16);
        bare.Tensors.Add(new("transposed", [2, 2], 1) { Strides = [1, 2] });
        bare.Tensors.Add(new("repeated", [100], 1) { Offset = 3, Strides = [0] });
        yield return bare;
    }

    private static byte[] Build(string header, int dataLength) => SafeTensorsBytes.Build(header, new byte[dataLength]);

    // ---- Files ----

    /// <summary>Puts a header's length right, unless it says more than there is, which is a lie on purpose.</summary>
    private static byte[] WithHeaderLength(byte[] input)
    {
        int close = input.AsSpan().LastIndexOf((byte)'}'), begin = sizeof(ulong);
        if (close < begin || BinaryPrimitives.ReadUInt64LittleEndian(input) > (ulong)input.Length) return input;
        byte[] file = [.. input];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)(close + 1 - begin));
        return file;
    }

    /// <summary>Puts the CRC-32 of each entry right that the zip archive's directory leads to.</summary>
    private static byte[] WithEntryChecksums(byte[] input)
    {
        const int endLength = 22, centralLength = 46, localLength = 30;
        byte[] file = [.. input];
        var span = file.AsSpan();
        int end = span.LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || end + endLength > file.Length) return file;
        long at = BinaryPrimitives.ReadUInt32LittleEndian(span[(end + 16)..]);
        for (int left = BinaryPrimitives.ReadUInt16LittleEndian(span[(end + 10)..]); left > 0 && at + centralLength <= file.Length; left--)
        {
            var entry = span[(int)at..];
            long length = BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]), header = BinaryPrimitives.ReadUInt32LittleEndian(entry[42..]);
            if (header + localLength > file.Length) break;
            var local = span[(int)header..];
            long begin = header + localLength + BinaryPrimitives.ReadUInt16LittleEndian(local[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
            if (begin + length > file.Length) break;
            BinaryPrimitives.WriteUInt32LittleEndian(entry[16..], Crc32.Of(span.Slice((int)begin, (int)length)));
            at += centralLength + BinaryPrimitives.ReadUInt16LittleEndian(entry[28..]) + BinaryPrimitives.ReadUInt16LittleEndian(entry[30..]) + BinaryPrimitives.ReadUInt16LittleEndian(entry[32..]);
        }
        return file;
    }
}
