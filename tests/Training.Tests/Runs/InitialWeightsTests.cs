using CudnnResNet.Model;

namespace CudnnResNet.Training.Tests.Runs;

[TestClass]
public class InitialWeightsTests
{
    [TestMethod]
    public void A_file_that_does_not_say_what_it_is_serves_a_plain_network()
    {
        using var folder = new TemporaryFolder();
        StateDict state = State(new(Architecture.Plain, 8));
        using (var stream = File.Create(folder["w"])) SafeTensors.Write(stream, state.Tensors, new Dictionary<string, string> { ["format"] = "pt" });
        using var trainer = Trainer.Start(TinyRun.Options(folder) with { Arch = Architecture.Plain, InitialWeights = folder["w"] }, TinyRun.Data);
        Assert.AreEqual(state.Sha256(), trainer.Network.State().Sha256());
    }

    [TestMethod]
    public void A_file_of_another_network_is_refused_with_both_names()
    {
        using var folder = new TemporaryFolder();
        var plain = new ArchitectureSpec(Architecture.Plain, 14);
        WeightsFile.Save(folder["w"], plain, Normalization.Reference, State(plain));
        var error = Assert.ThrowsExactly<WeightsException>(() => Trainer.Start(TinyRun.Options(folder) with { InitialWeights = folder["w"] }, TinyRun.Data).Dispose());
        StringAssert.Contains(error.Message, "the weights are plain14's, the network is resnet8");
    }

    private static StateDict State(ArchitectureSpec architecture)
    {
        using var network = new ResNet(architecture, new NetworkOptions { Device = DeviceOptions.Parse("reference"), BatchSize = 1, Seed = 77 });
        return network.State();
    }
}
