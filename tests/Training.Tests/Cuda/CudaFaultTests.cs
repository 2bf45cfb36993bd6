using System.Globalization;
using CudnnResNet.Model;
using CudnnResNet.Model.Tests;
using CudnnResNet.Native.Safe;
using CudnnResNet.Training.Data;
using CudnnResNet.Training.Tests.Runs;

namespace CudnnResNet.Training.Tests.Cuda;

/// <summary>
/// A call of driver, cuDNN or cuBLAS that fails in the middle of a run, whichever it is. That each single call of a network's life may
/// fail, <c>CudaLifetimeTests</c> shows.
/// </summary>
[TestClass]
public sealed class CudaFaultTests : EmulatedGpuTests
{
    // How many calls of a run fail, evenly spread; all of them where the variable says 0.
    private const string SamplesVariable = "CUDNNRESNET_TEST_FAILING_CALLS";
    private const int FewSamples = 6, ManySamples = 40;
    private const int Deadline = 600_000;

    private static readonly DataSet Data = Synthetic.Create(trainCount: 5, testCount: 3);

    [TestInitialize]
    public void NeedsTheEmulator() => _ = Emulator.Folder;

    [TestMethod]
    [Timeout(Deadline)]
    [DataRow(false, false)]
    [DataRow(false, true)]
    [DataRow(true, false)]
    [DataRow(true, true)]
    public void A_call_that_fails_ends_the_run_with_a_typed_error_and_a_whole_checkpoint(bool noGraph, bool breaks) => Fail(noGraph, breaks, FewSamples);

    [TestMethod]
    [TestCategory("Long")]
    [DataRow(false, false)]
    [DataRow(false, true)]
    [DataRow(true, false)]
    [DataRow(true, true)]
    public void Many_calls_that_fail_end_the_run_with_a_typed_error_and_a_whole_checkpoint(bool noGraph, bool breaks) =>
        Fail(noGraph, breaks, Environment.GetEnvironmentVariable(SamplesVariable) is { Length: > 0 } samples ? int.Parse(samples, CultureInfo.InvariantCulture) : ManySamples);

    private static void Fail(bool noGraph, bool breaks, int samples)
    {
        using var temp = new TemporaryFolder();
        var options = TinyRun.Options(temp) with { Device = "cuda", BatchSize = 2, Epochs = 1, NoGraph = noGraph, CheckpointEvery = 1 };
        Run(options with { Name = "first" }); // whether CUDA is there is asked only once
        Emulator.Start();
        string expected = Run(options with { Name = "undisturbed" });
        long calls = Emulator.Counters.Calls, stride = samples == 0 ? 1 : calls / samples;
        int tries = 0, failures = 0, resumed = 0;
        // Not the same places with and without graphs.
        for (long call = samples == 0 ? 1 : 1 + (noGraph ? stride / 3 : stride / 2); call <= calls; call += stride)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"call{call}");
            Emulator.Start();
            Emulator.Interfere(failCall: call, breaks: breaks);
            tries++;
            try
            {
                // What only gives something back may fail in silence: disposal often follows an error.
                Assert.AreEqual(expected, Run(options with { Name = name }), name);
            }
            catch (Exception error) when (error is NativeException or EngineException)
            {
                failures++;
                // Where memory was refused, the error says how much was needed, and the one within it what the driver said.
                Assert.Contains("was made to fail", (error is DeviceMemoryException ? error.InnerException! : error).Message, name);
                if (error is NativeException native) Assert.StartsWith("cu", native.Call, name);
            }
            Assert.AreEqual(1, Emulator.Counters.InjectedFailures, name);
            AssertNothingLeft();

            // The same process goes on, after a context that broke with what stands in for a new one.
            if (breaks) Emulator.Start();
            else Emulator.Interfere();
            string run = temp[$"{name}-SYNTHETIC-EMULATED"];
            if (!File.Exists(Path.Combine(run, "last.state"))) continue; // before the first step
            resumed++;
            Assert.AreEqual(expected, Resume(run), name);
            AssertNothingLeft();
        }
        Assert.AreEqual(samples == 0 ? calls : samples, tries, 1, $"{calls} calls");
        Assert.IsGreaterThan(tries / 2, failures, $"only {failures} of {tries} failures were noticed");
        Assert.IsGreaterThan(0, resumed);
        Console.WriteLine($"{calls} calls in a run, {tries} made to fail, {failures} noticed, {resumed} runs gone on with");
    }

    private static string Run(TrainOptions options)
    {
        using var trainer = Trainer.Start(options, Data);
        return trainer.Run().WeightsSha256;
    }

    private static string Resume(string path)
    {
        using var trainer = Trainer.Resume(path, Data);
        return trainer.Run().WeightsSha256;
    }
}
