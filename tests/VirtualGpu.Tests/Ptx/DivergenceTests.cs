using CudnnResNet.VirtualGpu.Tests.Ptx.Support;

namespace CudnnResNet.VirtualGpu.Tests.Ptx;

/// <summary>Threads of a warp that go different ways, and barriers on those ways.</summary>
[TestClass]
public sealed class DivergenceTests
{
    [TestMethod]
    public void Nested_branches_join_again()
    {
        ulong[] actual = TestKernel.Run("""
            mov.u32 %r1, 0;
            setp.lt.u32 %p1, %r0, 20;
            @!%p1 bra else1;
            setp.lt.u32 %p2, %r0, 7;
            @!%p2 bra else2;
            add.u32 %r1, %r1, 1;
            bra.uni join2;
            else2:
            add.u32 %r1, %r1, 10;
            join2:
            add.u32 %r1, %r1, 100;
            bra.uni join1;
            else1:
            add.u32 %r1, %r1, 1000;
            join1:
            activemask.b32 %r2;
            mov.b64 %d5, {%r1, %r2};
            st.global.u64 [%d0], %d5;
            """, 32, block: 32);
        for (int i = 0; i < 32; i++) Assert.AreEqual(0xFFFF_FFFF_0000_0000 | (i < 7 ? 101u : i < 20 ? 110u : 1000u), actual[i], $"thread {i}");
    }

    [TestMethod]
    public void Loops_run_as_often_as_each_thread_needs()
    {
        ulong[] actual = TestKernel.Run("""
            mov.u32 %r1, 0;
            mov.u32 %r2, 0;
            loop:
            add.u32 %r2, %r2, %r1;
            add.u32 %r1, %r1, 1;
            setp.le.u32 %p1, %r1, %r0;
            @%p1 bra loop;
            activemask.b32 %r3;
            mov.b64 %d5, {%r2, %r3};
            st.global.u64 [%d0], %d5;
            """, 64, block: 64);
        for (int i = 0; i < 64; i++) Assert.AreEqual(0xFFFF_FFFF_0000_0000 | (uint)(i * (i + 1) / 2), actual[i], $"thread {i}");
    }

    [TestMethod]
    public void A_thread_may_return_early()
    {
        ulong[] actual = TestKernel.Run("""
            and.b32 %r1, %r0, 1;
            setp.eq.u32 %p1, %r1, 1;
            @%p1 ret;
            setp.gt.u32 %p2, %r0, 40;
            @%p2 bra out;
            activemask.b32 %r2;
            cvt.u64.u32 %d5, %r2;
            st.global.u64 [%d0], %d5;
            out:
            """, 64, block: 64);
        for (int i = 0; i < 64; i++) Assert.AreEqual(i % 2 == 1 || i > 40 ? ulong.MaxValue : i < 32 ? 0x5555_5555UL : 0x155, actual[i], $"thread {i}");
    }

    // Compilers put the end of a loop before its body (softmax_cross_entropy_forward has it so): lanes that skip the body come to the barrier first and wait.
    [TestMethod]
    public void A_barrier_that_stands_before_the_branch_gathers_the_warp()
    {
        ulong[] actual = TestKernel.Run("""
            mov.u32 %r1, 0;
            bra.uni body;
            latch:
            bar.sync 0;
            ld.shared.u32 %r2, [s];
            bar.sync 0;
            add.u32 %r1, %r1, 1;
            setp.lt.u32 %p1, %r1, 3;
            @%p1 bra body;
            bra.uni end;
            body:
            setp.ne.u32 %p2, %r0, 5;
            @%p2 bra latch;
            st.shared.u32 [s], %r1;
            bra.uni latch;
            end:
            cvt.u64.u32 %d5, %r2;
            st.global.u64 [%d0], %d5;
            """, 64, block: 64, moduleScope: ".shared .align 4 .b8 s[4];\n");
        CollectionAssert.AreEqual(Enumerable.Repeat(2UL, 64).ToArray(), actual);
    }

