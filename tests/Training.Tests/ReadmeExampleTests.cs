using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests;

/// <summary>The README's example of embedding, run as it stands there.</summary>
[TestClass]
public class ReadmeExampleTests
{
    [TestMethod]
    public void The_example_runs_and_gives_ten_logits()
    {
        using var folder = new TemporaryFolder();

        var data = Synthetic.Create(trainCount: 512, testCount: 128);
        var options = new TrainOptions { Depth = 8, Epochs = 1, Output = folder.Path };
        using var trainer = Trainer.Start(options, data);
        var result = trainer.Run();
        StringAssert.StartsWith(result.Final!.Describe(), "test error ");

        var logits = new float[10];
        trainer.Network.Infer(new float[3 * 32 * 32], logits);
        Assert.IsTrue(logits.All(float.IsFinite) && logits.Any(value => value != 0));
    }
}
