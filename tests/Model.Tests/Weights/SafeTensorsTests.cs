using System.Text;

namespace CudnnResNet.Model.Tests.Weights;

[TestClass]
public class SafeTensorsTests
{
    private static readonly NamedTensor[] Tensors =
    [
        new("b.weight", [2, 3], [1, -2, 0.1f, float.MaxValue, float.Epsilon, -0f]),
        new("a", [], [42]),
        new("c", [0, 5], []),
    ];

    [TestMethod]
    public void What_is_written_is_read()
    {
        using var stream = new MemoryStream();
        SafeTensors.Write(stream, Tensors, new Dictionary<string, string> { ["b"] = "zwei \"ü\"\n", ["a"] = "1" });
        stream.Position = 0;
        var read = SafeTensors.Read(stream, "file");
        CollectionAssert.AreEqual(new[] { "a", "b.weight", "c" }, read.Names.ToArray(), "sorted by name");
        foreach (var tensor in Tensors)
        {
            CollectionAssert.AreEqual(tensor.Shape, read.Shape(tensor.Name));
            CollectionAssert.AreEqual(Array.ConvertAll(tensor.Values, BitConverter.SingleToInt32Bits), Array.ConvertAll(read.Floats(tensor.Name), BitConverter.SingleToInt32Bits));
        }
        Assert.AreEqual("zwei \"ü\"\n", read.Metadata["b"]);
        Assert.HasCount(2, read.Metadata);
        Assert.IsTrue(read.Contains("a"));
        Assert.IsFalse(read.Contains("d"));
        Assert.ThrowsExactly<WeightsException>(() => read.Floats("d"));
    }

    [TestMethod]
    public void The_bytes_are_those_of_the_format()
    {
        using var stream = new MemoryStream();
        SafeTensors.Write(stream, [new("t", [1], [1.5f])], new Dictionary<string, string> { ["format"] = "pt" });
        byte[] expected = [88, 0, 0, 0, 0, 0, 0, 0,
            .. Encoding.UTF8.GetBytes("""{"__metadata__":{"format":"pt"},"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"""), .. "   "u8, 0, 0, 0xC0, 0x3F];
        CollectionAssert.AreEqual(expected, stream.ToArray(), "padded with spaces, so that the tensors begin on an 8-byte boundary");
    }

    [TestMethod]
    public void Every_element_type_is_read()
    {
        byte[] file = SafeTensorsBytes.Build(
            """{"bf":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"h":{"dtype":"F16","shape":[2],"data_offsets":[4,8]},"d":{"dtype":"F64","shape":[1],"data_offsets":[8,16]},"bn.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[16,24]}}""",
            [0x80, 0x3F, 0x49, 0xC0, 0x00, 0x3C, 0x00, 0xFC, .. BitConverter.GetBytes(0.1), 7, 0, 0, 0, 0, 0, 0, 0]);
        var read = SafeTensors.Read(new MemoryStream(file), "file");
        CollectionAssert.AreEqual(new[] { 1f, -3.140625f }, read.Floats("bf"));
        CollectionAssert.AreEqual(new[] { 1f, float.NegativeInfinity }, read.Floats("h"));
        CollectionAssert.AreEqual(new[] { 0.1f }, read.Floats("d"));
        CollectionAssert.AreEqual(new[] { 0.1 }, read.Doubles("d"), "F64 keeps every bit when asked for doubles");
        CollectionAssert.AreEqual(new[] { 1.0, -3.140625 }, read.Doubles("bf"));
        CollectionAssert.AreEqual(new[] { "bf", "h", "d" }, read.Names.ToArray(), "step counters are left out");
    }

    [TestMethod]
    public void The_writer_refuses_what_the_reader_would()
    {
        Assert.ThrowsExactly<WeightsException>(() => SafeTensors.Write(Stream.Null, [new("a", [1], [1]), new("a", [1], [2])]));
        Assert.ThrowsExactly<WeightsException>(() => SafeTensors.Write(Stream.Null, [new("__metadata__", [1], [1])]));
        Assert.ThrowsExactly<WeightsException>(() => SafeTensors.Write(Stream.Null, [new("a", [2], [1])]));
        Assert.ThrowsExactly<WeightsException>(() => SafeTensors.Write(Stream.Null, [new("a", [1, 1, 1, 1, 1, 1, 1, 1, 1], [1])]));
    }
}
