using System.Text.Json;
using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Tests;

/// <summary>predict: images and the answers, and images that are none.</summary>
[TestClass]
public sealed class PredictTests
{
    private static readonly string Weights = Path.Combine(TinyRun.Finished, "last.safetensors");

    [TestMethod]
    public void Images_are_classified_as_eval_counts_them()
    {
        using var folder = new TemporaryFolder();
        var test = Synthetic.Create(160, 20).Test;
        string[] files = Export(folder, test);
        var predictions = TinyRun.Records(RunnerProgram.Run(folder, ["predict", "--weights", Weights, "--json", .. files]).Succeeds().Out, "prediction");
        Assert.HasCount(20, predictions);
        int wrong = 0;
        foreach (var (i, prediction) in predictions.Index())
        {
            Assert.AreEqual(files[i], prediction.GetProperty("image").GetString());
            Assert.AreEqual(32, prediction.GetProperty("width").GetInt32());
            var classes = prediction.GetProperty("classes").EnumerateArray().ToList();
            Assert.HasCount(5, classes);
            Assert.IsTrue(classes.Zip(classes.Skip(1)).All(pair => Probability(pair.First) >= Probability(pair.Second)));
            int best = classes[0].GetProperty("class").GetInt32();
            Assert.AreEqual(Synthetic.ClassNames[best], classes[0].GetProperty("name").GetString());
            if (best != test.Labels[i]) wrong++;
        }
        using var eval = RunnerProgram.Start(folder, ["eval", "--weights", Weights, "--json"], TinyRun.Size);
        Assert.AreEqual(TinyRun.Records(eval.Wait().Succeeds().Out, "eval")[0].GetProperty("wrong").GetInt32(), wrong);

        static double Probability(JsonElement item) => item.GetProperty("probability").GetDouble();
    }

    [TestMethod]
    public void People_get_a_line_for_each_image_and_are_told_what_the_network_sees()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.jpg"], TestImages.RedAndBlue(300, 200));
        File.WriteAllBytes(folder["b.bmp"], TestImages.Bmp(new byte[3072]));
        string output = RunnerProgram.Run(folder, "predict", "--weights", Weights, "a.jpg", "b.bmp", "--top-k", "2").Succeeds().Out;
        Assert.Contains("images    the square in the middle, averaged to 32x32 pixels; transparent parts over white\n", output);
        Assert.Contains("note      this network was trained on SYNTHETIC images", output);
        string[] lines = [.. output.Split('\n').Where(line => line.Contains('%'))];
        Assert.HasCount(2, lines);
        Assert.MatchesRegex(@"^a\.jpg: [a-z ]+ \d+\.\d\d%, [a-z ]+ \d+\.\d\d%$", lines[0]);
        Assert.StartsWith("b.bmp: ", lines[1]);

