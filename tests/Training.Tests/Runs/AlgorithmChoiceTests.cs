using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Delegating;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>A run keeps the algorithms it was begun with, and says where it cannot.</summary>
[TestClass]
public sealed class AlgorithmChoiceTests
{
    private static readonly AlgorithmChoice Here = new("A GPU", "9.10.2", Precision.Fp32, []);
    private static readonly ChosenAlgorithm[] Chosen = [new("3x32x32 to 16x32x32, stride 1", 8, ConvolutionPass.BackwardFilter, "One", "Fma")];

    [TestMethod]
    public void A_run_goes_on_with_the_algorithms_of_its_checkpoint()
    {
        using var temp = new TemporaryFolder();
        string folder = Begin(temp, Here, out var first);
        Assert.IsNull(first.Algorithms);
        Assert.IsTrue(first.Autotune);
        CollectionAssert.AreEqual(Chosen, Checkpoint.Load(Path.Combine(folder, "last.state")).Algorithms!.Algorithms.ToArray());

        var (notices, options) = GoOn(folder, Here);
        CollectionAssert.AreEqual(Array.Empty<string>(), notices);
        CollectionAssert.AreEqual(Chosen, options.Algorithms!.Algorithms.ToArray());
        Assert.IsFalse(options.Autotune, "timed again, others might be chosen");
    }

    [TestMethod]
    [DataRow("Another GPU", "9.10.2", "were chosen for A GPU, cuDNN 9.10.2, fp32; they are chosen anew for Another GPU, cuDNN 9.10.2, fp32")]
    [DataRow("A GPU", "9.11.0", "are chosen anew for A GPU, cuDNN 9.11.0, fp32")]
    public void Elsewhere_they_are_chosen_anew_with_a_notice(string gpu, string cudnn, string notice)
    {
        using var temp = new TemporaryFolder();
        string folder = Begin(temp, Here, out _);
        var (notices, _) = GoOn(folder, Here with { Gpu = gpu, Cudnn = cudnn });
        StringAssert.Contains(notices.Single(), notice);
    }

    [TestMethod]
    public void A_run_that_goes_on_on_a_processor_does_not_forget_them()
    {
        using var temp = new TemporaryFolder();
        string folder = Begin(temp, Here, out _);
        var (notices, _) = GoOn(folder, null);
        StringAssert.Contains(notices.Single(), "of device cuda, the run goes on with cpu");
        var checkpoint = Checkpoint.Load(Path.Combine(folder, "last.state"));
        Assert.AreEqual("cpu", checkpoint.Device);
        Assert.AreEqual("A GPU", checkpoint.Algorithms!.Gpu);
        CollectionAssert.AreEqual(Chosen, checkpoint.Algorithms.Algorithms.ToArray());
    }

    /// <summary>The folder of a run that stopped before its second step, and what its device was opened with.</summary>
    private static string Begin(TemporaryFolder temp, AlgorithmChoice here, out DeviceOptions opened)
    {
        DeviceOptions? given = null;
        using var cancel = new CancellationTokenSource();
        using var trainer = Trainer.StartWith(TinyRun.Options(temp) with { Autotune = true }, TinyRun.Data, Networks(here, options => given = options));
        Assert.IsTrue(trainer.Run(new TinyRun.Watcher(_ => cancel.Cancel()), cancel.Token).Interrupted);
        opened = given!;
        return trainer.Folder.Path;
    }

    private static (string[] Notices, DeviceOptions Opened) GoOn(string folder, AlgorithmChoice? here)
    {
        DeviceOptions? given = null;
        using var opened = RunFolder.Open(folder);
        using var trainer = Trainer.ResumeWith(opened, opened.ReadOptions(), TinyRun.Data, Networks(here, options => given = options));
        trainer.Run();
        return ([.. trainer.Notices], given!);
    }

    /// <summary>Networks whose device says that it is a GPU with these algorithms; without any, those of the processor.</summary>
    private static Func<ArchitectureSpec, NetworkOptions, ResNet> Networks(AlgorithmChoice? here, Action<DeviceOptions> watch) => (architecture, options) =>
    {
        watch(options.Device);
        // The processor computes, which has nothing to choose.
        return new(architecture, options, plan =>
        {
            var cpu = DeviceFactory.Open(options.Device with { Autotune = false }, plan);
            return here is null ? cpu : new ChoosingDevice(cpu, here with { Algorithms = Chosen });
        });
    };

    private sealed class ChoosingDevice(IDevice inner, AlgorithmChoice choice) : DelegatingDevice(inner)
    {
        public override DeviceKind Kind => DeviceKind.Cuda;

        public override AlgorithmChoice? Algorithms => choice;

        public override ConvNormUnit CreateConvNorm(ConvNormSpec spec) => Inner.CreateConvNorm(spec);

        public override HeadUnit CreateHead(HeadSpec spec) => Inner.CreateHead(spec);
    }
}
