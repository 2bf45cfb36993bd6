using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Recording;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model.Tests.Golden;

/// <summary>How near a float device has to come to Reference in one step.</summary>
/// <param name="Forward">Every element of every layer's y, in root mean squares of that y; also <see cref="KinkAlignment"/>'s rounding.</param>
/// <param name="Gradient">Relative L2 difference of each parameter's gradient.</param>
/// <param name="GradientElement">Every element of a gradient, in root mean squares of that gradient.</param>
/// <remarks>
/// Two to three times the largest errors seen with F(4x4), which rounds twice as much as direct convolution. Of the residual networks
/// these are 2.7e-5, 5.2e-6 and 2.5e-5 in three free-running steps; of plain20, whose 20 layers without shortcuts amplify rounding,
/// 1.4e-4, 1.9e-5 and 1.0e-4 in each step from equal parameters.
/// </remarks>
internal sealed record GoldenTolerances(double Forward, double Gradient, double GradientElement)
{
    public static readonly GoldenTolerances ResNet = new(6e-5, 1.2e-5, 6e-5), Plain = new(3.5e-4, 5e-5, 2.5e-4);

    /// <summary>
    /// Relative error of the loss, and relative L2 difference of logits, parameters and running statistics. The largest seen is 5.5e-6.
    /// </summary>
    public const double Result = 1.2e-5;

    /// <summary>
    /// Elements at ReLU's kink in one step: at most 2 have been seen, of the 1.5 million activations of 8 images in 19 layers. So no more
    /// than five in a million masks may differ from Reference's, and those only where the pre-activation is within rounding of 0.
    /// </summary>
    public const int MostKinks = 8;
}

/// <summary>The same steps on a device and on Reference, which is on the device's side of ReLU's kinks; every step is compared.</summary>
internal sealed class AlignedRuns : IDisposable
{
    private readonly GoldenTolerances tolerances;
    private readonly KinkAlignment alignment;
    private int step;

    /// <param name="start">Makes a run on a given device.</param>
    /// <param name="open">Opens the device.</param>
    /// <param name="tolerances">How near it has to be.</param>
    public AlignedRuns(Func<Func<NetworkPlan, IDevice>, GoldenRun> start, Func<NetworkPlan, IDevice> open, GoldenTolerances tolerances)
    {
        this.tolerances = tolerances;
        var recorder = new UnitRecorder();
        alignment = new(recorder, tolerances.Forward);
        Device = start(plan => new RecordingDevice(open(plan), recorder));
        Reference = start(plan => new RecordingDevice(new ReferenceDevice(plan), alignment));
    }

    /// <summary>The device's side.</summary>
    public GoldenRun Device { get; }

    /// <summary>Reference's side.</summary>
    public GoldenRun Reference { get; }

    /// <summary>Elements at a kink in the last step.</summary>
    public int Kinks => alignment.Kinks;

    /// <summary>Compares the logits with the running statistics.</summary>
    public void CompareInference() =>
        Difference.AssertRelativeL2("inference logits", Device.InferenceLogits(), Reference.InferenceLogits(), GoldenTolerances.Result);

    /// <summary>Gives the device Reference's parameters, running statistics and velocities: rounding of the steps before is not amplified.</summary>
    public void ForceTeacher()
    {
        // Both sides, because these are floats, and Reference holds doubles.
        StateDict state = Reference.Network.State(), momentum = Reference.Network.Momentum();
        foreach (var side in new[] { Device, Reference })
        {
            side.Network.Load(state);
            side.Network.LoadMomentum(momentum);
        }
    }

    /// <summary>One step on both sides: loss, logits, every element of every y, gradients and the updated parameters are compared.</summary>
    /// <returns>One line with the largest errors, and the device's loss.</returns>
    public (string Report, double Loss) Step()
    {
        string name = $"step {++step}";
        alignment.BeginStep();
        double loss = Device.Step();
        Difference.AssertRelativeL2($"{name} loss", [loss], [Reference.Step()], GoldenTolerances.Result);
        Difference.AssertRelativeL2($"{name} logits", Device.Logits(), Reference.Logits(), GoldenTolerances.Result);
        if (Kinks > GoldenTolerances.MostKinks) throw new BreachException($"{name}: {Kinks} elements are at ReLU's kink, more than {GoldenTolerances.MostKinks}");
        double largest = 0;
        foreach (var ((key, values), (_, expected)) in Device.Gradients().Zip(Reference.Gradients()))
        {
            Difference.AssertRelativeL2($"{name} gradient of {key}", values, expected, tolerances.Gradient);
            Difference.AssertEveryElement($"{name} gradient of {key}", values, expected, tolerances.GradientElement);
            largest = Math.Max(largest, TensorDifference.Between(values, expected).RelativeL2);
        }
        foreach (var ((key, values), (_, expected)) in Device.State().Zip(Reference.State()))
            Difference.AssertRelativeL2($"{name}, {key} after the update", values, expected, GoldenTolerances.Result);
        return ($"{name}: loss {loss:F6}, largest error of y {alignment.LargestError:E1} root mean squares, of a gradient {largest:E1} relative L2, {Kinks} kinks", loss);
    }

    public void Dispose()
    {
        Device.Dispose();
        Reference.Dispose();
    }
}
