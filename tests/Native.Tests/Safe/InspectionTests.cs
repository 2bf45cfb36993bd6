using CudnnResNet.Native.Safe;

namespace CudnnResNet.Native.Tests.Safe;

/// <summary>The kernels' PTX is compared with what the driver compiles before it is loaded.</summary>
[TestClass]
[DoNotParallelize]
public sealed class InspectionTests
{
    // NVIDIA's table: 12.6 brought no new PTX.
    [TestMethod]
    [DataRow(12, 0, "8.0")]
    [DataRow(12, 5, "8.5")]
    [DataRow(12, 6, "8.5")]
    [DataRow(12, 8, "8.7")]
    [DataRow(12, 9, "8.8")]
    [DataRow(13, 0, "9.0")]
    [DataRow(14, 2, null, DisplayName = "a driver that is newer than we know")]
    public void A_driver_compiles_PTX_up_to(int major, int minor, string? newest) => Assert.AreEqual(newest, PtxLanguage.NewestOf(new(major, minor))?.ToString());

    [TestMethod]
    [DataRow("6.3", true)]
    [DataRow("8.7", true)]
    [DataRow("8.8", false)]
    [DataRow("9.0", false)]
    public void PTX_that_is_newer_than_the_driver_is_a_problem(string ptx, bool usable)
    {
        FakeGpu.AllSucceed();
        var inspection = CudaInspection.Run(new(new(7, 0), Version.Parse(ptx)));
        string? problem = inspection.WhyNot(0)?.ToString();
        if (usable) Assert.IsNull(problem);
        else
            Assert.AreEqual(
                $"the NVIDIA driver is too old for the kernels: they are PTX {ptx}, and it compiles PTX up to 8.7 (CUDA 12.8); update it, or compile the kernels with an older toolkit or clang-19", problem);
    }
}
