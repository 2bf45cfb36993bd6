using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Cpu;

/// <summary>What units say about their kernels.</summary>
[TestClass]
public class KernelTests
{
    [TestMethod]
    [DataRow("direct", 1.0, 1.0)]
    [DataRow("winograd", 0.25, 0.5625)] // 36 products for 16 pixels of 9 taps; with stride 2 81
    public void Units_tell_their_kernel_and_its_multiply_adds(string convolution, double ofStride1, double ofStride2)
    {
        var options = new NetworkOptions { BatchSize = 1, Device = new() { Kind = DeviceKind.Cpu, Threads = 1, CpuConvolution = convolution } };
        using var network = new ResNet(new ArchitectureSpec(Architecture.ResNet, 8), options);
        foreach (var unit in network.Units)
        {
            bool transformed = unit.Spec.X.C >= 16;
            Assert.StartsWith(transformed ? convolution : "direct", unit.Kernel, StringComparison.OrdinalIgnoreCase);
            foreach (var direction in Enum.GetValues<Direction>())
            {
                double direct = unit.Spec.MultiplyAdds(direction);
                Assert.AreEqual(direct * (!transformed ? 1 : unit.Spec.Stride == 1 ? ofStride1 : ofStride2), unit.ExecutedMultiplyAdds(direction), $"{unit.Spec.Name} {direction}");
            }
        }
    }

    [TestMethod]
    public void A_training_step_needs_three_times_the_multiply_adds_of_a_forward_pass_but_for_the_images_gradient()
    {
        var specs = new ArchitectureSpec(Architecture.ResNet, 20).ConvNorms();
        long forward = specs.Sum(spec => spec.MultiplyAdds(Direction.Forward)), backward = specs.Sum(spec => spec.MultiplyAdds(Direction.Backward));
        Assert.AreEqual(2 * forward - specs[0].MultiplyAdds(Direction.Forward), backward);
        Assert.AreEqual(27L * 16 * 32 * 32, specs[0].MultiplyAdds(Direction.Backward));
    }
}
