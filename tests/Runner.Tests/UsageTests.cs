namespace CudnnResNet.Runner.Tests;

/// <summary>Words that cannot be run: one line that says why, and exit code 2.</summary>
[TestClass]
public sealed class UsageTests
{
    [TestMethod]
    [DataRow("--depth 21", "depth 21", "20 or 26")]
    [DataRow("--batch-size 0", "batch size 0", "1..4096")]
    [DataRow("-b -1", "batch size -1", "1..4096")]
    [DataRow("--dept 20", "unknown option --dept", "did you mean --depth?")]
    [DataRow("--resume --epochz 5", "unknown option --epochz", "did you mean --epochs?")]
    [DataRow("train -x", "unknown option -x", "")]
    [DataRow("tarin --depth 20", "unknown command 'tarin'", "did you mean train?")]
    [DataRow("data downlod", "unknown command 'data downlod'", "did you mean download?")]
    [DataRow("data", "data needs one of", "download, verify")]
    [DataRow("train 32", "unexpected argument '32'", "train --help")]
    [DataRow("--depth", "option --depth needs a value", "")]
    [DataRow("--depth 20 --depth 32", "option --depth is given 2 times", "")]
    [DataRow("--depth deep", "--depth 'deep'", "not a whole number")]
    [DataRow("--lr 0,1", "--lr '0,1'", "not a number")]
    [DataRow("--arch vgg", "--arch 'vgg'", "resnet, plain")]
    [DataRow("--model vgg16", "--model 'vgg16'", "resnet32")]
    [DataRow("--model resnet32 --depth 20", "--model resnet32 contradicts --depth 20", "")]
    [DataRow("--device cuda:x", "device 'cuda:x'", "cuda, cuda:N")]
    [DataRow("--device cuda:", "device 'cuda:'", "cuda, cuda:N")]
    [DataRow("--device cuda:-1", "device 'cuda:-1'", "cuda, cuda:N")]
    [DataRow("--device cuda:+1", "device 'cuda:+1'", "cuda, cuda:N")]
    [DataRow("--device cuda:99999999999", "device 'cuda:99999999999'", "cuda, cuda:N")]
    [DataRow("--device tpu", "device 'tpu'", "auto, cpu, cuda")]
    [DataRow("--threads 1000 --depth 8", "threads 1000", "0..256")]
    [DataRow("--epochs 1 --iterations 1", "epochs 1 and iterations 1", "")]
    [DataRow("--dataset imagenet", "imagenet", "auto, cifar10, synthetic")]
    [DataRow("--crop middle", "--crop 'middle'", "random, five, none")]
    [DataRow("--name a/b", "a/b", "name")]
    [DataRow("--resume nothing", "--resume nothing", "neither a folder nothing nor")]
    [DataRow("--resume", "--resume", "no run in runs has a checkpoint")]
    [DataRow("--config missing.json", "config file missing.json cannot be read", "")]
    [DataRow("bench --steps 0", "--steps 0", "1..100000")]
    [DataRow("bench --mode fast", "--mode 'fast'", "train, infer, load, latency, checks")]
    [DataRow("bench --mode latency -b 2", "--batch-size 2 does not go with --mode latency", "one image at a time")]
    [DataRow("bench --callers 8", "--callers 8 goes with --mode infer", "train")]
    [DataRow("bench --mode infer --callers 0", "--callers 0 is not within 1..256", "")]
    [DataRow("bench --depth 8 --mode checks --device reference", "--mode checks needs the cpu device", "reference")]
    [DataRow("bench --profile=5", "5", "")]
    [DataRow("--trace-steps 10:30", "--trace-steps does nothing without --trace", "")]
    [DataRow("bench --trace a.json --trace-steps 5:2", "--trace-steps '5:2' is not FIRST:LAST", "10:30")]
    [DataRow("bench --trace a.json --trace-steps 10", "--trace-steps '10' is not FIRST:LAST", "10:30")]
    [DataRow("bench --trace a.json --trace-steps 1:1001", "trace-steps 1:1001 is 1001 steps", "more than 1000")]
    [DataRow("--depth 21 --trace a.json", "depth 21", "20 or 26")]
    [DataRow("--cuda-profiler-range 0:5", "--cuda-profiler-range '0:5' is not FIRST:LAST", "10:30")]
    [DataRow("--device cpu --cuda-profiler-range 1:5", "cuda-profiler-range 1:5 needs the cuda device", "this one is cpu")]
    [DataRow("bench --depth 8 --device reference --cuda-profiler-range 1:5", "cuda-profiler-range 1:5 needs the cuda device", "this one is reference")]
    [DataRow("import", "import needs FILE", "import --help")]
    [DataRow("import a.pt", "--to is missing", "FILE.safetensors")]
    [DataRow("import a.pt b.pt --to a.safetensors", "unexpected argument 'b.pt'", "")]
    [DataRow("import a.pt --to a.onnx", "--to a.onnx does not end with .safetensors", "")]
    [DataRow("import a.pt --to nowhere/a.safetensors", "there is no folder", "nowhere")]
    [DataRow("import a.pt --to a.safetensors --normalize mean", "--normalize 'mean'", "reference, imagenet, channel, pixel")]
    [DataRow("export --to a.onnx", "--weights is missing", "")]
    [DataRow("export --weights a.pt", "--to is missing", "FILE.onnx")]
    [DataRow("export --weights a.pt --to a.pt", "--to a.pt does not end with .onnx or .safetensors", "")]
    [DataRow("export --weights a.pt --to a.onnx --keys own", "--keys does not go with --to a.onnx", ".safetensors")]
    [DataRow("export --weights a.pt --to a.safetensors --fold", "--fold does not go with --to a.safetensors", ".onnx")]
    [DataRow("export --weights a.pt --to a.safetensors --keys timm", "--keys 'timm'", "own, reference, common")]
    [DataRow("eval --weights a.pt --normalize mean", "--normalize 'mean'", "reference, imagenet, channel, pixel")]
    [DataRow("report runs --outptu x", "unknown option --outptu", "did you mean --output?")]
    [DataRow("report --output", "option --output needs a value", "")]
    [DataRow("compare --batch 0", "batch size 0", "1..4096")]
    public void Is_refused_in_one_line(string words, string what, string allowed)
    {
        using var folder = new TemporaryFolder();
        RunnerProgram.Run(folder, words.Split(' ')).Fails(2, what, allowed);
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [TestMethod]
    [DataRow("""{ "depht": 20 }""", "unknown key 'depht'; did you mean depth?")]
    [DataRow("""{ "depth": 21 }""", "depth 21")]
    [DataRow("""{ "depth": "deep" }""", "config.json: depth 'deep' is not a whole number")]
    [DataRow("""{ "depth": null }""", "depth")]
    [DataRow("""{ "offline": 1 }""", "offline must be true or false")]
    [DataRow("""[20]""", "not a JSON object")]
    [DataRow("""{ "depth": """, "not JSON")]
    [DataRow("""{ "depth": 20, "depth": 32 }""", "depth")]
    public void A_config_file_is_refused_in_one_line(string json, string what)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], json);
        RunnerProgram.Run(folder, "--config", "config.json").Fails(2, what);
    }

    [TestMethod]
    public void An_environment_variable_is_refused_by_its_name()
    {
        using var folder = new TemporaryFolder();
        using var program = RunnerProgram.Start(folder, ["summary"], "CUDNNRESNET_DEPTH=deep");
        program.Wait().Fails(2, "CUDNNRESNET_DEPTH 'deep'");
    }

    [TestMethod]
    public void What_is_typed_wins_over_the_config_file_and_that_over_the_environment()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], """{ "depth": 33 }""");
        Refused(["--config", "config.json"], "depth 33", "CUDNNRESNET_DEPTH=45");
        Refused(["--config", "config.json", "--depth", "21"], "depth 21", "CUDNNRESNET_DEPTH=45");
        Refused([], "depth 45", "CUDNNRESNET_DEPTH=45");

        void Refused(string[] args, string what, string setting)
        {
            using var program = RunnerProgram.Start(folder, args, setting);
            program.Wait().Fails(2, what);
        }
    }

    [TestMethod]
    public void An_error_is_a_JSON_line_for_programs()
    {
        using var folder = new TemporaryFolder();
        var outcome = RunnerProgram.Run(folder, "--json", "--depth", "21");
        Assert.AreEqual(2, outcome.ExitCode);
        using var error = System.Text.Json.JsonDocument.Parse(outcome.Error);
        Assert.AreEqual("error", error.RootElement.GetProperty("event").GetString());
        Assert.AreEqual(2, error.RootElement.GetProperty("exit_code").GetInt32());
        Assert.Contains("depth 21", error.RootElement.GetProperty("message").GetString()!);
    }

    [TestMethod]
    [DataRow("--debug", "")]
    [DataRow("", "CUDNNRESNET_DEBUG=1")]
    public void A_stack_trace_is_there_when_asked_for(string option, string setting)
    {
        using var folder = new TemporaryFolder();
        using var program = RunnerProgram.Start(folder, ["--depth", "21", .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries)], setting.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var outcome = program.Wait();
        Assert.AreEqual(2, outcome.ExitCode);
        Assert.Contains("   at ", outcome.Error);
    }

    [TestMethod]
    public void A_device_that_is_not_usable_says_what_is_missing()
    {
        using var folder = new TemporaryFolder();
        RunnerProgram.Run(folder, "--device", "cuda", "--dataset", "synthetic").Fails(3, "cuda");
        RunnerProgram.Run(folder, "compare", "--device", "cuda:0").Fails(3, "cuda");
        RunnerProgram.Run(folder, "bench", "--device", "cuda").Fails(3, "cuda");
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(folder.Path));
    }
}
