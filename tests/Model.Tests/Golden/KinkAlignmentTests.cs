using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Recording;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model.Tests.Golden;

/// <summary>
/// What the golden tests of the devices let pass and what not: Reference with a planted mistake takes the device's place, in a network
/// of eight layers, with the tolerances of the residual networks.
/// </summary>
[TestClass]
public sealed class KinkAlignmentTests
{
    // The units of a block with a shortcut of option A.
    private const string Layer = "layer2.0.conv1", Joining = "layer2.0.conv2";

    // Layers of a small network have few elements: the one nearest to 0 is farther away than a large network's rounding.
    private static readonly GoldenTolerances Loose = GoldenTolerances.ResNet with { Forward = 2e-3 };

    [TestMethod]
    [DataRow(ShortcutPadding.Trailing)]
    [DataRow(ShortcutPadding.Centred)]
    public void An_element_of_every_layer_that_is_within_rounding_of_0_may_come_out_as_0(ShortcutPadding padding)
    {
        var mistake = new Mistake { AfterForward = (_, y) => y[Array.IndexOf(y, y.Where(value => value > 0).Min())] = 0 };
        using var runs = Start(mistake, Loose, padding);
        runs.Step();
        Assert.AreEqual(7, runs.Kinks);
    }

    [TestMethod]
    public void More_elements_than_rounding_explains_fail()
    {
        var mistake = new Mistake { AfterForward = (_, y) => Change(y, value => value < 1e-3 ? 0 : value) };
        AssertFails("at ReLU's kink, more than", mistake, Loose);
    }

    [TestMethod]
    [DataRow(Layer)]
    [DataRow(Joining)]
    public void A_positive_element_that_comes_out_as_zero_fails(string layer)
    {
        var mistake = new Mistake { AfterForward = (unit, y) => { if (unit.Spec.Name == layer) y[Array.FindIndex(y, value => value > 0.1)] = 0; } };
        AssertFails($"y of {layer}, element", mistake);
    }

    [TestMethod]
    [DataRow(Layer)]
    [DataRow(Joining)]
    public void A_mask_that_is_open_far_from_the_kink_fails_although_y_is_right(string layer)
    {
        var mistake = new Mistake { AfterForward = (unit, y) => { if (unit.Spec.Name == layer) y[Array.IndexOf(y, 0)] = 1e-30; } };
        AssertFails("is on the wrong side of ReLU", mistake);
    }

    [TestMethod]
    public void One_element_that_only_the_backward_pass_lets_through_fails()
    {
        var outputs = new Dictionary<string, double[]>();
        var mistake = new Mistake
        {
            AfterForward = (unit, y) => outputs[unit.Spec.Name] = y,
            // Every y has been read by then but for the backward pass; as the next unit's x, 5e-324 is as good as 0.
            BeforeBackward = () => outputs[Layer][Array.IndexOf(outputs[Layer], 0)] = double.Epsilon,
        };
        AssertFails("gradient of", mistake);
    }

    [TestMethod]
    public void One_weight_whose_gradient_is_wrong_by_a_thousandth_fails()
    {
        // Of this unit's 36,864 weights, one of typical size: the tensor's norm does not show it.
        const string layer = "layer3.0.conv2";
        var mistake = new Mistake
        {
            AfterBackward = unit =>
            {
                if (unit.Spec.Name != layer) return;
                double[] dw = unit.W.Gradient;
                double typical = Difference.RootMeanSquare(dw);
                dw[Enumerable.Range(0, dw.Length).MinBy(i => Math.Abs(Math.Abs(dw[i]) - typical))] *= 1.001;
            },
        };
        AssertFails($"gradient of {layer}.weight: an element", mistake);
    }

    private static AlignedRuns Start(Mistake mistake, GoldenTolerances? tolerances = null, ShortcutPadding padding = ShortcutPadding.Trailing) =>
        new(open => GoldenRun.OfSeed(new(Architecture.ResNet, 8, padding), open), plan => new RecordingDevice(new ReferenceDevice(plan), mistake), tolerances ?? GoldenTolerances.ResNet);

    private static void AssertFails(string text, Mistake mistake, GoldenTolerances? tolerances = null)
    {
        using var runs = Start(mistake, tolerances);
        Assert.Contains(text, Assert.ThrowsExactly<AssertFailedException>(() => runs.Step()).Message);
    }

    private static void Change(double[] y, Func<double, double> change)
    {
        foreach (ref double value in y.AsSpan()) value = change(value);
    }

    /// <summary>What is changed on the device's side.</summary>
    private sealed class Mistake : IUnitListener
    {
        public Action<ReferenceConvNorm, double[]> AfterForward { get; init; } = (_, _) => { };

        public Action BeforeBackward { get; init; } = () => { };

        public Action<ReferenceConvNorm> AfterBackward { get; init; } = _ => { };

        void IUnitListener.AfterForward(ConvNormUnit unit, int n, Activation x, Activation y) => AfterForward((ReferenceConvNorm)unit, ((ReferenceActivation)y).Values);

        void IUnitListener.AfterBackward(ConvNormUnit unit, int n) => AfterBackward((ReferenceConvNorm)unit);

        void IUnitListener.AfterForward(HeadUnit unit, int n, Activation x) => BeforeBackward();

        void IUnitListener.AfterBackward(HeadUnit unit, int n) { }
    }
}
