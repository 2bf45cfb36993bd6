using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Delegating;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model.Tests.Network;

/// <summary>What a device that records whole passes may rely on.</summary>
[TestClass]
public sealed class PassTests
{
    private const int Batch = 3, Images = 5;

    [TestMethod]
    public void Every_step_and_every_batch_of_an_evaluation_is_one_pass_through_the_device()
    {
        PassDevice device = null!;
        using var network = Network(plan => device = new(new ReferenceDevice(plan)));
        using DeviceImages images = Load(network), others = Load(network);
        network.BeginEpoch(images, 2, [4, 3, 2, 1, 0], [0.1, 0.2]);
        network.TrainStep(images, 0, 0, 3);
        network.TrainStep(images, 1, 3, 2);
        network.Evaluate(others, 2, 3);
        network.Evaluate(images, 0, 1);
        CollectionAssert.AreEqual(new Pass[]
        {
            new(Mode.Training, images.Set, 0, 3, 0), new(Mode.Training, images.Set, 3, 2, 1), new(Mode.Inference, others.Set, 2, 3, 0), new(Mode.Inference, images.Set, 0, 1, 0),
        }, device.Passes.Select(pass => pass.Pass).ToArray());
        Assert.AreSame(device.Passes[0].Body, device.Passes[1].Body);
        Assert.AreSame(device.Passes[2].Body, device.Passes[3].Body);
        Assert.AreNotSame(device.Passes[0].Body, device.Passes[2].Body);
    }

    [TestMethod]
    public void A_pass_is_done_only_by_its_body()
    {
        PassDevice device = null!;
        using var network = Network(plan => device = new(new ReferenceDevice(plan)) { Skips = true });
        using var images = Load(network);
        network.BeginEpoch(images, 0, [0, 1, 2, 3, 4], [0.1]);
        string before = network.State().Sha256();
        network.TrainStep(images, 0, 0, 3);
        network.Evaluate(images, 0, 3);
        Assert.AreEqual(before, network.State().Sha256());
        Assert.AreEqual(0, network.ReadTotals().Images);
        foreach (var (pass, body) in device.Passes) body(pass);
        Assert.AreNotEqual(before, network.State().Sha256());
        Assert.AreEqual(6, network.ReadTotals().Images);
    }

    [TestMethod]
    public void Totals_that_were_asked_for_are_those_of_that_moment()
    {
        using var network = Network(plan => new ReferenceDevice(plan));
        using var images = Load(network);
        network.Evaluate(images, 0, 3);
        var asked = network.RequestTotals();
        var totals = network.ReadTotals();
        network.Evaluate(images, 3, 2);
        Assert.IsTrue(asked.AreThere);
        Assert.AreEqual(totals, asked.Read());
        Assert.AreEqual(3, totals.Images);
    }

    private static ResNet Network(Func<NetworkPlan, IDevice> open) => new(new(Architecture.ResNet, 8), new() { BatchSize = Batch }, open);

    private static DeviceImages Load(ResNet network) => network.LoadImages(TestData.Bytes(Images * AugmentSpec.ImageSize, "pass pixels"), new byte[Images]);

    /// <summary>Keeps the passes, and does them unless told otherwise.</summary>
    private sealed class PassDevice(IDevice inner) : DelegatingDevice(inner)
    {
        public bool Skips { get; init; }

        public List<(Pass Pass, Action<Pass> Body)> Passes { get; } = [];

        public override void Run(Pass pass, Action<Pass> body)
        {
            Passes.Add((pass, body));
            if (!Skips) base.Run(pass, body);
        }

        public override ConvNormUnit CreateConvNorm(ConvNormSpec spec) => Inner.CreateConvNorm(spec);

        public override HeadUnit CreateHead(HeadSpec spec) => Inner.CreateHead(spec);
    }
}
