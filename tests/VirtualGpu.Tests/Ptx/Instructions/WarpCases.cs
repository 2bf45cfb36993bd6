using CudnnResNet.VirtualGpu.Tests.Ptx.Support;

namespace CudnnResNet.VirtualGpu.Tests.Ptx.Instructions;

/// <summary>Shuffles and votes, as the CUDA functions with segments of a width use them.</summary>
internal static class WarpCases
{
    public static IEnumerable<InstructionCase> All()
    {
        yield return Shuffle("up", (lane, delta, first, _) => lane - delta >= first ? lane - delta : -1);
        yield return Shuffle("down", (lane, delta, first, width) => lane + delta < first + width ? lane + delta : -1);
        yield return Shuffle("bfly", (lane, delta, first, width) => (lane ^ delta) < first + width ? lane ^ delta : -1);
        yield return Shuffle("idx", (_, delta, first, width) => first + delta % width);

        yield return Vote("any", votes => Array.Exists(votes, vote => vote));
        yield return Vote("all", votes => Array.TrueForAll(votes, vote => vote));
        yield return Vote("uni", votes => votes.Distinct().Count() == 1);
        yield return new("vote.sync.ballot.b32", () =>
        {
            ulong[] actual = TestKernel.Run("setp.lt.u32 %p1, %r0, 5;\nvote.sync.ballot.b32 %r1, %p1, 0xffffffff;\nst.global.u64 [%d0], 0;\nst.global.u32 [%d0], %r1;", 64, block: 64);
            for (int i = 0; i < 64; i++) Assert.AreEqual(i < 32 ? 31UL : 0, actual[i]);
        });
        yield return new("activemask.b32", () =>
        {
            ulong[] actual = TestKernel.Run("mov.b64 %d5, 0;\nsetp.lt.u32 %p1, %r0, 5;\nmov.b32 %r1, 9;\n@%p1 activemask.b32 %r1;\ncvt.u64.u32 %d5, %r1;\nst.global.u64 [%d0], %d5;", 32, block: 32);
            for (int i = 0; i < 32; i++) Assert.AreEqual(i < 5 ? 31UL : 9, actual[i]);
        });

        // The lanes of the lower half come first; the upper ones, which jump ahead and are held, find what the lower have written.
        yield return new("bar.warp.sync", () =>
        {
            ulong[] actual = TestKernel.Run("""
                setp.lt.u32 %p1, %r0, 16;
                @!%p1 bra wait;
                bra.uni write;
                wait:
                bar.warp.sync 0xffffffff;
                ld.shared.u32 %d5, [s];
                st.global.u64 [%d0], %d5;
                bra.uni end;
                write:
                st.shared.u32 [s], 12;
                bra.uni wait;
                end:
                """, 32, block: 32, moduleScope: ".shared .align 4 .b8 s[4];\n");
            CollectionAssert.AreEqual(Enumerable.Repeat(12UL, 32).ToArray(), actual);
        });
    }

    private static InstructionCase Shuffle(string mode, Func<int, int, int, int, int> source) => new($"shfl.sync.{mode}.b32", () =>
    {
        foreach (int width in new[] { 32, 16, 8, 4 })
        {
            foreach (int delta in new[] { 0, 1, 3, 8, 15, 31 })
            {
                int c = ((32 - width) << 8) | (mode == "up" ? 0 : 31);
                ulong[] actual = TestKernel.Run($$"""
                    mad.lo.u32 %r1, %r0, %r0, 3;
                    shfl.sync.{{mode}}.b32 %r2|%p1, %r1, {{delta}}, {{c}}, -1;
                    shfl.sync.{{mode}}.b32 %r3, %r1, {{delta}}, {{c}}, -1;
                    selp.u32 %r4, 1, 0, %p1;
                    sub.u32 %r3, %r3, %r2;
                    add.u32 %r4, %r4, %r3;
                    mov.b64 %d5, {%r2, %r4};
                    st.global.u64 [%d0], %d5;
                    """, 32, block: 32);
                for (int lane = 0; lane < 32; lane++)
                {
                    int from = source(lane, delta, lane / width * width, width), taken = from < 0 ? lane : from;
                    ulong wanted = ((from < 0 ? 0UL : 1) << 32) | (uint)(taken * taken + 3);
                    Assert.AreEqual(wanted, actual[lane], $"{mode} by {delta} within {width}, lane {lane}");
                }
            }
        }
    });

    private static InstructionCase Vote(string mode, Func<bool[], bool> expected) => new($"vote.sync.{mode}.pred", () =>
    {
        foreach (int limit in new[] { 0, 1, 31, 32 })
        {
            ulong[] actual = TestKernel.Run($"setp.lt.u32 %p1, %r0, {limit};\nvote.sync.{mode}.pred %p2, %p1, -1;\nselp.u64 %d5, 1, 0, %p2;\nst.global.u64 [%d0], %d5;", 32, block: 32);
            ulong wanted = expected([.. Enumerable.Range(0, 32).Select(lane => lane < limit)]) ? 1UL : 0;
            CollectionAssert.AreEqual(Enumerable.Repeat(wanted, 32).ToArray(), actual, $"{mode}, {limit} lanes");
        }
    });
}
