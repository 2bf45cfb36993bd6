using System.Text;
using System.Text.Json.Nodes;
using CudnnResNet.Tests.Hostile;

namespace CudnnResNet.Hostile.Tests;

/// <summary>Files that once gave another error than a typed one, or a line that a terminal would have obeyed; and lies that no other test tells.</summary>
[TestClass]
public sealed class FindingTests
{
    private static readonly HostileFile Hostile = new();

    [ClassCleanup]
    public static void RemoveFolder() => Hostile.Dispose();

    [TestMethod]
    [DataRow("""{"name":"\ud800"}""", DisplayName = "a value")]
    [DataRow("""{"\ud800":1}""", DisplayName = "a name")]
    [DataRow("""{"name":"x","\ud83d":1}""", DisplayName = "a name after a good one")]
    public void Half_a_surrogate_pair_in_JSON(string json)
    {
        Refused(Readers.Args, json, "not readable");
        Refused(Readers.Config, json, "is not JSON");
    }

    [TestMethod]
    public void Half_a_surrogate_pair_in_a_class_name() =>
        Refused(Readers.WeightsMetadataEntries, new JsonObject { ["class_names"] = """["\ud800","b","c","d","e","f","g","h","i","j"]""" }.ToJsonString(), "class_names");

    [TestMethod]
    public void Options_that_are_not_UTF_8()
    {
        byte[] json = [.. "{\"name\":\""u8, 0xC3, .. "\"}"u8];
        Assert.Contains("it is not UTF-8", Hostile.Try(Readers.Args, json).Refusal!.Message);
        Assert.Contains("it is not UTF-8", Hostile.Try(Readers.Config, json).Refusal!.Message);
        Assert.Contains("it is not UTF-8", Hostile.Try(Readers.Csv, [.. Seeds.Summary(), 0xC3]).Refusal!.Message);
    }

    [TestMethod]
    public void Names_that_would_drive_a_terminal_are_shown_with_question_marks()
    {
        Refused(Readers.Config, """{"a\u001b[2J\n\u009b\u202eb":1}""", "unknown key 'a?[2J???b'");
        Refused(Readers.Args, """{"a\u001b[2Jb":1}""", "a?[2Jb");
        Refused(Readers.Csv, "epoch,train_err,test_err\n\u001b[2J,0,0\n", "epoch '?[2J' is not 0");
        Refused(Readers.CheckpointEntries, Entries("depth", "8\u001b[2J\n"), "'8?[2J?'");
        Refused(Readers.WeightsMetadataEntries, """{"arch":"\u001b]0;owned\u0007"}""", "'?]0;owned?'");
    }

    [TestMethod]
    [DataRow("step", "-1")]
    [DataRow("epoch", "-1")]
    [DataRow("step_in_epoch", "-2147483648")]
    [DataRow("step", "9223372036854775808")]
    [DataRow("summary_rows", "-1")]
    [DataRow("epoch_images", "-5")]
    [DataRow("epoch_loss_sum", "NaN")]
    [DataRow("elapsed_seconds", "Infinity")]
    [DataRow("training_seconds", "-1")]
    [DataRow("best_error", "1.5")]
    [DataRow("best_error", "NaN")]
    [DataRow("seed", "-1")]
    [DataRow("depth", "9")]
    [DataRow("depth", "2147483647")]
    [DataRow("classes", "257")]
    [DataRow("arch", "7")]
    [DataRow("shortcut", "")]
    [DataRow("algorithms", """{"gpu":null,"cudnn":"9","precision":"Fp32","algorithms":[]}""")]
    [DataRow("algorithms", """{"gpu":"g","cudnn":"9","precision":99,"algorithms":null}""")]
    [DataRow("algorithms", "null")]
    public void Numbers_of_a_checkpoint_that_no_run_can_have(string key, string value) => Refused(Readers.CheckpointEntries, Entries(key, value), key);

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    [DataRow(float.NegativeInfinity)]
    public void Weights_and_velocities_that_are_not_finite(float value)
    {
        byte[] weights = Seeds.Weights(), payload = Seal.PayloadOf(Seeds.Checkpoint());
        BitConverter.GetBytes(value).CopyTo(weights, weights.Length - 400);
        BitConverter.GetBytes(value).CopyTo(payload, payload.Length - 400);
        Assert.Contains("which is not a finite float", Hostile.Try(Readers.Weights, weights).Refusal!.Message);
        Assert.Contains("which is not a finite float", Hostile.Try(Readers.CheckpointPayload, payload).Refusal!.Message);
        byte[] momentum = Seal.PayloadOf(Seeds.Checkpoint());
        int first = 8 + BitConverter.ToInt32(momentum);
        BitConverter.GetBytes(value).CopyTo(momentum, first); // momentum.* stands before state.*
        Assert.Contains("tensor 'momentum.", Hostile.Try(Readers.CheckpointPayload, momentum).Refusal!.Message);
    }

    [TestMethod]
    public void Two_columns_of_one_name() => Refused(Readers.Csv, "epoch,train_err,test_err,test_err\n0,0.5,0.1,0.9\n", "there are two columns 'test_err'");

    [TestMethod]
    public void A_CIFAR_folder_of_a_wrong_file_takes_no_memory()
    {
        var attempt = Hostile.Try(Readers.CifarFolder with { Read = ReadWhole }, Seeds.Records(0));
        Assert.Contains("truncated", attempt.Refusal!.Message);
        Assert.IsLessThan(1_000_000, attempt.Allocated);

        static string ReadWhole(string path)
        {
            Seeds.WriteOtherRecords(path);
            return $"{Training.Data.Cifar10.Read(Path.GetDirectoryName(path)!).Train.Count}";
        }
    }

    private static string Entries(string key, string value)
    {
        var entries = JsonNode.Parse(Seeds.CheckpointMetadata())!.AsObject();
        entries[key] = value;
        return entries.ToJsonString();
    }

    private static void Refused(Reader reader, string text, string message)
    {
        var attempt = Hostile.Try(reader, Encoding.UTF8.GetBytes(text));
        Assert.IsNotNull(attempt.Refusal, $"{reader}: read");
        Assert.Contains(message, attempt.Refusal.Message);
    }
}
