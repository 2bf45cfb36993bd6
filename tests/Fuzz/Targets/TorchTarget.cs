using System.Buffers.Binary;
using CudnnResNet.Model;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>A state dict of torch.save: the zip format, with the entries' CRC-32 put right, or the pickles of the format before it.</summary>
/// <param name="isZip">Which.</param>
internal sealed class TorchTarget(bool isZip) : Target
{
    /// <summary>More than a network of eight layers has; a view of one element claims any number, and only the network's shapes are asked for.</summary>
    private const long MaxElements = 1 << 16;

    public override string Name => isZip ? "torch-zip" : "torch-legacy";

    public override string Reads => isZip ? "PyTorch zip" : "PyTorch legacy pickle";

    public override IReadOnlyList<string> Sources =>
    [
        "Torch/TorchFile.cs", "Torch/TorchTensor.cs", "Torch/TorchGlobals.cs", "Torch/PickleMachine.cs", "Torch/PickleOpcodes.cs", "Torch/PickleValues.cs", .. isZip ? (string[])["Torch/StoredZip.cs", "Torch/Crc32.cs"] : [],
    ];

    public override IReadOnlyList<string> NotReading => [isZip ? "ReadLegacy" : "ReadZip"];

    public override int MaxLength => 1 << 13;

    public override IReadOnlyList<string> Words =>
    [
        "ccollections\nOrderedDict\n", "ctorch._utils\n_rebuild_tensor_v2\n", "ctorch._utils\n_rebuild_tensor\n", "ctorch._utils\n_rebuild_parameter\n", "ctorch\nSize\n", "ctorch\nFloatStorage\n", "ctorch\nLongStorage\n", "ctorch\nHalfStorage\n",
        "ctorch.jit._pickle\nrestore_type_tag\n", "cos\nsystem\n", "module", "storage", "cpu", "state_dict", "net", "archive/data.pkl", "archive/version", "archive/byteorder", "archive/data/0", "constants.pkl", "num_batches_tracked",
        // Opcodes, one a word.
        "(", ".", "0", "1", "2", "F1.5\n", "G", "I01\n", "J", "K", "L5L\n", "M", "N", "P", "Q", "R", "S'a'\n", "T", "U", "V", "X", "a", "b", "c", "d", "e", "g0\n", "h", "i", "j", "l", "o", "p0\n", "q", "r", "s", "t", ")", "u", "]", "}",
    ];

    public override IReadOnlyList<byte[]> BinaryWords =>
    [
        .. Enumerable.Range(0x80, 0x19).Select(opcode => new[] { (byte)opcode }), [0x80, 2], [0x8A, 1, 5], [0x8C, 1, (byte)'a'], "PK\u0001\u0002"u8.ToArray(), "PK\u0003\u0004"u8.ToArray(), "PK\u0005\u0006"u8.ToArray(),
        Convert.FromHexString("80028A0A6CFC9C46F9206AA850192E"),
    ];

    public override IEnumerable<byte[]> Seeds() =>
        new[] { Sample(null, parameters: false), Sample("state_dict", parameters: true) }.Append(Views()).Select(writer => isZip ? writer.Zip() : writer.Legacy());

    public override byte[] ToFile(byte[] input) => isZip ? WithChecksums(input) : input;

    public override void Read(byte[] file)
    {
        if (!TorchFile.Recognises(file.AsSpan(0, Math.Min(file.Length, sizeof(ulong))))) return;
        var tensors = TorchFile.Read(file);
        foreach (string name in tensors.Names)
        {
            long count = tensors.Shape(name).Aggregate(1L, (product, size) => product * size);
            if (count <= MaxElements && tensors.Floats(name).Length != count) throw new InvalidOperationException("the shape is not that of the values");
        }
    }

    private static TorchFileWriter Sample(string? wrapper, bool parameters) => new TorchFileWriter { Wrapper = wrapper, Parameters = parameters }
        .Add("conv1.weight", [2, 1, 1, 3], [1, 2, 3, 4, 5, 6])
        .Add("fc.bias", [2], [1, 2], TorchStorageBytes.OfHalves)
        .Add("bn1.num_batches_tracked", [], [7], values => TorchStorageBytes.OfLongs((long)values[0]));

    private static TorchFileWriter Views()
    {
        var writer = new TorchFileWriter().Add("a", [4], [1, 2, 3, 4], TorchStorageBytes.OfBFloat16);
        writer.Tensors.Add(new("b", [2, 2], 0) { Strides = [1, 2] });
        writer.Tensors.Add(new("c", [100], 0) { Offset = 3, Strides = [0] });
        return writer;
    }

    /// <summary>Puts the CRC-32 of each entry right that the directory leads to.</summary>
    private static byte[] WithChecksums(byte[] input)
    {
        byte[] file = input.ToArray();
        var span = file.AsSpan();
        int end = span.LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || end + 22 > file.Length) return file;
        long at = BinaryPrimitives.ReadUInt32LittleEndian(span[(end + 16)..]);
        for (int left = BinaryPrimitives.ReadUInt16LittleEndian(span[(end + 10)..]); left > 0 && at + 46 <= file.Length; left--)
        {
            var entry = span[(int)at..];
            long length = BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]), header = BinaryPrimitives.ReadUInt32LittleEndian(entry[42..]);
            if (header + 30 > file.Length) break;
            var local = span[(int)header..];
            long begin = header + 30 + BinaryPrimitives.ReadUInt16LittleEndian(local[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
            if (begin + length > file.Length) break;
            BinaryPrimitives.WriteUInt32LittleEndian(entry[16..], Crc32.Of(span.Slice((int)begin, (int)length)));
            at += 46 + BinaryPrimitives.ReadUInt16LittleEndian(entry[28..]) + BinaryPrimitives.ReadUInt16LittleEndian(entry[30..]) + BinaryPrimitives.ReadUInt16LittleEndian(entry[32..]);
        }
        return file;
    }
}
