using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Recording;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model.Tests.Network;

[TestClass]
public sealed class LayerComparisonTests
{
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
        Assert.HasCount(8, comparison.Rows);
        Assert.AreEqual("conv1 layer1.0.conv1 layer1.0.conv2 layer2.0.conv1 layer2.0.conv2 layer3.0.conv1 layer3.0.conv2 fc",
            string.Join(' ', comparison.Rows.Select(row => row.Layer)));
        Assert.IsTrue(comparison.Passed);
        Assert.IsTrue(comparison.Rows.SelectMany(row => row.Tensors).All(tensor => tensor.Difference == default));
        Assert.AreEqual("y dw dscale dbias", Names(comparison.Rows[0]), "nothing needs the gradient of the images");
        Assert.AreEqual("y dx dw dscale dbias", Names(comparison.Rows[3]));
        Assert.AreEqual("y dx dw dbias", Names(comparison.Rows[7]));
        Assert.AreEqual(new Shape(32, 16, 16), comparison.Rows[3].Output);
        Assert.AreEqual(comparison.ReferenceLoss, comparison.DeviceLoss);
        Assert.HasCount(2 * comparison.Rows.Sum(row => row.Tensors.Count), comparison.Tensors);
        foreach (var tensor in comparison.Tensors) Assert.HasCount(tensor.Shape.Aggregate(1, (product, size) => product * size), tensor.Values);

        static string Names(LayerComparisonRow row) => string.Join(' ', row.Tensors.Select(tensor => tensor.Tensor));
    }

    [TestMethod]
    public void A_wrong_layer_shows_from_there_on()
    {
        var comparison = RunChanged((layer, y) => layer == "layer2.0.conv1" ? 1.001 * y : y);
        Assert.IsFalse(comparison.Passed);
        Assert.AreEqual("layer2.0.conv1", comparison.Rows.First(row => !row.Find("y")!.Passed).Layer);
        // The next unit's batch norm takes the factor out of y again, but not out of its gradients.
        Assert.IsFalse(comparison.Rows[4].Find("dx")!.Passed);
    }

    [TestMethod]
    public void Rounding_passes_and_is_reported()
    {
        var comparison = RunChanged((_, y) => (float)y);
        Assert.IsTrue(comparison.Passed, Listing(comparison));
        Assert.IsTrue(comparison.Rows.SelectMany(row => row.Tensors).All(tensor => tensor.Difference.RelativeL2 > 0), Listing(comparison));
    }

    [TestMethod]
    public void Values_beside_the_kink_of_relu_may_fall_on_either_side()
    {
        var comparison = RunChanged((_, y) => y < 2e-4 ? 0 : y);
        Assert.IsTrue(comparison.Passed, Listing(comparison));
        Assert.IsGreaterThan(0, comparison.Rows.Sum(row => row.Kinks));
    }

    [TestMethod]
    public void A_mask_that_is_wrong_beyond_rounding_fails()
    {
        var comparison = RunChanged((layer, y) => layer == "layer1.0.conv2" && y < 0.01 ? 0 : y);
        Assert.IsFalse(comparison.Passed, Listing(comparison));
    }

    [TestMethod]
    public void A_nan_on_one_side_fails()
    {
        Assert.IsFalse(RunChanged((layer, y) => layer == "layer3.0.conv2" && y > 2 ? double.NaN : y).Rows[6].Passed);
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
    public void Every_layer_of_a_32_layer_network_agrees_on_every_device()
    {
        foreach (var device in Conformance.TestDevices.Available)
        {
            var comparison = LayerComparison.Run(new() { Device = device.Options });
            Assert.HasCount(32, comparison.Rows);
            Assert.IsTrue(comparison.Passed, Listing(comparison));
        }
    }

    private static LayerComparison RunChanged(Func<string, double, double> change) =>
        LayerComparison.Run(Small, plan => new RecordingDevice(new ReferenceDevice(plan), new Changed(change)));

    private static string Listing(LayerComparison comparison) =>
        string.Join('\n', comparison.Rows.SelectMany(row => row.Tensors.Select(tensor => $"{row.Layer} {tensor.Tensor} {tensor.Difference}, kinks {row.Kinks}")));

    /// <summary>Changes every y of the reference device before the next unit reads it: a device with a planted mistake.</summary>
    private sealed class Changed(Func<string, double, double> change) : IUnitListener
    {
        public void AfterForward(ConvNormUnit unit, int n, Activation x, Activation y)
        {
            foreach (ref double value in ((ReferenceActivation)y).Values.AsSpan(0, n * y.Shape.Size)) value = change(unit.Spec.Name, value);
        }

        public void AfterBackward(ConvNormUnit unit, int n) { }

        public void AfterForward(HeadUnit unit, int n, Activation x) { }

        public void AfterBackward(HeadUnit unit, int n) { }
    }
}
