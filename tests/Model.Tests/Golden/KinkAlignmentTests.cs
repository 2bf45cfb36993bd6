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
        var mistake = new PlantedMistake { AfterForward = (_, y) => y[Array.IndexOf(y, y.Where(value => value > 0).Min())] = 0 };
        using var runs = Start(mistake, Loose, padding);
        runs.Step();
        Assert.AreEqual(7, runs.Kinks);
    }

    [TestMethod]
    public void More_elements_than_rounding_explains_fail()
    {
        var mistake = new PlantedMistake { AfterForward = (_, y) => Change(y, value => value < 1e-3 ? 0 : value) };
        AssertFails("at ReLU's kink, more than", mistake, Loose);
    }

    [TestMethod]
    [DataRow(Layer)]
    [DataRow(Joining)]
    public void A_positive_element_that_comes_out_as_zero_fails(string layer) => AssertFails($"y of {layer}: an element", PlantedMistake.ClosedMask(layer));

    [TestMethod]
    [DataRow(Layer)]
    [DataRow(Joining)]
    public void A_mask_that_is_open_far_from_the_kink_fails_although_y_is_right(string layer) => AssertFails($"y of {layer}: an element", PlantedMistake.OpenMask(layer));

    [TestMethod]
    public void One_element_that_only_the_backward_pass_lets_through_fails() => AssertFails("gradient of", PlantedMistake.OpenMaskBackward(Layer));

    [TestMethod]
    public void One_weight_whose_gradient_is_wrong_by_a_thousandth_fails()
    {
        const string layer = "layer3.0.conv2"; // of 36,864 weights
        AssertFails($"gradient of {layer}.weight: an element", PlantedMistake.InWeightGradient(layer));
    }

    private static AlignedRuns Start(PlantedMistake mistake, GoldenTolerances? tolerances = null, ShortcutPadding padding = ShortcutPadding.Trailing) =>
        new(open => GoldenRun.OfSeed(new(Architecture.ResNet, 8, padding), open), mistake.Open, tolerances ?? GoldenTolerances.ResNet);

    private static void AssertFails(string text, PlantedMistake mistake, GoldenTolerances? tolerances = null)
    {
        using var runs = Start(mistake, tolerances);
        Assert.Contains(text, Assert.ThrowsExactly<BreachException>(() => runs.Step()).Message);
    }

    private static void Change(double[] y, Func<double, double> change)
    {
        foreach (ref double value in y.AsSpan()) value = change(value);
    }
}
