using CudnnResNet.Kernels.Tests.Ptx;
using CudnnResNet.VirtualGpu.Ptx;
using CudnnResNet.VirtualGpu.Tests.Ptx.Support;

namespace CudnnResNet.VirtualGpu.Tests.Ptx;

/// <summary>What a module and its kernels say of themselves, and spellings of other compilers.</summary>
[TestClass]
public sealed class ModuleTests
{
    private static readonly string text = TestKernel.Header + """
        .visible .const .align 8 .b8 table[12] = {1, 2, 255};
        .global .align 4 .u32 counter = 7;
        .global .f64 unset[2];
        .weak .global .s16 pair[2][2] = {-1, 2, 3, 4};
        .extern .shared .align 16 .b8 more[];
        .shared .align 8 .b8 named[20];
        .shared .align 4 .b8 unnamed[100];
        .visible .entry one(.param .u8 a, .param .u64 .ptr .global .align 16 b, .param .align 8 .b8 c[12], .param .f32 d) .maxntid 16, 4, 1 .minnctapersm 2 {
            .reg .pred %p<2>;  .reg .b16 %h;  .reg .b32 %r<3>;  .reg .f64 %g<2>;
            .shared .align 4 .b8 own[6];
            st.shared.u8 [named], 1;
            st.shared.u8 [more], 1;
            ret;
        }
        .entry two .reqntid 32 {
            /* nothing
               to do */ ret;
        }
        """;

    [TestMethod]
    public void Tells_what_a_launch_needs_to_know()
    {
        var kernel = PtxModule.Parse(text).Kernels["one"];
        CollectionAssert.AreEqual(new PtxParameter[] { new(0, 1), new(8, 8), new(16, 12), new(28, 4) }, kernel.Parameters.ToArray());
        Assert.AreEqual(32, kernel.ParameterBytes);
        Assert.AreEqual(28, kernel.StaticSharedBytes, "own at 0, named at 8; unnamed is not named");
        Assert.AreEqual(64, kernel.MaxThreads);
        Assert.AreEqual(0, kernel.RequiredThreads);
        Assert.AreEqual(1 + 3 + 4, kernel.Registers);
        Assert.AreEqual(3, kernel.InstructionCount);

        var other = PtxModule.Parse(text).Kernels["two"];
        Assert.AreEqual(1024, other.MaxThreads);
        Assert.AreEqual(32, other.RequiredThreads);
        Assert.AreEqual(0, other.StaticSharedBytes + other.ParameterBytes + other.Parameters.Count);
    }

    [TestMethod]
    public void Tells_the_variables_with_their_values()
    {
        string[] variables = [.. PtxModule.Parse(text).Variables.Select(variable => $"{variable.Space} {variable.Name} {variable.Size} {variable.Alignment} {Convert.ToHexString(variable.InitialBytes)}")];
        CollectionAssert.AreEqual(new[]
        {
            "const table 12 8 0102FF000000000000000000",
            "global counter 4 4 07000000",
            "global unset 16 8 ",
            "global pair 8 2 FFFF020003000400",
        }, variables);
    }

    [TestMethod]
    public void Dynamic_shared_memory_follows_the_static()
    {
        ulong[] actual = TestKernel.Run("mov.u32 %r1, more;\nmov.u32 %r2, fixed;\nst.shared.u32 [more+12], 5;\nmov.b64 %d5, {%r1, %r2};\nst.global.u64 [%d0], %d5;", 32, block: 32, sharedBytes: 16,
            moduleScope: ".extern .shared .align 16 .b8 more[];\n.shared .align 4 .b8 fixed[20];\n");
        Assert.AreEqual(32UL, actual[0]);
    }

    [TestMethod]
    public void Registers_of_inner_braces_hide_those_outside()
    {
        ulong[] actual = TestKernel.Run("""
            mov.u32 %r1, 1;
            { .reg .b32 %r1, tmp;  mov.u32 %r1, 2;  { .reg .b32 tmp;  mov.u32 tmp, 4; }  mov.b64 {tmp, _}, 0x300000005;  add.u32 %r2, %r1, tmp; }
            { .reg .b32 tmp;  mov.b64 {_, tmp}, 0x300000005;  add.u32 %r3, %r1, tmp; }
            mov.b64 %d5, {%r2, %r3};
            st.global.u64 [%d0], %d5;
            """, 32, block: 32);
        Assert.AreEqual(0x4_0000_0007UL, actual[0]);
    }

    [TestMethod]
    public void Words_are_packed_and_unpacked_lowest_first()
    {
        ulong[] actual = TestKernel.Run("""
            ld.global.u64 %d5, [%d1];
            mov.b64 {%r1, %r2}, %d5;
            mov.b32 {%h1, %h2}, %r1;
            mov.b64 {%h3, %h4, %h5, %h6}, %d5;
            mov.b32 %r3, {%h2, %h1};
            mov.b64 %d6, {%r3, %r2};
            mov.b64 %d7, {%h6, %h5, %h4, %h3};
            xor.b64 %d7, %d7, %d6;
            st.global.u64 [%d0], %d7;
            """, 32, [0x1111_2222_3333_4444], block: 32);
        Assert.AreEqual(0x4444_3333_2222_1111UL ^ 0x1111_2222_4444_3333UL, actual[0]);
    }

