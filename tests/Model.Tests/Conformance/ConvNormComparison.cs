using System.Runtime.InteropServices;
using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Reference;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>What is asked of a device for one row of the conformance table.</summary>
internal static class ConvNormComparison
{
    /// <summary>Runs a case on a device, again with each setting that must give the same bytes, and on Reference; a line for each breach.</summary>
    /// <param name="what">The case.</param>
    /// <param name="device">Opens the device.</param>
    /// <param name="same">Settings that must give the same bytes; the device's own is among them.</param>
    /// <param name="beforeAgain">Called before the runs that must give the same bytes; a test of the emulator changes the order of work there.</param>
    public static List<string> Breaches(ConvNormCase what, DeviceOptions device, IEnumerable<DeviceOptions> same, Action? beforeAgain = null)
    {
        var run = new UnitRun(what, plan => DeviceFactory.Open(device, plan));
        var breaches = new List<string>();
        beforeAgain?.Invoke();
        foreach (var options in same.Prepend(device))
        {
            var again = new UnitRun(what, plan => DeviceFactory.Open(options, plan));
            breaches.AddRange(run.Recorded.Where(entry => !SameBits(entry.Value, again.Recorded[entry.Key])).Select(
                entry => $"{entry.Key.Unit} {entry.Key.Tensor} ({entry.Key.Mode}) has other bytes on a second run with {options.Threads} threads"));
        }
        var reference = new UnitRun(what, plan => new ReferenceDevice(plan), run);
        breaches.AddRange(what.IsFinite ? Breaches(what, run, reference) : NonFiniteBreaches(run, reference));
        return breaches;
    }

    /// <summary>Compares two runs of a case; a line for each tensor that is too far from Reference's.</summary>
    public static List<string> Breaches(ConvNormCase what, UnitRun run, UnitRun reference)
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
