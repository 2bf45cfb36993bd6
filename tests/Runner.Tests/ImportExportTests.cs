using CudnnResNet.Model;

namespace CudnnResNet.Runner.Tests;

/// <summary>Weights from PyTorch's files into every command that takes weights, and out again.</summary>
[TestClass]
public sealed class ImportExportTests
{
    private static WeightsFile Trained => WeightsFile.Load(Path.Combine(TinyRun.Finished, "last.safetensors"));

    [TestMethod]
    [DataRow("zip")]
    [DataRow("legacy")]
    public void A_torch_file_is_imported_and_evaluated(string format)
    {
        using var folder = new TemporaryFolder();
        WriteTorch(folder["net.th"], format);
        var origin = Trained;
        File.WriteAllText(folder["net.safetensors"], "what was there before is replaced");
        // The run's normalisation is of its synthetic images, which the command line computes from CIFAR-10 only: reference on both sides here.
        var imported = TinyRun.Records(RunnerProgram.Run(folder, "import", "net.th", "--to", "net.safetensors", "--shortcut", "trailing", "--normalize", "reference", "--json").Succeeds().Out, "import")[0];
        Assert.AreEqual(origin.State.Sha256(), imported.GetProperty("weights_sha256").GetString());
        Assert.AreEqual("reference", imported.GetProperty("normalize").GetString());

        int expected = Wrong(folder, Path.Combine(TinyRun.Finished, "last.safetensors"), "--normalize", "reference");
        Assert.AreEqual(expected, Wrong(folder, "net.safetensors"));
        Assert.AreEqual(expected, Wrong(folder, "net.th", "--shortcut", "trailing", "--normalize", "reference"));
        CollectionAssert.AreEqual(new[] { "net.safetensors", "net.th" }, folder.Files);
    }

    [TestMethod]
    public void Import_says_what_the_file_does_not_say()
    {
        using var folder = new TemporaryFolder();
        WriteTorch(folder["net.pt"], "zip");
        string output = RunnerProgram.Run(folder, "import", "net.pt", "--to", "net.safetensors").Succeeds().Out;
        foreach (string part in (string[])["network   resnet8", "--arch overrides", "--shortcut overrides", "--normalize overrides", "wrote net.safetensors", "eval --weights net.safetensors"]) Assert.Contains(part, output);
        var written = WeightsFile.Load(folder["net.safetensors"]);
        Assert.AreEqual((ShortcutPadding.Centred, "imagenet", NamingScheme.Own), (written.Architecture.Shortcut, written.Normalization.Name, written.Scheme));
        Assert.IsEmpty(written.Notices);
    }

    [TestMethod]
    public void Training_begins_with_a_torch_file_and_compare_takes_one()
    {
        using var folder = new TemporaryFolder();
        WriteTorch(folder["net.pt"], "legacy");
        Assert.Contains("the initial weights were trained with normalisation imagenet", TinyRun.Run(folder, "--initial-weights", "net.pt", "--epochs", "1").Succeeds().Out);
        RunnerProgram.Run(folder, "compare", "--weights", "net.pt", "--batch", "1").Succeeds();
    }

    [TestMethod]
    public void A_file_that_would_run_a_program_is_refused()
    {
        using var folder = new TemporaryFolder();
        byte[] pickle = new PickleWriter().Global("posix", "system").Text("touch owned").Opcode(0x85).Opcode('R').Stop();
        File.WriteAllBytes(folder["net.pt"], ZipWriter.Write(new("a/data.pkl", pickle), new ZipEntryBytes("a/version", "3"u8.ToArray())));
        RunnerProgram.Run(folder, "import", "net.pt", "--to", "net.safetensors").Fails(5, "net.pt: ", "'posix.system' is not among the names", "nothing is imported or executed");
        RunnerProgram.Run(folder, "eval", "--weights", "net.pt").Fails(5, "'posix.system'");
        TinyRun.Run(folder, "--initial-weights", "net.pt").Fails(5, "'posix.system'");
        RunnerProgram.Run(folder, "import", "missing.pt", "--to", "net.safetensors").Fails(5, "missing.pt: there is no such file");
        CollectionAssert.AreEqual(new[] { "net.pt" }, folder.Files);
    }

