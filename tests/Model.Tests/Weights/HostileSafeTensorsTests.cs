using System.Text;

namespace CudnnResNet.Model.Tests.Weights;

/// <summary>Every check of the reader, each with a file that only this check refuses.</summary>
[TestClass]
public class HostileSafeTensorsTests
{
    private const string Good = """{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    private static IEnumerable<(string What, byte[] File, string Message)> Cases()
    {
        yield return ("empty", [], "0 bytes are too few");
        yield return ("shorter than the length", new byte[7], "7 bytes are too few");
        yield return ("header longer than the file", SafeTensorsBytes.Build("{}"u8.ToArray(), [], length: 3), "a header of 3 bytes, but 2 follow");
        yield return ("header of 10 MB and one", SafeTensorsBytes.Build("{}"u8.ToArray(), [], length: 10_000_001), "more than the 10000000 allowed");
        yield return ("header length with the top bit", SafeTensorsBytes.Build("{}"u8.ToArray(), [], length: ulong.MaxValue), "18446744073709551615 bytes");
        yield return ("no header", SafeTensorsBytes.Build("", []), "not valid JSON");
        yield return ("not UTF-8", SafeTensorsBytes.Build([(byte)'{', (byte)'"', 0xC3, (byte)'"', (byte)':', (byte)'1', (byte)'}'], []), "not UTF-8");
        yield return ("half a surrogate pair", Header("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"""), "not valid JSON");
        yield return ("not JSON", Header("""{"t":"""), "not valid JSON");
        yield return ("JSON with a comment", Header("/*x*/" + Good), "not valid JSON");
        yield return ("JSON with a comma too many", Header(Good[..^1] + ",}"), "not valid JSON");
        yield return ("two objects", Header(Good + "{}"), "not valid JSON");
        yield return ("a list", Header("[]"), "not a JSON object");
        yield return ("too deep", Header("""{"t":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}}"""), "not valid JSON");
        yield return ("far too deep", Header("{\"t\":{\"shape\":" + new string('[', 100_000)), "not valid JSON");
        yield return ("name twice", Header("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"""), "'t' occurs twice");
        yield return ("name twice, once escaped", Header("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\u0074":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"""), "'t' occurs twice");
        yield return ("tensor is a number", Header("""{"t":1}"""), "'t' is not described");
        yield return ("tensor is null", Header("""{"t":null}"""), "'t' is not described");
        yield return ("unknown type", Header(Good.Replace("F32", "Q7")), "tensor 't': the type 'Q7'");
        yield return ("type of no weights", Header("""{"t":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"""), "tensor 't': the type 'I64'");
        yield return ("type in small letters", Header(Good.Replace("F32", "f32")), "tensor 't': the type 'f32'");
        yield return ("type is a number", Header(Good.Replace("\"F32\"", "32")), "tensor 't': the dtype is not a string");
        yield return ("type twice", Header(Good.Replace("\"shape\"", "\"dtype\":\"F32\",\"shape\"")), "tensor 't': 'dtype' occurs twice");
        yield return ("shape twice", Header(Good.Replace("\"dtype\"", "\"shape\":[2],\"dtype\"")), "tensor 't': 'shape' occurs twice");
        yield return ("offsets twice", Header(Good.Replace("\"dtype\"", "\"data_offsets\":[0,8],\"dtype\"")), "tensor 't': 'data_offsets' occurs twice");
        yield return ("no type", Header("""{"t":{"shape":[2],"data_offsets":[0,8]}}"""), "tensor 't': needs dtype");
        yield return ("no shape", Header("""{"t":{"dtype":"F32","data_offsets":[0,8]}}"""), "tensor 't': needs dtype");
        yield return ("no offsets", Header("""{"t":{"dtype":"F32","shape":[2]}}"""), "tensor 't': needs dtype");
        yield return ("unknown entry", Header(Good.Replace("\"dtype\"", "\"stride\":[1],\"dtype\"")), "tensor 't': unknown entry 'stride'");
        yield return ("negative size", Header(Good.Replace("[2]", "[-2]")), "tensor 't': 'shape' holds something");
        yield return ("two negative sizes", Header(Good.Replace("[2]", "[-1,-2]")), "tensor 't': 'shape' holds something");
        yield return ("fractional size", Header(Good.Replace("[2]", "[2.0]")), "tensor 't': 'shape' holds something");
        yield return ("size beyond 64 bits", Header(Good.Replace("[2]", "[18446744073709551618]")), "tensor 't': 'shape' holds something");
        yield return ("size is a string", Header(Good.Replace("[2]", "[\"2\"]")), "tensor 't': 'shape' holds something");
        yield return ("size beyond 31 bits", Header(Good.Replace("[2]", "[4294967298]")), "tensor 't': the shape (4294967298) is too large");
        yield return ("product overflows to 2", Header(Good.Replace("[2]", "[2147483647,2147483647,2147483647]")), "tensor 't': the shape");
        yield return ("product overflows to 0", Header("""{"t":{"dtype":"F32","shape":[1073741824,1073741824,16],"data_offsets":[0,0]}}""", data: 0), "tensor 't': the shape");
        yield return ("rank 9", Header(Good.Replace("[2]", "[2,1,1,1,1,1,1,1,1]")), "tensor 't': 'shape' has more than 8");
        yield return ("shape is a number", Header(Good.Replace("[2]", "2")), "tensor 't': 'shape' is not a list");
        yield return ("one offset", Header(Good.Replace("[0,8]", "[8]")), "tensor 't': data_offsets are not");
        yield return ("three offsets", Header(Good.Replace("[0,8]", "[0,8,16]")), "tensor 't': 'data_offsets' has more than 2");
        yield return ("begin after end", Header("""{"t":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"""), "tensor 't': data_offsets are not");
        yield return ("negative begin", Header(Good.Replace("[0,8]", "[-8,0]")), "tensor 't': 'data_offsets' holds something");
        yield return ("end near 2^63", Header(Good.Replace("[0,8]", "[9223372036854775799,9223372036854775807]")), "tensor 't' ends at byte 9223372036854775807 of 8");
        yield return ("bytes are not the shape's", Header(Good.Replace("[2]", "[3]")), "tensor 't': 8 bytes are not the shape (3) of F32");
        yield return ("bytes are not the type's", Header(Good.Replace("F32", "BF16")), "tensor 't': 8 bytes are not the shape (2) of BF16");
        yield return ("beyond the end", Header(Good, data: 7), "tensor 't' ends at byte 8 of 7");
        yield return ("trailing byte", Header(Good, data: 9), "1 bytes after the last tensor");
        yield return ("bytes without a tensor", Header("{}", data: 4), "4 bytes after the last tensor");
        yield return ("overlap", Header("""{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"u":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", data: 12), "tensor 'u' overlaps");
        yield return ("the same place twice", Header("""{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"u":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"""), "overlaps");
        yield return ("hole", Header("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"u":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", data: 12), "4 bytes before tensor 'u'");
        yield return ("hole at the beginning", Header(Good.Replace("[0,8]", "[4,12]"), data: 12), "4 bytes before tensor 't'");
        yield return ("counter overlaps a tensor", Header("""{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}"""), "overlaps");
        yield return ("metadata is a string", Header("""{"__metadata__":"x"}""", data: 0), "'__metadata__' is not described");
        yield return ("metadata entry is a number", Header("""{"__metadata__":{"epoch":3}}""", data: 0), "metadata entry 'epoch' is not a string");
        yield return ("metadata entry is null", Header("""{"__metadata__":{"epoch":null}}""", data: 0), "metadata entry 'epoch' is not a string");
        yield return ("metadata entry twice", Header("""{"__metadata__":{"a":"1","a":"2"}}""", data: 0), "metadata entry 'a' occurs twice");
        yield return ("metadata twice", Header("""{"__metadata__":{},"__metadata__":{}}""", data: 0), "'__metadata__' occurs twice");
    }

    public static IEnumerable<object[]> Table => Cases().Select(c => new object[] { c.What, c.File, c.Message });

    public static string Named(System.Reflection.MethodInfo method, object[] data) => $"{method.Name}: {data[0]}";

    [TestMethod]
    [DynamicData(nameof(Table), DynamicDataDisplayName = nameof(Named))]
    public void Is_refused_in_one_line_that_names_the_file(string what, byte[] file, string message)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.safetensors"], file);
        var error = Assert.ThrowsExactly<WeightsException>(() => SafeTensors.Read(folder["x.safetensors"]), what);
        StringAssert.StartsWith(error.Message, folder["x.safetensors"] + ": ");
        StringAssert.Contains(error.Message, message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.IsLessThan(400, error.Message.Length);
    }

    [TestMethod]
    public void The_file_that_the_cases_vary_is_good() => Assert.HasCount(2, SafeTensors.Read(new MemoryStream(Header(Good)), "good").Floats("t"));

    [TestMethod]
    public void A_name_made_to_mislead_a_terminal_is_shown_tamed()
    {
        string name = new string('x', 5000) + "\n";
        var error = Assert.ThrowsExactly<WeightsException>(() => SafeTensors.Read(new MemoryStream(Header("{\"\\u001b[2J" + name.Replace("\n", "\\n") + "\":1}")), "f"));
        Assert.DoesNotContain('\u001b', error.Message);
        Assert.IsLessThan(200, error.Message.Length);
    }

    [TestMethod]
    public void No_memory_is_taken_for_sizes_that_the_file_only_claims()
    {
        byte[] claim = Header("""{"t":{"dtype":"F64","shape":[2147483647],"data_offsets":[0,17179869176]}}""");
        byte[] longHeader = SafeTensorsBytes.Build("{}"u8.ToArray(), [], length: 9_900_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.ThrowsExactly<WeightsException>(() => SafeTensors.Read(new MemoryStream(claim), "f"));
        Assert.ThrowsExactly<WeightsException>(() => SafeTensors.Read(new MemoryStream(longHeader), "f"));
        Assert.IsLessThan(1_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void What_cannot_be_opened_is_said()
    {
        using var folder = new TemporaryFolder();
        StringAssert.Contains(Assert.ThrowsExactly<WeightsException>(() => SafeTensors.Read(folder["absent"])).Message, "there is no such file");
        StringAssert.Contains(Assert.ThrowsExactly<WeightsException>(() => SafeTensors.Read(folder["absent/w"])).Message, "there is no such file");
        StringAssert.Contains(Assert.ThrowsExactly<WeightsException>(() => SafeTensors.Read(folder["."])).Message, "cannot be read");
        StringAssert.Contains(Assert.ThrowsExactly<WeightsException>(() => SafeTensors.Read("a\0b")).Message, "cannot be read");
        StringAssert.Contains(Assert.ThrowsExactly<WeightsException>(() => SafeTensors.Read("")).Message, "cannot be read");
    }

    [TestMethod]
    public void Every_flipped_bit_and_every_cut_is_refused_or_leaves_a_whole_file()
    {
        using var written = new MemoryStream();
        SafeTensors.Write(written, [new("a", [2], [1, 2]), new("b", [1, 3], [3, 4, 5])], new Dictionary<string, string> { ["k"] = "v" });
        byte[] good = written.ToArray();
        int refused = 0;
        for (int i = 0; i < good.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                var altered = (byte[])good.Clone();
                altered[i] ^= (byte)(1 << bit);
                try
                {
                    var read = SafeTensors.Read(new MemoryStream(altered), "f");
                    Assert.AreEqual(5, read.Names.Sum(name => read.Floats(name).Length), $"byte {i}, bit {bit}");
                }
                catch (WeightsException)
                {
                    refused++;
                }
            }
            Assert.ThrowsExactly<WeightsException>(() => SafeTensors.Read(new MemoryStream(good[..i]), "f"), $"cut to {i} bytes");
        }
        Assert.IsGreaterThan(good.Length, refused);
    }

    private static byte[] Header(string header, int data = 8) => SafeTensorsBytes.Build(Encoding.UTF8.GetBytes(header), new byte[data]);
}
