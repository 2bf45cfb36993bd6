using CudnnResNet.Model;

namespace CudnnResNet.Training.Tests.Runs;

[TestClass]
public sealed class EvaluatorTests
{
    [TestMethod]
    public void An_error_is_told_in_one_form() =>
        Assert.AreEqual("test error 8.04 % (804 of 10000)", new Evaluation(10_000, 804, 1, 1).Describe());

    [TestMethod]
    public void Every_image_is_counted_once_whatever_the_batch()
    {
        Evaluation Evaluate(int batchSize)
        {
            using var network = new ResNet(new(Architecture.ResNet, 8), new() { Device = DeviceOptions.Parse(TinyRun.DeviceName), BatchSize = batchSize, Training = false });
            var first = Evaluator.Run(network, TinyRun.Data.Train);
            var second = Evaluator.Run(network, TinyRun.Data.Train);
            Assert.AreEqual((first.Images, first.Wrong, first.LossSum), (second.Images, second.Wrong, second.LossSum));
            return first;
        }

        var (whole, parts) = (Evaluate(20), Evaluate(7));
        Assert.AreEqual(20, whole.Images);
        Assert.AreEqual(whole.Images, parts.Images);
        Assert.AreEqual(whole.Wrong, parts.Wrong);
        Assert.AreEqual(whole.Loss, parts.Loss, 1e-5 * whole.Loss);
    }
}
