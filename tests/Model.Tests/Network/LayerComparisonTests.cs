using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Delegating;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model.Tests.Network;

/// <summary>What a comparison lets pass and what not: Reference with a planted mistake takes the device's place.</summary>
[TestClass]
public sealed class LayerComparisonTests : EmulatedGpuTests
{
    // The units of a block with a shortcut of option A.
    private const string Layer = "layer2.0.conv1", Joining = "layer2.0.conv2";

    private static readonly LayerComparisonOptions Small = new()
    {
        Architecture = new(Architecture.ResNet, 8),
        Device = new() { Kind = DeviceKind.Reference },
        BatchSize = 2,
    };

    [TestMethod]
    public void Reference_equals_itself_in_every_tensor_of_every_layer()
    {
        var comparison = LayerComparison.Run(Small with { KeepTensors = true });
        Assert.AreEqual("conv1 layer1.0.conv1 layer1.0.conv2 layer2.0.conv1 layer2.0.conv2 layer3.0.conv1 layer3.0.conv2 fc",
            string.Join(' ', comparison.Rows.Select(row => row.Layer)));
        Assert.IsTrue(comparison.Passed);
        Assert.IsTrue(comparison.Rows.SelectMany(row => row.Tensors).All(tensor => tensor.Difference == default));
        Assert.AreEqual("y running_mean running_var dw dscale dbias", Names(comparison.Rows[0]), "nothing needs the gradient of the images");
        Assert.AreEqual("y running_mean running_var dx dw dscale dbias", Names(comparison.Rows[3]));
        Assert.AreEqual("y running_mean running_var dx dw dscale dbias ds", Names(comparison.Rows[4]));
        Assert.AreEqual("y dx dw dbias", Names(comparison.Rows[7]));
        Assert.AreEqual(new Shape(32, 16, 16), comparison.Rows[3].Output);
        Assert.AreEqual(comparison.ReferenceLoss, comparison.DeviceLoss);
        Assert.AreEqual(default, comparison.Logits);
        Assert.HasCount(2 * comparison.Rows.Sum(row => row.Tensors.Count), comparison.Tensors);
        foreach (var tensor in comparison.Tensors) Assert.HasCount(tensor.Shape.Aggregate(1, (product, size) => product * size), tensor.Values);

        static string Names(LayerComparisonRow row) => string.Join(' ', row.Tensors.Select(tensor => tensor.Tensor));
    }

    [TestMethod]
    public void Rounding_shows_where_it_happens_and_nowhere_else()
    {
        var comparison = Run(new() { AfterForward = (_, y) => Change(y, value => (float)value) });
        Assert.IsTrue(comparison.Passed, Listing(comparison));
        foreach (var row in comparison.Rows.SkipLast(1))
        {
            Assert.IsGreaterThan(0, row.Find("y")!.Difference.RelativeL2, Listing(comparison));
            Assert.IsLessThan(6e-8, row.Find("y")!.Difference.RelativeL2, Listing(comparison));
        }
        // From equal inputs the same code computes the same gradients.
        Assert.IsTrue(comparison.Rows.SelectMany(row => row.Tensors).Where(tensor => tensor.Tensor != "y").All(tensor => tensor.Difference == default), Listing(comparison));
        Assert.IsGreaterThan(0, comparison.Logits.RelativeL2);
    }

    [TestMethod]
    public void A_wrong_y_fails_in_its_layer_alone_and_moves_the_free_running_logits()
    {
        const string last = "layer3.0.conv2";
        var comparison = Run(PlantedMistake.InY(last, y => Change(y, value => 1.001 * value)));
        AssertFails(comparison, $"{last}: y");
        Assert.AreEqual(LayerComparison.Run(Small).ReferenceLoss, comparison.ReferenceLoss);
        Assert.AreNotEqual(comparison.ReferenceLoss, comparison.DeviceLoss);
        Assert.AreEqual(1e-3, comparison.Logits.RelativeL2, 5e-4);
    }

