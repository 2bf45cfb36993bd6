using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Data;

/// <summary>What can only be seen on the real images; CIFAR10_DIR says where they are.</summary>
[TestClass]
public sealed class RealCifar10Tests
{
    [TestMethod]
    public void The_real_set_is_whole()
    {
        var report = Cifar10Report.Create(Folder());
        Assert.IsTrue(report.IsWhole, string.Join("; ", report.Problems));
    }

    /// <summary>The constants that everybody who trains on CIFAR-10 uses, to their four digits.</summary>
    [TestMethod]
    public void Channel_statistics_are_the_well_known_ones()
    {
        var train = Cifar10.Read(Folder()).Train;
        var channel = NormalizationStatistics.Channel(train);
        var pixel = NormalizationStatistics.Pixel(train);
        double[] mean = [0.4914, 0.4822, 0.4465], std = [0.2470, 0.2435, 0.2616];
        for (int c = 0; c < 3; c++)
        {
            Assert.AreEqual(mean[c], channel.Mean[c], 5e-5);
            Assert.AreEqual(std[c], channel.Std[c], 5e-5);
            Assert.AreEqual(channel.Mean[c], pixel.PixelMean!.Skip(c * 1024).Take(1024).Average(v => (double)v), 1e-7);
        }
    }

    private static string Folder()
    {
        string? folder = Environment.GetEnvironmentVariable("CIFAR10_DIR");
        if (string.IsNullOrEmpty(folder))
            Assert.Inconclusive("skipped: CIFAR10_DIR does not name a folder with the real CIFAR-10");
        return folder;
    }
}
