using System.Text;
using CudnnResNet.Native.Safe;
using CudnnResNet.Native.Sys;
using static CudnnResNet.VirtualGpu.Tests.Driver.EmulatedGpu;

namespace CudnnResNet.VirtualGpu.Tests.Driver;

/// <summary>Modules: what loads, and what is said of what does not.</summary>
[TestClass]
public sealed class ModuleTests
{
    [TestMethod]
    public void A_kernel_has_attributes()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        Assert.AreEqual(TestKernels.MaxThreads, gpu.Kernel("add_one").MaxThreadsPerBlock);
        Assert.AreEqual(TestKernels.RequiredThreads, gpu.Kernel("one_warp").MaxThreadsPerBlock);
        Assert.AreEqual(1024, gpu.Kernel("misaligned").MaxThreadsPerBlock);
        Assert.AreEqual(0, gpu.Kernel("add_one").LocalBytes);
        Assert.IsGreaterThan(0, gpu.Kernel("add_one").Registers);
    }

    [TestMethod]
    public void Variables_begin_as_the_ptx_says_or_as_zero()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        DeviceBuffer y = gpu.Empty(8);
        gpu.Kernel("variables").Launch(gpu.Stream, 1, 1, 0, y.Pointer);
        CollectionAssert.AreEqual(new[] { 7, 0 }, gpu.Read(y.Pointer, 2));
    }

    [TestMethod]
    [DataRow("this is no PTX", (uint)CUresult.CUDA_ERROR_INVALID_IMAGE, "the image is no PTX text")]
    [DataRow(".version 6.3\n.target sm_90\n.address_size 64\n", (uint)CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU, "the PTX is for sm_90, and the device is sm_70")]
    [DataRow(".version 6.3\n.address_size 64\n", (uint)CUresult.CUDA_ERROR_INVALID_PTX, "names no .target")]
    [DataRow(".version 6.3\n.target sm_70\n.address_size 64\n.visible .entry k()\n{\n    frobnicate.u32;\n    ret;\n}\n", (uint)CUresult.CUDA_ERROR_INVALID_PTX, "frobnicate")]
    public void What_does_not_load_is_explained_in_the_compilers_log(string ptx, uint status, string words)
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        CudaException? error = null;
        Fails((CUresult)status, words, () =>
        {
            try
            {
                CudaModule.FromPtx(gpu.Context, Encoding.ASCII.GetBytes(ptx), "a.ptx").Dispose();
            }
            catch (CudaException caught)
            {
                error = caught;
                throw;
            }
        });
        // Operands, which FromPtx makes from the compiler's log: the way that users of a driver see it.
        Assert.StartsWith("a.ptx: ", error!.Operands);
        Assert.Contains(words, error.Operands);
    }

    [TestMethod]
    public void A_kernel_that_is_not_there_is_named()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        Fails(CUresult.CUDA_ERROR_NOT_FOUND, "has no kernel add_two", () => gpu.Kernel("add_two"));
    }

    [TestMethod]
    public void A_context_without_room_for_variables_loads_nothing()
    {
        string ptx = ".version 6.3\n.target sm_70\n.address_size 64\n.global .align 4 .b8 large[2000000];\n";
        using var gpu = new EmulatedGpu(EmulatorOrder.Late, memory: 1 << 20);
        Fails(CUresult.CUDA_ERROR_OUT_OF_MEMORY, "no memory for the 2000000 bytes of variable large", () => CudaModule.FromPtx(gpu.Context, Encoding.ASCII.GetBytes(ptx), "large").Dispose());
    }
}
