using CudnnResNet.Runner.Reporting;

namespace CudnnResNet.Runner.Tests.Reporting;

/// <summary>The page of the <c>report</c> command, and what it looks into.</summary>
[TestClass]
public sealed class ReportPageCommandTests
{
    [TestMethod]
    public void A_run_with_weights_is_looked_into()
    {
        using var folder = new TemporaryFolder();
        using var program = RunnerProgram.Start(folder, ["report", TinyRun.Finished], TinyRun.Size);
        string output = program.Wait().Succeeds().Out;
        Assert.Contains("report.html confusion.png mistakes.png samples-train.png samples-test.png filters.png", output);
        string page = File.ReadAllText(folder["report", ReportPage.FileName]);
        Assert.Contains($"{TinyRun.Name}: what the network sees", page);
        Assert.Contains("test images for something else", page);
        Assert.IsTrue(File.Exists(folder["report", "mistakes.png"]));
    }

    [TestMethod]
    public void Of_several_networks_each_has_pictures_of_its_own()
    {
        using var folder = new TemporaryFolder();
        using var program = RunnerProgram.Start(folder, ["report", TinyRun.Finished, TinyRun.CopyTo(folder)], TinyRun.Size);
        Assert.Contains($" 2-{TinyRun.Name}-filters.png", program.Wait().Succeeds().Out);
        foreach (string name in (string[])[$"1-{TinyRun.Name}-confusion.png", $"2-{TinyRun.Name}-confusion.png"]) Assert.IsTrue(File.Exists(folder["report", name]), name);
    }

    [TestMethod]
    public void What_cannot_be_looked_into_is_said()
    {
        using var folder = new TemporaryFolder();
        string run = TinyRun.CopyTo(folder), weights = Path.Combine(run, "last.safetensors");
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..1000]);
        Assert.Contains($"note      {TinyRun.Name}: no pictures of what the network sees: {weights}: ", Report());
        File.Delete(weights);
        Assert.Contains($"note      {TinyRun.Name}: there is no {weights}, so", Report());
        Assert.Contains($"<li>{TinyRun.Name}: there is no {weights}, so", File.ReadAllText(folder["report", ReportPage.FileName]));

        string Report()
        {
            using var program = RunnerProgram.Start(folder, ["report", run], TinyRun.Size);
            return program.Wait().Succeeds().Out;
        }
    }

    [TestMethod]
    public void A_weights_file_is_looked_into_by_itself()
    {
        using var folder = new TemporaryFolder();
        using var program = RunnerProgram.Start(folder, ["report", "--weights", Path.Combine(TinyRun.Finished, "best.safetensors")], TinyRun.Size);
        program.Wait().Succeeds();
        string page = File.ReadAllText(folder["report", ReportPage.FileName]);
        Assert.Contains("best: what the network sees", page);
        Assert.Contains("the reference project</h1>", page);

        RunnerProgram.Run(folder, "report", "--weights", "missing.safetensors").Fails(5, "missing.safetensors");
        RunnerProgram.Run(folder, "report", "--arch", "plain").Fails(2, "--arch", "--weights");
        RunnerProgram.Run(folder, "report", "--weights", Path.Combine(TinyRun.Finished, "best.safetensors"), "--data", "nowhere").Succeeds();
    }
}