    [TestMethod]
    public void A_wrong_running_statistic_fails()
    {
        // The classic mistake: the variance over the batch instead of the unbiased one.
        var mistake = new PlantedMistake
        {
            AfterForward = (unit, _) =>
            {
                if (unit.Spec.Name != Layer) return;
                var variance = new double[unit.Spec.Y.C];
                unit.Download(UnitTensor.RunningVariance, variance);
                double count = Small.BatchSize * unit.Spec.Y.Plane;
                unit.Upload(UnitTensor.RunningVariance, Array.ConvertAll(variance, value => 0.9 + (value - 0.9) * (count - 1) / count));
            },
        };
        AssertFails(Run(mistake), $"{Layer}: running_var");
    }

    [TestMethod]
    public void A_wrong_mean_of_one_channel_fails()
    {
        var mistake = new PlantedMistake
        {
            AfterForward = (unit, y) =>
            {
                if (unit.Spec.Name != Layer) return;
                for (int image = 0; image < Small.BatchSize; image++) Change(y.AsSpan(image * unit.Spec.Y.Size, unit.Spec.Y.Plane), value => value > 0 ? value + 1e-3 : 0);
            },
        };
        AssertFails(Run(mistake), $"{Layer}: y");
    }

    [TestMethod]
    public void One_weight_whose_gradient_is_wrong_by_a_thousandth_fails()
    {
        const string layer = "layer3.0.conv2"; // of 36,864 weights
        var comparison = Run(PlantedMistake.InWeightGradient(layer));
        AssertFails(comparison, $"{layer}: dw");
        Assert.IsLessThan(1e-5, comparison.Rows[6].Find("dw")!.Difference.RelativeL2);
    }

    [TestMethod]
    public void One_element_of_dx_that_is_wrong_by_a_thousandth_fails_in_its_layer_alone()
    {
        double[] x = [];
        var mistake = new PlantedMistake
        {
            AfterForward = (unit, y) => { if (unit.Spec.Name == Layer) x = y; },
            // Where x is 0, dx counts for nothing.
            AfterBackward = (unit, dx, _) => { if (unit.Spec.Name == Joining) PlantedMistake.SpoilOne(dx, i => x[i] > 0); },
        };
        AssertFails(Run(mistake), $"{Joining}: dx");
    }

    [TestMethod]
    public void One_element_of_ds_that_is_wrong_by_a_thousandth_fails_in_its_layer_alone() =>
        AssertFails(Run(new() { AfterBackward = (unit, _, ds) => { if (unit.Spec.Name == Joining) PlantedMistake.SpoilOne(ds); } }), $"{Joining}: ds");

    [TestMethod]
    public void A_shortcut_to_the_wrong_channels_fails()
    {
        var comparison = LayerComparison.Run(Small, plan => new CentredShortcuts(plan));
        Assert.AreEqual("layer2.0.conv2 layer3.0.conv2", string.Join(' ', comparison.Rows.Where(row => !row.Passed).Select(row => row.Layer)), Listing(comparison));
        Assert.IsFalse(comparison.Rows[4].Find("y")!.Passed);
        Assert.IsFalse(comparison.Rows[4].Find("ds")!.Passed);
    }

    [TestMethod]
    [DataRow(Layer)]
    [DataRow(Joining)]
    public void A_positive_element_that_comes_out_as_zero_fails(string layer) => AssertFails(Run(PlantedMistake.ClosedMask(layer)), $"{layer}: y");

    [TestMethod]
    [DataRow(Layer)]
    [DataRow(Joining)]
    public void A_mask_that_is_open_far_from_the_kink_fails_although_y_is_right(string layer) => AssertFails(Run(PlantedMistake.OpenMask(layer)), $"{layer}: y");

    [TestMethod]
    public void One_element_that_only_the_backward_pass_lets_through_fails() =>
        AssertFails(Run(PlantedMistake.OpenMaskBackward(Layer)), $"{Layer}: dx dw dscale dbias");

    [TestMethod]
    public void An_element_within_rounding_of_0_may_fall_on_either_side_of_the_kink()
    {
        var comparison = RunNearKink(channel => channel[channel.IndexOf(channel.ToArray().Max())] = 0);
        Assert.IsTrue(comparison.Passed, Listing(comparison));
        Assert.AreEqual(1, comparison.Rows.Sum(row => row.Kinks));
        Assert.AreEqual(1, comparison.Rows[3].Kinks);
    }

