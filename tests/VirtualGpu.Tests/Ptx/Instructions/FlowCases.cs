using CudnnResNet.VirtualGpu.Tests.Ptx.Support;

namespace CudnnResNet.VirtualGpu.Tests.Ptx.Instructions;

/// <summary>Branches, ends and barriers.</summary>
internal static class FlowCases
{
    public static IEnumerable<InstructionCase> All()
    {
        yield return new("bra", () => Check("""
            setp.lt.u32 %p1, %r0, 20;
            @%p1 bra low;
            st.global.u64 [%d0], 1;
            bra end;
            low: st.global.u64 [%d0], 2;
            end:
            """, thread => thread < 20 ? 2UL : 1));
        yield return new("bra.uni", () => Check("""
            setp.lt.u32 %p1, %r0, 32;
            @%p1 bra.uni low;
            st.global.u64 [%d0], 1;
            bra.uni end;
            low: st.global.u64 [%d0], 2;
            end:
            """, thread => thread < 32 ? 2UL : 1));
        foreach (string end in new[] { "ret", "exit" })
        {
            yield return new(end, () => Check($"""
                setp.eq.u32 %p1, %r0, 7;
                st.global.u64 [%d0], 1;
                @%p1 {end};
                st.global.u64 [%d0], 2;
                """, thread => thread == 7 ? 1UL : 2));
        }
        yield return new("trap", () =>
        {
            Check("setp.eq.u32 %p1, %r0, 70;\n@%p1 trap;\nst.global.u64 [%d0], 2;", _ => 2);
            StringAssert.Contains(TestKernel.Fault("setp.eq.u32 %p1, %r0, 7;\n@%p1 trap;").Message, "@%p1 trap;");
        });

        // Each thread reads what the block's last has written, warps later.
        foreach (string barrier in new[] { "bar.sync", "barrier.sync", "barrier.sync.aligned" })
        {
            yield return new(barrier, () => Check($"""
                mul.lo.u32 %r1, %r0, 4;
                mov.u32 %r2, s;
                add.u32 %r2, %r2, %r1;
                st.shared.u32 [%r2], %r0;
                {barrier} 0;
                sub.u32 %r3, 252, %r1;
                ld.shared.u32 %d5, [%r3];
                st.global.u64 [%d0], %d5;
                """, thread => 63 - (ulong)thread));
        }
    }

    private static void Check(string body, Func<int, ulong> expected)
    {
        ulong[] actual = TestKernel.Run(body, 64, block: 64, moduleScope: ".shared .align 4 .b8 s[256];\n");
        CollectionAssert.AreEqual(Enumerable.Range(0, 64).Select(expected).ToArray(), actual);
    }
}
