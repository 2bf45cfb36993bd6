using CudnnResNet.Model.Tests.Conformance;

namespace CudnnResNet.Model.Tests.Network;

[TestClass]
public sealed class ProfileTests : EmulatedGpuTests
{
    private static readonly ArchitectureSpec Small = new(Architecture.ResNet, 8);

    public static IEnumerable<object[]> Devices => TestDevices.RowsWithReference;

    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void Every_op_of_a_training_step_is_there_once_and_the_shares_are_the_whole(string device)
    {
        using var network = Network(device, profile: true);
        Train(network, [3, 2]);
        var profile = network.ReadProfile();
        Assert.AreEqual(2, profile.Steps);
        Assert.AreEqual(1, profile.Rows.Sum(row => row.Share), 1e-9);
        Assert.AreEqual(profile.Seconds, profile.Rows.Sum(row => row.Seconds), 1e-9 * profile.Seconds);

        var layers = Small.Layers().SelectMany(layer => Enum.GetValues<Direction>().Select(direction => (layer.Name, (Direction?)direction)));
        (string, Direction?)[] expected = [("augment", null), .. layers, ("update", null), ("other", null)];
        CollectionAssert.AreEqual(expected, profile.Rows.Select(row => (row.Op.Name, row.Op.Direction)).ToArray());
        foreach (var row in profile.Rows)
        {
            Assert.AreEqual(2, row.Calls, row.ToString());
            Assert.IsGreaterThan(0, row.Seconds, row.ToString());
            Assert.AreEqual(row.Op.Name is "update" or "other" ? 0 : 5, row.Images, row.ToString());
        }
    }

    [TestMethod]
    public void An_inference_network_has_forward_rows_only()
    {
        using var network = Network("cpu-direct", profile: true, training: false);
        using var set = network.LoadImages(new byte[3 * 3072], new byte[3]);
        network.Evaluate(set, 0, 3);
        network.Infer(new float[3072], new float[10]);
        var profile = network.ReadProfile();
        Assert.AreEqual(2, profile.Steps);
        Assert.DoesNotContain(Direction.Backward, profile.Rows.Select(row => row.Op.Direction));
        Assert.AreEqual(4, profile.Rows.Single(row => row.Op.Name == "conv1").Images);
        Assert.AreEqual(3, profile.Rows.Single(row => row.Op.Name == "augment").Images);
    }

    [TestMethod]
    public void A_training_network_counts_its_training_steps_only_and_can_begin_again()
    {
        using var network = Network("cpu-direct", profile: true);
        using var set = network.LoadImages(new byte[3 * 3072], new byte[3]);
        network.Evaluate(set, 0, 3);
        Assert.AreEqual(0, network.ReadProfile().Steps);
        Assert.IsEmpty(network.ReadProfile().Rows);
        Train(network, [3]);
        network.Evaluate(set, 0, 3);
        Assert.AreEqual(3, network.ReadProfile().Rows.Single(row => row.Op is { Name: "conv1", Direction: Direction.Forward }).Images);
        network.ResetProfile();
        Assert.AreEqual(0, network.ReadProfile().Steps);
    }

    [TestMethod]
    public void Rates_are_work_by_time()
    {
        var op = new OpWork("conv", Direction.Forward, "Winograd", MultiplyAdds: 4_000, ExecutedMultiplyAdds: 1_000, ImageBytes: 300, CallBytes: 50);
        var row = new ProfileRow(op, Calls: 2, Images: 10, Seconds: 1e-3, Share: 1);
        Assert.AreEqual(0.08, row.GflopsDirect!.Value, 1e-12);
        Assert.AreEqual(0.02, row.GflopsExecuted!.Value, 1e-12);
        Assert.AreEqual(0.0031, row.GigabytesPerSecond!.Value, 1e-12);
        Assert.IsNull((row with { Op = op with { MultiplyAdds = 0 } }).GflopsDirect);
        Assert.IsNull((row with { Seconds = 0 }).GflopsDirect);
    }