    [TestMethod]
    public void Export_writes_ONNX_of_the_form_asked_for()
    {
        using var folder = new TemporaryFolder();
        string weights = Path.Combine(TinyRun.Finished, "last.safetensors");
        Assert.Contains("wrote net.onnx: ONNX opset 17, input (N, 3, 32, 32) normalised, output logits (N, 10)", RunnerProgram.Run(folder, "export", "--weights", weights, "--to", "net.onnx", "--quiet").Succeeds().Out);
        string[] plain = Operators(folder["net.onnx"]);
        Assert.HasCount(7, plain.Where(type => type == "BatchNormalization"));
        Assert.HasCount(2, plain.Where(type => type == "Slice"));
        Assert.HasCount(2, plain.Where(type => type == "Pad"));
        Assert.DoesNotContain("Mul", plain);

        Assert.Contains("pixels of 0..255", RunnerProgram.Run(folder, "export", "--weights", weights, "--to", "net.onnx", "--fold", "--include-normalization").Succeeds().Out);
        string[] folded = Operators(folder["net.onnx"]);
        Assert.DoesNotContain("BatchNormalization", folded);
        CollectionAssert.AreEqual(new[] { "Mul", "Add", "Conv" }, folded[..3]);
        Assert.HasCount(7, folded.Where(type => type == "Conv"));
        CollectionAssert.AreEqual(new[] { "net.onnx" }, folder.Files);
    }

    [TestMethod]
    [DataRow("own", "layer2.0.conv1.weight")]
    [DataRow("reference", "stack2a.conv1.weight")]
    [DataRow("common", "linear.weight")]
    public void Export_writes_the_names_asked_for(string keys, string name)
    {
        using var folder = new TemporaryFolder();
        RunnerProgram.Run(folder, "export", "--weights", Path.Combine(TinyRun.Finished, "best.safetensors"), "--to", "net.safetensors", "--keys", keys).Succeeds();
        Assert.IsTrue(SafeTensors.Read(folder["net.safetensors"]).Contains(name));
        var original = WeightsFile.Load(Path.Combine(TinyRun.Finished, "best.safetensors"));
        var exported = WeightsFile.Load(folder["net.safetensors"]);
        Assert.AreEqual((original.State.Sha256(), original.Architecture, original.Origin), (exported.State.Sha256(), exported.Architecture, exported.Origin));
        CollectionAssert.AreEqual(original.Normalization.Mean, exported.Normalization.Mean);
    }

    /// <summary>The finished run's weights as another project would have saved them: its names, DataParallel's prefix, inside a checkpoint.</summary>
    private static void WriteTorch(string path, string format)
    {
        var writer = new TorchFileWriter { Wrapper = "state_dict" };
        foreach (var (name, shape, values) in Trained.State.Tensors) writer.Add("module." + name.Replace("fc.", "linear.", StringComparison.Ordinal), shape, values);
        File.WriteAllBytes(path, format == "zip" ? writer.Zip() : writer.Legacy());
    }

    private static int Wrong(TemporaryFolder folder, string weights, params string[] more)
    {
        using var program = RunnerProgram.Start(folder, ["eval", "--weights", weights, "--dataset", "synthetic", "--json", .. more], TinyRun.Size);
        return TinyRun.Records(program.Wait().Succeeds().Out, "eval")[0].GetProperty("wrong").GetInt32();
    }

    /// <summary>The operators of an ONNX model in the order of its nodes.</summary>
    private static string[] Operators(string path)
    {
        var model = ProtobufReader.Read(File.ReadAllBytes(path));
        Assert.AreEqual(8UL, model.Single(field => field.Number == 1).Bits, "the IR version");
        Assert.AreEqual(17UL, model.Single(field => field.Number == 8).Message.Single(field => field.Number == 2).Bits, "the opset");
        return [.. model.Single(field => field.Number == 7).Message.Where(field => field.Number == 1).Select(node => node.Message.Single(field => field.Number == 4).Text)];
    }
}
