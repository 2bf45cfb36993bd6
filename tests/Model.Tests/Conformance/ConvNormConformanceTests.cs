using System.Runtime.InteropServices;
using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>Every conv-norm case on every device: equal to Reference within tolerance, and the same bytes on every run and for every number of threads.</summary>
[TestClass]
public sealed class ConvNormConformanceTests : EmulatedGpuTests
{
    public static IEnumerable<object[]> FastCases => Cases(ConvNormCases.Fast);

    public static IEnumerable<object[]> LongCases => Cases(ConvNormCases.Long);

    [TestMethod]
    [DynamicData(nameof(FastCases))]
    public void Agrees_with_reference(string device, string name) => Check(device, name, ConvNormCases.Fast);

    [TestMethod]
    [TestCategory("Long")]
    [DynamicData(nameof(LongCases))]
    public void Full_batches_agree_with_reference(string device, string name) => Check(device, name, ConvNormCases.Long);

    [TestMethod]
    public void A_mask_that_is_open_far_from_the_kink_fails_although_y_is_right()
    {
        var what = ConvNormCases.Fast.First(entry => entry.Links.Any(link => link.S is not null));
        var run = new UnitRun(what, PlantedMistake.OpenMask(what.Links[0].Spec.Name).Open);
        string breach = Breaches(what, run, new UnitRun(what, plan => new ReferenceDevice(plan), run)).Single();
        Assert.Contains(" Y, channel ", breach);
    }

    private static IEnumerable<object[]> Cases(IEnumerable<ConvNormCase> cases) =>
        from device in TestDevices.Available from what in cases select new object[] { device.Name, what.Name };

    private static void Check(string deviceName, string caseName, IEnumerable<ConvNormCase> cases)
    {
        var device = TestDevices.Find(deviceName);
        var what = cases.Single(entry => entry.Name == caseName);
        var run = new UnitRun(what, plan => DeviceFactory.Open(device.Options, plan));

        foreach (var options in device.SameAs.Prepend(device.Options))
        {
            var again = new UnitRun(what, plan => DeviceFactory.Open(options, plan));
            foreach (var (key, values) in run.Recorded)
                Assert.IsTrue(SameBits(values, again.Recorded[key]), $"{key.Unit} {key.Tensor} ({key.Mode}) has other bytes on a second run with {options.Threads} threads");
        }

        var reference = new UnitRun(what, plan => DeviceFactory.Open(new() { Kind = DeviceKind.Reference }, plan), run);
        var breaches = what.IsFinite ? Breaches(what, run, reference) : NonFiniteBreaches(run, reference);
        Assert.IsEmpty(breaches, string.Join('\n', breaches));
    }

    private static List<string> Breaches(ConvNormCase what, UnitRun run, UnitRun reference)
    {
        var breaches = new List<string>();
        foreach (var (key, values) in run.Recorded)
        {
            var facts = reference.Facts[key.Unit];
            double[] own = [.. values], expected = [.. reference.Recorded[key]];
            int place = Array.FindIndex(what.Links, link => link.Spec.Name == key.Unit);
            bool ofReluOutput = key.Tensor == UnitTensor.Dx && what.Links[place].X >= what.Inputs.Length;
            if (ofReluOutput)
            {
                ReluKinks.Mask(facts.X, own);
                ReluKinks.Mask(facts.X, expected);
            }
            // A gradient has come through all units forward and through those behind it backward.
            int units = key.Tensor is UnitTensor.Dx or UnitTensor.Ds or UnitTensor.Dw or UnitTensor.DScale or UnitTensor.DBias ? what.Links.Length : place + 1;
            string? breach = Tolerances.Breach(key.Tensor, units, facts, tensor => reference.Recorded[(key.Unit, tensor, Mode.Training)], own, expected);
            if (breach is not null) breaches.Add($"{key.Mode}: {breach}");
        }
        return breaches;
    }

    /// <summary>
    /// A NaN or an infinity must come through: training compares which elements are finite, and z is left out, because fast convolutions
    /// spread an infinity over their tiles. So in inference more may be lost than on Reference, but not less.
    /// </summary>
    private static List<string> NonFiniteBreaches(UnitRun run, UnitRun reference)
    {
        var breaches = new List<string>();
        foreach (var (key, values) in run.Recorded.Where(entry => entry.Key.Tensor != UnitTensor.Z))
        {
            double[] expected = reference.Recorded[key];
            for (int i = 0; i < values.Length; i++)
            {
                if (double.IsFinite(values[i]) == double.IsFinite(expected[i]) || (key.Mode == Mode.Inference && double.IsFinite(expected[i]))) continue;
                breaches.Add($"{key.Mode}: {key.Unit} {key.Tensor}[{i}] is {values[i]}, on Reference {expected[i]}");
                break;
            }
        }
        return breaches;
    }

    private static bool SameBits(double[] a, double[] b) => MemoryMarshal.AsBytes<double>(a).SequenceEqual(MemoryMarshal.AsBytes<double>(b));
}