    [TestMethod]
    [DataRow("setp.lt.u32 %p1, %r0, 16;\n@!%p1 bra out;\nbar.sync 0;\nout:", "16 threads of the warp wait here, but thread (16,0,0) has returned")]
    [DataRow("setp.lt.u32 %p1, %r0, 16;\n@%p1 bar.sync 0;", "its predicate is not the same for all threads")]
    [DataRow("setp.eq.u32 %p1, %r0, 9;\n@%p1 ret;\nbar.sync 0;", "thread (9,0,0) has returned")]
    [DataRow("setp.lt.u32 %p1, %r0, 16;\n@!%p1 bra other;\nbar.sync 0;\nbra.uni end;\nother:\nbar.sync 1;\nend:", "thread (0,0,0) waits at PTX line")]
    public void A_barrier_in_divergent_code_is_a_fault(string body, string expected)
    {
        var fault = TestKernel.Fault(body);
        Assert.AreEqual(719, fault.Code);
        StringAssert.Contains(fault.Message, "bar.sync in divergent code");
        StringAssert.Contains(fault.Message, expected);
    }

    [TestMethod]
    [DataRow("setp.lt.u32 %p1, %r0, 32;\n@!%p1 bra out;\nbar.sync 0;\nout:", "another has returned")]
    [DataRow("setp.ge.u32 %p1, %r0, 32;\n@!%p1 bra out;\nbar.sync 0;\nout:", "the first warp has returned")]
    [DataRow("setp.lt.u32 %p1, %r0, 32;\n@%p1 bra other;\nbar.sync 0;\nret;\nother:\nbar.sync 0;", "another waits at PTX line")]
    public void A_barrier_that_some_warps_miss_is_a_fault(string body, string expected)
    {
        var fault = TestKernel.Fault(body, 64, block: 64);
        Assert.AreEqual(719, fault.Code);
        StringAssert.Contains(fault.Message, "bar.sync in divergent code");
        StringAssert.Contains(fault.Message, expected);
    }

    [TestMethod]
    [DataRow("setp.lt.u32 %p1, %r0, 16;\n@!%p1 bra more;\nshfl.sync.bfly.b32 %r1, %r0, 1, 31, -1;\nbra.uni end;\nmore:\nshfl.sync.bfly.b32 %r1, %r0, 1, 31, -1;\nend:", "a .sync instruction in divergent code")]
    [DataRow("setp.lt.u32 %p1, %r0, 16;\n@%p1 shfl.sync.bfly.b32 %r1, %r0, 1, 31, -1;", "its predicate is not the same")]
    [DataRow("setp.lt.u32 %p1, %r0, 16;\n@%p1 shfl.sync.bfly.b32 %r1, %r0, 16, 31, 0xffff;", "thread (0,0,0): takes from lane 16, which does not take part")]
    [DataRow("shfl.sync.bfly.b32 %r1, %r0, 1, 31, 0xffff;", "its own member mask 0x0000ffff leaves out")]
    [DataRow("setp.lt.u32 %p1, %r0, 16;\n@%p1 bra.uni end;\nend:", "bra.uni promises")]
    public void A_broken_promise_of_convergence_is_a_fault(string body, string expected)
    {
        var fault = TestKernel.Fault(body);
        Assert.AreEqual(719, fault.Code);
        StringAssert.Contains(fault.Message, expected);
    }

    [TestMethod]
    public void Threads_that_have_returned_need_not_vote()
    {
        ulong[] actual = TestKernel.Run("""
            setp.ge.u32 %p1, %r0, 10;
            @%p1 ret;
            setp.ne.u32 %p2, %r0, 4;
            vote.sync.ballot.b32 %r1, %p2, -1;
            cvt.u64.u32 %d5, %r1;
            st.global.u64 [%d0], %d5;
            """, 32, block: 32);
        for (int i = 0; i < 32; i++) Assert.AreEqual(i < 10 ? 0x3EFUL : ulong.MaxValue, actual[i]);
    }
}
