using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Tests.Cuda;

/// <summary>Which of cuDNN's algorithms are taken, and what happens where one does not support what it is asked for.</summary>
[TestClass]
public sealed class CudaAlgorithmTests : EmulatedGpuTests
{
    [TestMethod]
    public void The_choice_names_gpu_and_cudnn_and_one_algorithm_for_each_convolution_and_pass()
    {
        using var network = new CudaNetwork();
        network.Train(4);
        var choice = network.Network.Algorithms!;
        Assert.Contains("(not hardware)", choice.Gpu);
        Assert.StartsWith("9.", choice.Cudnn);
        Assert.AreEqual(Precision.Fp32, choice.Precision);
        // Six geometries in ResNet-8; the first has no dx.
        Assert.HasCount(3 * 6 - 1, choice.Algorithms);
        Assert.HasCount(choice.Algorithms.Count, choice.Algorithms.Select(chosen => (chosen.Convolution, chosen.BatchSize, chosen.Pass)).Distinct().ToList());
        Assert.IsTrue(choice.Algorithms.All(chosen => chosen.Math is "Fma" or "Default"), string.Join('\n', choice.Algorithms));
        // These add with atomics.
        string[] banned = ["BackwardData Algorithm0", "BackwardFilter Algorithm0", "BackwardFilter Algorithm3"];
        Assert.IsEmpty(choice.Algorithms.Select(chosen => $"{chosen.Pass} {chosen.Algorithm}").Intersect(banned).ToList());
        foreach (var unit in network.Network.Units) Assert.StartsWith("cuDNN ", unit.Kernel);
    }

    [TestMethod]
    public void Planned_batch_sizes_are_chosen_for_before_they_come()
    {
        using var network = new ResNet(new(Architecture.ResNet, 8), new() { Device = CudaNetwork.Options, BatchSize = 4, OtherBatchSizes = [3, 1] });
        CollectionAssert.AreEquivalent(new[] { 4, 3, 1 }, network.Algorithms!.Algorithms.Select(chosen => chosen.BatchSize).Distinct().ToArray());
    }

    [TestMethod]
    public void A_batch_size_that_was_not_planned_is_computed_within_the_workspace_that_there_is()
    {
        using var network = new CudaNetwork();
        network.Train(4);
        network.Train(3);
        Assert.AreEqual(7, network.Network.ReadTotals().Images);
        Assert.HasCount(2 * (3 * 6 - 1), network.Network.Algorithms!.Algorithms);
    }

    [TestMethod]
    public void An_earlier_choice_is_kept_on_the_same_gpu_only()
    {
        AlgorithmChoice own;
        using (var network = new CudaNetwork()) own = network.Network.Algorithms!;
        // Of each list the last one that is deterministic, or what it was where there is but one.
        var others = own with { Algorithms = [.. own.Algorithms.Select(chosen => chosen with { Algorithm = Another(chosen) })] };
        using (var network = new CudaNetwork(device: CudaNetwork.Options with { Algorithms = others }))
        {
            network.Train(4);
            var taken = network.Network.Algorithms!;
            Assert.IsTrue(taken.Algorithms.Except(own.Algorithms).Any(), "none of the other algorithms was taken");
            Assert.IsEmpty(taken.Algorithms.Except(own.Algorithms).Except(others.Algorithms).ToList());
        }
        using (var network = new CudaNetwork(device: CudaNetwork.Options with { Algorithms = others with { Gpu = "another one" } }))
            CollectionAssert.AreEqual(own.Algorithms.ToArray(), network.Network.Algorithms!.Algorithms.ToArray());
        Assert.IsFalse(own.Fits(own with { Cudnn = "9.1.0" }));
        Assert.IsFalse(own.Fits(own with { Precision = Precision.Tf32 }));

        static string Another(ChosenAlgorithm chosen) => chosen.Pass switch
        {
            ConvolutionPass.Forward => chosen.Algorithm == "ImplicitGemm" ? "ImplicitPrecomputedGemm" : "ImplicitGemm",
            _ => chosen.Algorithm == "Algorithm1" ? "WinogradNonFused" : "Algorithm1",
        };
    }

    [TestMethod]
    [DataRow(ConvolutionPass.Forward)]
    [DataRow(ConvolutionPass.BackwardData)]
    [DataRow(ConvolutionPass.BackwardFilter)]
    public void What_is_not_supported_when_it_runs_makes_room_for_the_next(ConvolutionPass pass)
    {
        var (planned, expected) = Step(unsupported: null);
        // What is planned for most shapes; the first of them that comes has to do without, from then on.
        string banned = planned.Where(chosen => chosen.Pass == pass).GroupBy(chosen => chosen.Algorithm).MaxBy(group => group.Count())!.Key;
        var (taken, loss) = Step($"{CName(pass, banned)}@1");
        var (before, after) = planned.Zip(taken).Single(pair => pair.First != pair.Second);
        Assert.AreEqual((pass, banned), (before.Pass, before.Algorithm));
        Assert.AreEqual((before.Convolution, before.BatchSize, pass), (after.Convolution, after.BatchSize, after.Pass));
        Assert.AreNotEqual(banned, after.Algorithm);
        Assert.AreEqual(expected, loss, 1e-5 * expected);

        static (IReadOnlyList<ChosenAlgorithm> Chosen, double Loss) Step(string? unsupported)
        {
            _ = Emulator.Folder;
            Emulator.Start();
            Emulator.Interfere(unsupported is null ? [] : [unsupported]);
            using var network = new CudaNetwork();
            network.Train(4);
            network.Train(4);
            return (network.Network.Algorithms!.Algorithms, network.Network.ReadTotals().Loss);
        }
    }

    [TestMethod]
    public void An_error_says_that_no_algorithm_is_left()
    {
        _ = Emulator.Folder;
        string[] all = ["ImplicitGemm", "ImplicitPrecomputedGemm", "Gemm", "Direct", "Fft", "FftTiling", "Winograd", "WinogradNonFused"];
        Emulator.Interfere(all.Select(name => CName(ConvolutionPass.Forward, name)));
        using var network = new CudaNetwork();
        Assert.IsTrue(Assert.ThrowsExactly<CudnnException>(() => network.Train(4)).IsNotSupported);
    }

    [TestMethod]
    public void Autotune_times_deterministic_algorithms_only()
    {
        using var network = new CudaNetwork(device: CudaNetwork.Options with { Autotune = true });
        network.Train(4);
        var choice = network.Network.Algorithms!;
        Assert.IsFalse(choice.Algorithms.Any(chosen => chosen.Pass != ConvolutionPass.Forward && chosen.Algorithm is "Algorithm0" or "Algorithm3"), string.Join('\n', choice.Algorithms));
        Assert.IsTrue(double.IsFinite(network.Network.ReadTotals().Loss));
    }

    /// <summary>An algorithm as cuDNN's header calls it.</summary>
    private static string CName(ConvolutionPass pass, string algorithm)
    {
        string family = pass switch
        {
            ConvolutionPass.Forward => "FWD",
            ConvolutionPass.BackwardData => "BWD_DATA",
            _ => "BWD_FILTER",
        };
        string name = algorithm switch
        {
            "ImplicitGemm" => "IMPLICIT_GEMM",
            "ImplicitPrecomputedGemm" => "IMPLICIT_PRECOMP_GEMM",
            "FftTiling" => "FFT_TILING",
            "WinogradNonFused" => "WINOGRAD_NONFUSED",
            _ => algorithm.Replace("Algorithm", "", StringComparison.Ordinal).ToUpperInvariant(),
        };
        return $"CUDNN_CONVOLUTION_{family}_ALGO_{name}";
    }
}