    [TestMethod]
    public void The_work_of_an_op_counts_its_tensors_once()
    {
        using var network = Network("cpu-direct", profile: false);
        var ops = network.Ops();
        const int image = 16 * 32 * 32, weights = 16 * 16 * 9 + 32;
        // The first layer reads (3, 32, 32) and writes (16, 32, 32); it has no dx.
        Bytes("conv1", Direction.Forward, 3072 + image, 16 * 27 + 32);
        Bytes("conv1", Direction.Backward, 3072 + 2 * image, 2 * (16 * 27 + 32));
        // A block's first unit: x, y; then x, y, dy, the shortcut's gradient and dx.
        Bytes("layer1.0.conv1", Direction.Forward, 2 * image, weights);
        Bytes("layer1.0.conv1", Direction.Backward, 5 * image, 2 * weights);
        // Its second: x, s, y; then x, y, dy, dx, ds.
        Bytes("layer1.0.conv2", Direction.Forward, 3 * image, weights);
        Bytes("layer1.0.conv2", Direction.Backward, 5 * image, 2 * weights);
        Assert.AreEqual(4 * 5 * Small.ParameterCount, ops.Single(op => op.Name == "update").CallBytes);
        long forward = ops.Where(op => op.Direction == Direction.Forward).Sum(op => op.MultiplyAdds);
        Assert.AreEqual(Small.MultiplyAdds, forward);

        void Bytes(string name, Direction direction, long imageFloats, long callFloats)
        {
            var op = ops.Single(op => op.Name == name && op.Direction == direction);
            Assert.AreEqual((4 * imageFloats, 4 * callFloats), (op.ImageBytes, op.CallBytes), op.ToString());
        }
    }

    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void Profiling_does_not_change_a_byte(string device)
    {
        Assert.AreEqual(Hash(false), Hash(true));

        string Hash(bool profile)
        {
            using var network = Network(device, profile);
            Train(network, [3, 2, 3]);
            return network.State().Sha256() + network.Momentum().Sha256();
        }
    }

    [TestMethod]
    public void A_peak_is_measured_where_the_device_has_one()
    {
        using var cpu = Network("cpu-direct", profile: true);
        Assert.IsGreaterThan(1e6, cpu.MeasurePeak()!.Value);
        using var reference = Network("reference", profile: false);
        Assert.IsNull(reference.MeasurePeak());
    }

    [TestMethod]
    public void Augmenting_alone_is_the_first_op_of_a_training_step()
    {
        using var network = Network("cpu-direct", profile: true);
        using var set = network.LoadImages(new byte[5 * 3072], new byte[5]);
        network.BeginEpoch(set, 0, [4, 3, 2, 1, 0], [0.1]);
        network.Augment(set, 2, 3);
        var rows = network.ReadProfile().Rows;
        CollectionAssert.AreEqual((string[])["augment", "other"], rows.Select(row => row.Op.Name).ToArray());
        Assert.AreEqual(3, rows[0].Images);
        Assert.Contains("images 3..5 are not within 0..4", Assert.ThrowsExactly<InvalidSettingException>(() => network.Augment(set, 3, 3)).Message);
    }

    [TestMethod]
    public void A_network_without_a_profile_says_so()
    {
        using var network = Network("cpu-direct", profile: false);
        Assert.Contains("NetworkOptions.Profile", Assert.ThrowsExactly<InvalidOperationException>(() => network.ReadProfile()).Message);
        Assert.ThrowsExactly<InvalidOperationException>(network.ResetProfile);
    }

    private static ResNet Network(string device, bool profile, bool training = true) =>
        new(Small, new() { Device = TestDevices.Find(device).Options, BatchSize = 3, Training = training, Profile = profile });

    private static void Train(ResNet network, int[] batches)
    {
        int images = batches.Sum(), first = 0;
        using var set = network.LoadImages(TestData.Bytes(images * 3072, "pixels", 256), TestData.Bytes(images, "labels", 10));
        network.BeginEpoch(set, 0, [.. Enumerable.Range(0, images)], [.. batches.Select(_ => 0.1)]);
        for (int step = 0; step < batches.Length; first += batches[step++]) network.TrainStep(set, step, first, batches[step]);
    }
}
