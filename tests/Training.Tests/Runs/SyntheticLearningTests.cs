using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Runs;

[TestClass]
public class SyntheticLearningTests
{
    /// <summary>Ten classes: guessing errs in 90 %. Mean colour alone hardly does better, so this is learnt from shapes and textures.</summary>
    [TestMethod]
    public void A_resnet8_learns_the_synthetic_set_well_above_chance_in_seconds()
    {
        using var folder = new TemporaryFolder();
        var options = new TrainOptions { Depth = 8, Device = "cpu", Epochs = 2, Output = folder.Path };
        using var trainer = Trainer.Start(options, Synthetic.Create(trainCount: 4000, testCount: 500));
        double error = trainer.Run().Final!.Error;
        Assert.IsLessThan(0.7, error, $"test error {error:P1}");
    }
}
