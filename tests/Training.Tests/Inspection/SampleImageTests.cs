using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Inspection;

[TestClass]
public sealed class SampleImageTests
{
    private static readonly DataSet Data = Synthetic.Create(trainCount: 30, testCount: 5);

    [TestMethod]
    public void Test_images_are_the_first_as_they_are()
    {
        var samples = SampleImage.OfTest(Data.Test);
        Assert.HasCount(5, samples);
        CollectionAssert.AreEqual(Data.Test.Image(4).ToArray(), samples[4].Pixels);
        Assert.AreEqual(Data.Test.Labels[4], samples[4].Label);
    }

    [TestMethod]
    public void Training_images_are_the_first_of_the_epoch_as_the_devices_augment_them()
    {
        var options = new NetworkOptions { Seed = 5 };
        var samples = SampleImage.OfTraining(Data.Train, options, epoch: 2);
        int[] order = EpochOrder.Create(30, epoch: 2, seed: 5);
        Assert.HasCount(9, samples);
        for (int i = 0; i < samples.Count; i++)
        {
            Assert.AreEqual(Data.Train.Labels[order[i]], samples[i].Label);
            CollectionAssert.AreEqual(TrainingImage.Augment(options, Data.Train.Image(order[i]), order[i], epoch: 2), samples[i].Pixels);
        }
    }
}