    // nvcc writes so: constants of a shuffle in registers, unqualified mul and sub, sizes in hexadecimal, registers without numbers.
    [TestMethod]
    public void Reads_what_nvcc_writes()
    {
        ulong[] actual = TestKernel.Run("""
            .loc 1 12 3
            mov.u32 %r1, 31;
            mov.u32 %r2, -1;
            mov.u32 %r3, 0x10;
            shfl.sync.bfly.b32 %r4|%p1, %r0, %r3, %r1, %r2;
            cvt.rn.f32.s32 %f1, %r4;
            mul.f32 %f2, %f1, 0f40000000;
            sub.f32 %f3, %f2, 0f3F800000;
            { // begin inline asm
            st.global.f32 [%d0], %f3;
            } // end inline asm
            st.global.u32 [%d0+4], 0U;
            """, 32, block: 32);
        for (int i = 0; i < 32; i++) Assert.AreEqual((ulong)BitConverter.SingleToUInt32Bits(2 * (i ^ 16) - 1), actual[i]);
    }

    [TestMethod]
    public void Special_registers_tell_each_threads_place()
    {
        string[] names = ["tid.x", "tid.y", "tid.z", "ntid.x", "ntid.y", "ntid.z", "ctaid.x", "ctaid.y", "ctaid.z", "nctaid.x", "nctaid.y", "nctaid.z", "laneid", "warpid"];
        Dim3 grid = new(3, 2, 2), block = new(5, 4, 2);
        string stores = string.Concat(names.Select((name, i) => $"mov.u32 %r9, %{name};\nst.global.u32 [%d0+{4 * i}], %r9;\n"));
        var kernel = PtxModule.Parse($$"""
            {{TestKernel.Header}}.entry k(.param .u64 out) {
            .reg .b32 %r<10>;  .reg .b64 %d<3>;
            mov.u32 %r1, %ctaid.z;  mad.lo.u32 %r1, %r1, 2, %ctaid.y;  mad.lo.u32 %r1, %r1, 3, %ctaid.x;
            mad.lo.u32 %r1, %r1, 2, %tid.z;  mad.lo.u32 %r1, %r1, 4, %tid.y;  mad.lo.u32 %r1, %r1, 5, %tid.x;
            ld.param.u64 %d0, [out];  mul.wide.u32 %d1, %r1, {{4 * names.Length}};  add.s64 %d0, %d0, %d1;
            {{stores}}ret;
            }
            """).Kernels["k"];
        using var memory = new TestMemory();
        int threads = (int)(grid.Count * block.Count);
        ulong output = memory.Allocate(threads * names.Length * 4);
        KernelRun.Execute(kernel, grid, block, 0, BitConverter.GetBytes(output), TestKernel.NoVariables, memory);
        uint[] actual = memory.Get<uint>(output, threads * names.Length);

        int at = 0;
        for (uint b = 0; b < 12; b++)
        {
            for (uint t = 0; t < 40; t++)
            {
                uint[] expected = [t % 5, t / 5 % 4, t / 20, 5, 4, 2, b % 3, b / 3 % 2, b / 6, 3, 2, 2, t % 32, t / 32];
                CollectionAssert.AreEqual(expected, actual[at..(at += names.Length)], $"block {b}, thread {t}");
            }
        }
    }

    [TestMethod]
    public void Counts_an_instruction_once_for_every_thread_that_comes_to_it()
    {
        var kernel = PtxModule.Parse($$"""
            {{TestKernel.Header}}.entry k() {
            .reg .pred %p1;  .reg .b32 %r1;
            mov.u32 %r1, %tid.x;
            setp.lt.u32 %p1, %r1, 10;
            @%p1 bra end;
            mov.u32 %r1, 1;
            end: ret;
            }
            """).Kernels["k"];
        using var memory = new TestMemory();
        Assert.AreEqual(3 * (4 * 40 + 30), KernelRun.Execute(kernel, new(3, 1, 1), new(40, 1, 1), 0, [], TestKernel.NoVariables, memory));
    }

    [TestMethod]
    public void Reads_all_kernels_of_the_project()
    {
        var kernels = Directory.GetFiles(Repository.At("kernels", "ptx"), "*.ptx").SelectMany(file => PtxModule.Parse(File.ReadAllText(file)).Kernels.Values).ToList();
        Assert.IsTrue(kernels.Count >= 11, $"only {kernels.Count} kernels");
        Assert.IsTrue(kernels.TrueForAll(kernel => kernel.MaxThreads is 1 or 128 or 256));
        Assert.AreEqual(1536, kernels.Find(kernel => kernel.Name == "softmax_cross_entropy_forward")!.StaticSharedBytes);
    }
}
