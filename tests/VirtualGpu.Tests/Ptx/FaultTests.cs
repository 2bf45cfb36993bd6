using CudnnResNet.VirtualGpu.Ptx;
using CudnnResNet.VirtualGpu.Tests.Ptx.Support;

namespace CudnnResNet.VirtualGpu.Tests.Ptx;

/// <summary>What a kernel must not do, and what is said of it.</summary>
[TestClass]
public sealed class FaultTests
{
    private const string Shared = ".shared .align 16 .b8 s[64];\n";

    [TestMethod]
    public void A_fault_names_kernel_instruction_block_thread_and_address()
    {
        var fault = TestKernel.Fault("mul.wide.u32 %d5, %r0, 4096;\nadd.s64 %d5, %d1, %d5;\nsetp.eq.u32 %p1, %r0, 70;\n@%p1 ld.global.u32 %r1, [%d5+8];", 128, block: 64);
        Assert.AreEqual(700, fault.Code);
        StringAssert.Matches(fault.Message, new($@"^kernel k, PTX line {TestKernel.FirstBodyLine + 3} ""@%p1 ld\.global\.u32 %r1, \[%d5\+8\];"", block \(1,0,0\), thread \(6,0,0\): 4 bytes at 0x[0-9a-f]+ belong to no allocation$"));
    }

    // All 32 addresses are one run; the message names the thread that is beyond the end, not the run.
    [TestMethod]
    [DataRow("ld.global.u32 %r1, [%d5];")]
    [DataRow("st.global.u32 [%d5], 1;")]
    public void Of_a_run_of_addresses_the_thread_beyond_the_end_is_named(string access)
    {
        string body = $"ld.param.u64 %d5, [p_b];\nmul.wide.u32 %d6, %r0, 4;\nadd.s64 %d5, %d5, %d6;\nadd.s64 %d5, %d5, 204;\n{access}";
        var fault = TestKernel.Fault(body); // 256 bytes
        Assert.AreEqual(700, fault.Code);
        StringAssert.Contains(fault.Message, "thread (13,0,0): 4 bytes at 0x");
    }

    [TestMethod]
    public void Unwritten_device_memory_is_named_with_the_thread()
    {
        using var memory = new TestMemory();
        ulong output = memory.Allocate(32 * 8);
        var kernel = PtxModule.Parse(TestKernel.Text("setp.ne.u32 %p1, %r0, 9;\n@%p1 st.global.u64 [%d0], 3;\nld.global.u64 %d5, [%d0];")).Kernels["k"];
        var fault = Assert.ThrowsExactly<DeviceFault>(() => KernelRun.Execute(
            kernel, new(1, 1, 1), new(32, 1, 1), 0, System.Runtime.InteropServices.MemoryMarshal.AsBytes<ulong>([output, output, output, output]), TestKernel.NoVariables, memory));
        Assert.AreEqual(719, fault.Code);
        StringAssert.Contains(fault.Message, $"thread (9,0,0): reads unwritten memory at 0x{output + 72:x}");
    }

    [TestMethod]
    [DataRow("ld.global.u16 %h1, [%d1+1];", 2)]
    [DataRow("ld.global.f32 %f1, [%d1+2];", 4)]
    [DataRow("ld.global.u64 %d5, [%d1+4];", 8)]
    [DataRow("ld.global.v2.f32 {%f1, %f2}, [%d1+4];", 8)]
    [DataRow("ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%d1];", 16)]
    [DataRow("st.global.u32 [%d0+1], 3;", 4)]
    [DataRow("st.global.v4.f32 [%d0], {%f1, %f2, %f3, %f4};", 16)]
    [DataRow("atom.global.add.u32 %r1, [%d0+2], 3;", 4)]
    [DataRow("ld.shared.u32 %r1, [s+2];", 4)]
    [DataRow("st.shared.u64 [s+4], 1;", 8)]
    public void A_misaligned_access_is_a_fault(string access, int size)
    {
        var fault = TestKernel.Fault(access, moduleScope: Shared);
        Assert.AreEqual(716, fault.Code);
        StringAssert.Contains(fault.Message, $"is not a multiple of the {size} bytes");
        StringAssert.Contains(fault.Message, access);
    }

