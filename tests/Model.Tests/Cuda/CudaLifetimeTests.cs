using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Tests.Cuda;

/// <summary>What was taken is given back, whatever happens.</summary>
[TestClass]
public sealed class CudaLifetimeTests : EmulatedGpuTests
{
    // A prime, so that every kind of call is hit sooner or later.
    private const int FastStride = 53;

    [TestMethod]
    public void Ten_networks_one_after_another_leave_nothing()
    {
        for (int cycle = 0; cycle < 10; cycle++)
        {
            Run();
            AssertNothingLeft();
        }
    }

    [TestMethod]
    public void Two_networks_at_a_time_do_not_disturb_each_other()
    {
        double alone = LossOf(() => new CudaNetwork());
        using var other = new CudaNetwork();
        other.Train(4);
        Assert.AreEqual(alone, LossOf(() => new CudaNetwork()));
        other.Train(4);
        Assert.AreEqual(8, other.Network.ReadTotals().Images);

        static double LossOf(Func<CudaNetwork> create)
        {
            using var network = create();
            network.Train(4);
            return network.Network.ReadTotals().LossSum;
        }
    }

    [TestMethod]
    public void A_call_that_fails_is_a_typed_exception_and_leaves_nothing() => FailEach(FastStride);

    [TestMethod]
    [TestCategory("Long")]
    public void Each_call_that_fails_is_a_typed_exception_and_leaves_nothing() => FailEach(1);

    /// <summary>Makes the n-th native call of a network's life fail, for n = 1, 1 + stride, … until there are no so many calls.</summary>
    private static void FailEach(int stride)
    {
        _ = Emulator.Folder;
        Run(); // whether CUDA is there is asked only once
        int failures = 0;
        for (long call = 1; ; call += stride)
        {
            Emulator.Start();
            Emulator.Interfere(failCall: call);
            Exception? error = null;
            try
            {
                Run();
            }
            catch (Exception caught)
            {
                error = caught;
            }
            if (Emulator.Counters.InjectedFailures == 0) break;
            if (error is not null)
            {
                Assert.IsTrue(error is NativeException or EngineException, $"call {call}: {error}");
                failures++;
            }
            string[] left = [.. Emulator.Mistakes, .. Emulator.Leaks];
            Assert.IsEmpty(left, $"call {call}, {error?.Message}: {string.Join(Environment.NewLine, left)}");
        }
        // What only gives something back may fail in silence; hardly anything else may.
        Assert.IsTrue(failures > 200 / stride, $"only {failures} failures were noticed");
    }

    /// <summary>A network's life: it is made, trained, evaluated, read, and given back.</summary>
    private static void Run()
    {
        using var network = new CudaNetwork(batchSize: 2);
        for (int pass = 0; pass < 3; pass++) // by calls, recorded, as a graph
        {
            network.Train(2);
            network.Evaluate(2);
        }
        network.Train(1);
        _ = network.Network.RequestTotals().Read();
        _ = network.Network.ReadTotals();
        _ = network.Network.State();
    }
}