        var quiet = RunnerProgram.Run(folder, "predict", "--weights", Weights, "-q", "-k1", "a.jpg");
        Assert.MatchesRegex(@"^a\.jpg: [a-z ]+ \d+\.\d\d%\n$", quiet.Out);
    }

    [TestMethod]
    public void Images_that_are_none_are_named_and_the_others_are_done()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["good.png"], TestImages.Png(new byte[3072]));
        File.WriteAllBytes(folder["cut.png"], TestImages.Png(new byte[3072])[..60]);
        File.WriteAllText(folder["text.png"], "nothing of the kind");
        File.WriteAllText(folder["empty.png"], "");
        Directory.CreateDirectory(folder["folder"]);
        using (var file = File.Create(folder["huge.png"])) file.SetLength((64 << 20) + 1);
        var outcome = RunnerProgram.Run(folder, "predict", "--weights", Weights, "--json", "text.png", "empty.png", "good.png", "cut.png", "folder", "huge.png", "nowhere.png", "good.png");
        Assert.AreEqual(4, outcome.ExitCode, outcome.ToString());
        Assert.HasCount(2, TinyRun.Records(outcome.Out, "prediction"));
        string[] expected =
        [
            "text.png is not a PNG, JPEG or BMP image", "empty.png is empty; allowed are PNG, JPEG and BMP images", "cut.png is a PNG image that is cut off",
            "folder is a folder; allowed are PNG, JPEG and BMP images", "huge.png is of 67,108,865 bytes; allowed are 67,108,864", "nowhere.png does not exist",
        ];
        var errors = TinyRun.Records(outcome.Error, "error");
        CollectionAssert.AreEqual(expected, errors.Select(error => error.GetProperty("message").GetString()).ToArray());
        Assert.IsTrue(errors.All(error => error.GetProperty("exit_code").GetInt32() == 4));
        Assert.EndsWith("error: text.png is not a PNG, JPEG or BMP image\n", RunnerProgram.Run(folder, "predict", "--weights", Weights, "-q", "text.png").Error);
    }

    [TestMethod]
    public void Without_images_test_images_are_shown_beside_the_truth()
    {
        using var folder = new TemporaryFolder();
        using var program = RunnerProgram.Start(folder, ["predict", "--weights", Weights, "--top-k", "1"], TinyRun.Size);
        string output = program.Wait().Succeeds().Out;
        string[] rows = [.. output.Split('\n').Where(line => line.EndsWith('%'))];
        Assert.HasCount(9, rows);
        for (int i = 0; i < rows.Length; i++)
        {
            string truth = Synthetic.ClassNames[i];
            Assert.Contains($" {i}  {truth} ", rows[i]);
            Assert.AreEqual(!rows[i].Contains("WRONG", StringComparison.Ordinal), rows[i].LastIndexOf(truth + " ", StringComparison.Ordinal) > 20, rows[i]);
        }
        int right = rows.Count(row => !row.Contains("WRONG", StringComparison.Ordinal));
        Assert.Contains($"\n{right} of the first 9 test images right, SYNTHETIC; eval counts all of them\n", output);

        using var json = RunnerProgram.Start(folder, ["predict", "--weights", Weights, "--json"], TinyRun.Size);
        var records = TinyRun.Records(json.Wait().Succeeds().Out, "prediction");
        CollectionAssert.AreEqual(Enumerable.Range(0, 9).ToArray(), records.Select(record => record.GetProperty("truth").GetProperty("class").GetInt32()).ToArray());
    }

    [TestMethod]
    public void Test_images_of_a_data_set_of_the_users_are_not_known()
    {
        using var folder = new TemporaryFolder();
        var architecture = new ArchitectureSpec(Architecture.ResNet, 8);
        using (var network = new ResNet(architecture, new() { Device = new() { Kind = DeviceKind.Cpu }, Training = false })) WeightsFile.Save(folder["w"], architecture, Normalization.Reference, network.State(), new(Dataset: "flowers"));
        RunnerProgram.Run(folder, "predict", "--weights", "w").Fails(2, "w was trained on 'flowers'", "name images");
        File.WriteAllBytes(folder["a.bmp"], TestImages.Bmp(new byte[3072]));
        Assert.Contains("a.bmp: class ", RunnerProgram.Run(folder, "predict", "--weights", "w", "a.bmp").Succeeds().Out);
    }

    [TestMethod]
    public void Without_weights_the_pretrained_ones_are_taken()
    {
        using var folder = new TemporaryFolder();
        string message = Assert.ThrowsExactly<InvalidSettingException>(() => DefaultWeights.Find(folder.Path, folder["nowhere"])).Message;
        Assert.Contains("--weights is missing, and there is no pretrained/resnet20.safetensors", message);

        Directory.CreateDirectory(folder["pretrained"]);
        File.Copy(Weights, folder["pretrained", "resnet20.safetensors"]);
        Assert.AreEqual(folder["pretrained", "resnet20.safetensors"], DefaultWeights.Find(folder["nowhere"], folder.Path));
        File.WriteAllBytes(folder["a.bmp"], TestImages.Bmp(new byte[3072]));
        Assert.Contains(", pretrained/resnet20.safetensors\n", RunnerProgram.Run(folder, "predict", "a.bmp").Succeeds().Out);
    }

    [TestMethod]
    public void The_weights_that_come_with_the_program_are_those_of_their_model_card()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.bmp"], TestImages.Bmp(new byte[3072]));
        var predictor = TinyRun.Records(RunnerProgram.Run(folder, "predict", "a.bmp", "--json").Succeeds().Out, "predictor")[0];
        Assert.AreEqual("resnet20", predictor.GetProperty("network").GetString());
        Assert.AreEqual(Cifar10.Name, predictor.GetProperty("trained_on").GetString());
        var weights = WeightsFile.Load(predictor.GetProperty("weights").GetString()!);
        Assert.Contains($"| sha-256 of the weights | {weights.State.Sha256()} |", File.ReadAllText(Repository.At("pretrained", "README.md")));
    }

    [TestMethod]
    [DataRow("--top-k 0", "--top-k 0 is not within 1..10", 2)]
    [DataRow("--top-k 11", "--top-k 11 is not within 1..10", 2)]
    [DataRow("--normalize channel", "--normalize 'channel' is not one of reference, imagenet", 2)]
    [DataRow("--device tpu", "device 'tpu'", 2)]
    [DataRow("--device cuda", "cuda", 3)]
    [DataRow("--weights nowhere", "nowhere", 5)]
    public void What_cannot_be_is_refused_before_any_image_is_read(string words, string what, int exitCode)
    {
        using var folder = new TemporaryFolder();
        string[] weights = words.StartsWith("--weights", StringComparison.Ordinal) ? [] : ["--weights", Weights];
        RunnerProgram.Run(folder, ["predict", .. weights, .. words.Split(' '), "nowhere.png"]).Fails(exitCode, what);
    }

    [TestMethod, TestCategory("Long")]
    public void The_published_weights_take_exported_images_for_what_eval_takes_them()
    {
        string weights = SharedFolder.File("data/pretrained/seed-resnet20.safetensors");
        if (Environment.GetEnvironmentVariable("CIFAR10_DIR") is not { Length: > 0 } data)
        {
            Assert.Inconclusive("skipped: CIFAR10_DIR does not name the real images");
            return;
        }
        using var folder = new TemporaryFolder();
        var test = Cifar10.Read(data).Test;
        var outcome = RunnerProgram.Run(folder, ["predict", "--weights", weights, "--json", "-k", "1", .. Export(folder, test)]).Succeeds();
        var predicted = TinyRun.Records(outcome.Out, "prediction").Select(record => record.GetProperty("classes")[0].GetProperty("class").GetInt32());
        Assert.AreEqual(804, predicted.Zip(test.Labels).Count(pair => pair.First != pair.Second));
    }

    private static string[] Export(TemporaryFolder folder, LabelledImages images)
    {
        string[] names = [.. Enumerable.Range(0, images.Count).Select(i => $"{i}.png")];
        Parallel.ForEach(names.Index(), image => File.WriteAllBytes(folder[image.Item], TestImages.Png(images.Image(image.Index))));
        return names;
    }
}
