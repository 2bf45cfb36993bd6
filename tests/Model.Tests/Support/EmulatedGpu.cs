using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace CudnnResNet.Model.Tests;

/// <summary>The base of tests in which the cuda device may run on the emulator: each begins with a fresh one, and has to leave nothing behind.</summary>
public abstract class EmulatedGpuTests
{
    // Before any test asks whether there is a GPU: the answer is kept.
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A test assembly has no other beginning that comes before its data rows.")]
    internal static void Offer() => Emulator.Offer();

    [TestInitialize]
    public void BeginWithFreshEmulator()
    {
        if (Emulator.IsBuilt) Emulator.Start();
    }

    [TestCleanup]
    public void LeaveNothingBehind()
    {
        if (Emulator.IsBuilt) AssertNothingLeft();
    }

    /// <summary>Goes on with a fresh emulator of the other order, in which work is done as early as a GPU may do it; nothing without an emulator.</summary>
    internal static void TurnEarly()
    {
        if (!Emulator.IsBuilt) return;
        AssertNothingLeft();
        Emulator.Start(EmulatorOrder.Early);
    }

    /// <summary>Fails where the emulator caught a mistake, or something was not given back.</summary>
    internal static void AssertNothingLeft()
    {
        string[] left = [.. Emulator.Mistakes, .. Emulator.Leaks];
        Assert.IsEmpty(left, string.Join(Environment.NewLine, left));
    }
}