    [TestMethod]
    public void More_elements_than_rounding_explains_fail()
    {
        var comparison = RunNearKink(channel => channel.Clear());
        Assert.IsTrue(comparison.Rows.SelectMany(row => row.Tensors).All(tensor => tensor.Passed), Listing(comparison));
        Assert.IsGreaterThan(comparison.Rows[3].MostKinks, comparison.Rows[3].Kinks);
        AssertFails(comparison, $"{Layer}: ");
    }

    [TestMethod]
    public void A_nan_on_one_side_fails()
    {
        const string last = "layer3.0.conv2";
        Assert.IsFalse(Run(PlantedMistake.InY(last, y => y[Array.FindIndex(y, value => value > 2)] = double.NaN)).Rows[6].Passed);
    }

    [TestMethod]
    public void The_callers_weights_and_images_are_used_and_checked()
    {
        using var other = new ResNet(Small.Architecture, new() { Device = Small.Device, BatchSize = 2, Seed = 9 });
        Assert.AreNotEqual(LayerComparison.Run(Small).ReferenceLoss, LayerComparison.Run(Small with { Weights = other.State() }).ReferenceLoss);
        Assert.AreNotEqual(LayerComparison.Run(Small).ReferenceLoss, LayerComparison.Run(Small with { Images = new float[2 * 3072] }).ReferenceLoss);
        Assert.ThrowsExactly<InvalidSettingException>(() => LayerComparison.Run(Small with { Images = new float[3072] }));
        Assert.ThrowsExactly<InvalidSettingException>(() => LayerComparison.Run(Small with { BatchSize = -1 }));
        Assert.ThrowsExactly<WeightsException>(() => LayerComparison.Run(Small with { Weights = new StateDict() }));
    }

    [TestMethod]
    [DataRow(Architecture.ResNet, 32)]
    [DataRow(Architecture.Plain, 56)]
    public void Every_layer_agrees_on_every_device(Architecture kind, int depth)
    {
        foreach (var device in Conformance.TestDevices.Available)
        {
            var comparison = LayerComparison.Run(new() { Architecture = new(kind, depth), Device = device.Options });
            Assert.HasCount(depth, comparison.Rows);
            Assert.IsTrue(comparison.Passed, Listing(comparison));
        }
    }

    private static LayerComparison Run(PlantedMistake mistake) => LayerComparison.Run(Small, mistake.Open);

    /// <summary>A batch norm scales one channel of <see cref="Layer"/> to 1e-8, where all of it is beside the kink; the device's y of one image is changed.</summary>
    private static LayerComparison RunNearKink(ChangeOfChannel change)
    {
        using var network = new ResNet(Small.Architecture, new() { Device = Small.Device, BatchSize = 2 });
        var state = network.State();
        state["layer2.0.bn1.weight"].Values[0] = 1e-8f;
        return LayerComparison.Run(Small with { Weights = state }, PlantedMistake.InY(Layer, y => change(y.AsSpan(0, 16 * 16))).Open);
    }

    /// <summary>Fails unless exactly these tensors of one layer fail.</summary>
    private static void AssertFails(LayerComparison comparison, string expected)
    {
        Assert.IsFalse(comparison.Passed);
        var failed = comparison.Rows.Where(row => !row.Passed).Select(row => $"{row.Layer}: {string.Join(' ', row.Tensors.Where(tensor => !tensor.Passed).Select(tensor => tensor.Tensor))}");
        Assert.AreEqual(expected, string.Join(", ", failed), Listing(comparison));
    }

    private static void Change(Span<double> values, Func<double, double> change)
    {
        foreach (ref double value in values) value = change(value);
    }

    private static string Listing(LayerComparison comparison) =>
        string.Join('\n', comparison.Rows.SelectMany(row => row.Tensors.Select(tensor => $"{row.Layer} {tensor.Tensor} {tensor.Difference}, kinks {row.Kinks}")));

    private delegate void ChangeOfChannel(Span<double> channel);

    /// <summary>Reference, but option A adds to the channels in the middle.</summary>
    private sealed class CentredShortcuts(NetworkPlan plan) : DelegatingDevice(new ReferenceDevice(plan))
    {
        public override ConvNormUnit CreateConvNorm(ConvNormSpec spec) =>
            Inner.CreateConvNorm(spec.Shortcut == ShortcutKind.OptionATrailing ? spec with { Shortcut = ShortcutKind.OptionACentred } : spec);

        public override HeadUnit CreateHead(HeadSpec spec) => Inner.CreateHead(spec);
    }
}
