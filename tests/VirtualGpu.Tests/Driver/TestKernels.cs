namespace CudnnResNet.VirtualGpu.Tests.Driver;

/// <summary>Kernels that do little, some of it wrong, written by hand.</summary>
internal static class TestKernels
{
    /// <summary>Threads that a block of <c>add_one</c> may have.</summary>
    public const int MaxThreads = 64;

    /// <summary>Threads that a block of <c>one_warp</c> must have.</summary>
    public const int RequiredThreads = 32;

    /// <summary>Bytes of shared memory of <c>much_shared</c>.</summary>
    public const int SharedBytes = 40000;

    public const string Ptx = """
        .version 6.3
        .target sm_70
        .address_size 64

        .global .align 4 .u32 seven = 7;
        .global .align 4 .u32 nothing;

        // y[i] = x[i] + 1 for i < n; it trusts n.
        .visible .entry add_one(
            .param .u64 add_one_param_0,
            .param .u32 add_one_param_1,
            .param .u64 add_one_param_2
        )
        .maxntid 64, 1, 1
        {
            .reg .pred %p<2>;
            .reg .b32 %r<8>;
            .reg .b64 %rd<8>;
            ld.param.u64 %rd1, [add_one_param_0];
            ld.param.u32 %r1, [add_one_param_1];
            ld.param.u64 %rd2, [add_one_param_2];
            mov.u32 %r2, %ctaid.x;
            mov.u32 %r3, %ntid.x;
            mov.u32 %r4, %tid.x;
            mad.lo.s32 %r5, %r2, %r3, %r4;
            setp.ge.s32 %p1, %r5, %r1;
            @%p1 bra $L__done;
            cvta.to.global.u64 %rd3, %rd1;
            cvta.to.global.u64 %rd4, %rd2;
            mul.wide.s32 %rd5, %r5, 4;
            add.s64 %rd6, %rd3, %rd5;
            add.s64 %rd7, %rd4, %rd5;
            ld.global.u32 %r6, [%rd6];
            add.s32 %r7, %r6, 1;
            st.global.u32 [%rd7], %r7;
        $L__done:
            ret;
        }

        // Writes 4 bytes at y + 2.
        .visible .entry misaligned(
            .param .u64 misaligned_param_0
        )
        {
            .reg .b32 %r<2>;
            .reg .b64 %rd<3>;
            ld.param.u64 %rd1, [misaligned_param_0];
            cvta.to.global.u64 %rd2, %rd1;
            mov.u32 %r1, 1;
            st.global.u32 [%rd2+2], %r1;
            ret;
        }

        // Half of a warp comes to the barrier.
        .visible .entry divergent_barrier()
        {
            .reg .pred %p<2>;
            .reg .b32 %r<2>;
            mov.u32 %r1, %tid.x;
            setp.ge.s32 %p1, %r1, 16;
            @%p1 bra $L__done;
            bar.sync 0;
        $L__done:
            ret;
        }

        .visible .entry one_warp()
        .reqntid 32, 1, 1
        {
            ret;
        }

        .visible .entry much_shared()
        {
            .shared .align 4 .b8 much_shared_room[40000];
            ret;
        }

        // y[0] = seven, y[1] = nothing.
        .visible .entry variables(
            .param .u64 variables_param_0
        )
        {
            .reg .b32 %r<3>;
            .reg .b64 %rd<3>;
            ld.param.u64 %rd1, [variables_param_0];
            cvta.to.global.u64 %rd2, %rd1;
            ld.global.u32 %r1, [seven];
            ld.global.u32 %r2, [nothing];
            st.global.u32 [%rd2], %r1;
            st.global.u32 [%rd2+4], %r2;
            ret;
        }
        """;
}