    [TestMethod]
    [DataRow("st.shared.u32 [s+64], 1;", 0, "thread (0,0,0): 4 bytes at shared address 0x40")]
    [DataRow("st.shared.u32 [s+-4], 1;", 0, "thread (0,0,0): 4 bytes at shared address 0xfffffffffffffffc")]
    [DataRow("ld.shared.u64 %d5, [s+64];", 0, "thread (0,0,0): 8 bytes at shared address 0x40")]
    [DataRow("mov.u32 %r1, s;\nmad.lo.u32 %r1, %r0, 4, %r1;\nst.shared.u32 [%r1], 1;", 0, "thread (16,0,0): 4 bytes at shared address 0x40")]
    [DataRow("st.shared.u32 [s+80], 1;", 16, "outside the block's 80 bytes")]
    public void Shared_memory_out_of_bounds_is_a_fault(string access, int dynamicBytes, string expected)
    {
        var fault = TestKernel.Fault(access, sharedBytes: dynamicBytes, moduleScope: Shared);
        Assert.AreEqual(719, fault.Code);
        StringAssert.Contains(fault.Message, expected);
    }

    [TestMethod]
    public void Unwritten_shared_memory_is_a_fault_with_its_address()
    {
        var fault = TestKernel.Fault("mul.lo.u32 %r1, %r0, 4;\nsetp.lt.u32 %p1, %r0, 5;\n@%p1 st.shared.u32 [%r1], 1;\nsetp.lt.u32 %p1, %r0, 8;\n@%p1 ld.shared.u32 %r2, [%r1];", moduleScope: Shared + ".shared .align 4 .b8 unused[4];\n");
        // Nothing names a variable: there is no shared memory at all.
        StringAssert.Contains(fault.Message, "outside the block's 0 bytes");

        fault = TestKernel.Fault("mov.u32 %r3, s;\nmad.lo.u32 %r1, %r0, 4, %r3;\nsetp.lt.u32 %p1, %r0, 5;\n@%p1 st.shared.u32 [%r1], 1;\nsetp.lt.u32 %p1, %r0, 8;\n@%p1 ld.shared.u32 %r2, [%r1];", moduleScope: Shared);
        Assert.AreEqual(719, fault.Code);
        StringAssert.Contains(fault.Message, "thread (5,0,0): reads shared memory that the block has not written, address 0x14");
    }

    // What one block writes, the next must not find.
    [TestMethod]
    public void Shared_memory_of_the_block_before_is_unwritten()
    {
        var fault = TestKernel.Fault("setp.eq.u32 %p1, %r29, 0;\n@%p1 st.shared.u32 [s], 1;\nld.shared.u32 %r1, [s];", 64, block: 32, moduleScope: Shared);
        StringAssert.Contains(fault.Message, "block (1,0,0), thread (0,0,0)");
    }

    [TestMethod]
    public void Division_by_zero_is_a_fault()
    {
        var fault = TestKernel.Fault("sub.u32 %r1, %r0, 3;\ndiv.s32 %r2, 5, %r1;");
        Assert.AreEqual(719, fault.Code);
        StringAssert.Contains(fault.Message, "thread (3,0,0): divides a whole number by zero");
    }

    [TestMethod]
    public void Too_few_parameters_are_a_fault()
    {
        using var memory = new TestMemory();
        var kernel = PtxModule.Parse(TestKernel.Text("")).Kernels["k"];
        var fault = Assert.ThrowsExactly<DeviceFault>(() => KernelRun.Execute(kernel, new(1, 1, 1), new(1, 1, 1), 0, new byte[16], TestKernel.NoVariables, memory));
        Assert.AreEqual(719, fault.Code);
        StringAssert.Contains(fault.Message, "reads the parameters up to byte 24, but the launch passed 16");
    }

    [TestMethod]
    [DataRow(0u, 32u)]
    [DataRow(1u, 0u)]
    [DataRow(1u, 1025u)]
    public void An_impossible_launch_is_refused(uint blocks, uint threads)
    {
        using var memory = new TestMemory();
        var kernel = PtxModule.Parse(TestKernel.Text("")).Kernels["k"];
        var fault = Assert.ThrowsExactly<DeviceFault>(() => KernelRun.Execute(kernel, new(blocks, 1, 1), new(threads, 1, 1), 0, new byte[32], TestKernel.NoVariables, memory));
        Assert.AreEqual(1, fault.Code);
    }

    [TestMethod]
    public void A_variable_without_an_address_is_refused()
    {
        var fault = TestKernel.Fault("ld.global.u32 %r1, [v];", moduleScope: ".global .align 4 .u32 v;\n");
        Assert.AreEqual(1, fault.Code);
        StringAssert.Contains(fault.Message, "'v'");
    }
}
