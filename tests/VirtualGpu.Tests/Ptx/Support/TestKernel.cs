using CudnnResNet.VirtualGpu.Ptx;

namespace CudnnResNet.VirtualGpu.Tests.Ptx.Support;

/// <summary>Small kernels from the lines of their body.</summary>
internal static class TestKernel
{
    public const string Header = ".version 6.3\n.target sm_70\n.address_size 64\n";

    public static readonly IReadOnlyDictionary<string, ulong> NoVariables = new Dictionary<string, ulong>();

    // Every thread finds its number in %r0, and the addresses of its own eight bytes in %d0 (out), %d1, %d2 and %d3 (in).
    private const string Prelude = """
        .visible .entry k(.param .u64 p_out, .param .u64 p_a, .param .u64 p_b, .param .u64 p_c) {
        .reg .pred %p<16>;  .reg .b16 %h<16>;  .reg .b32 %r<32>;  .reg .f32 %f<16>;  .reg .b64 %d<32>;  .reg .f64 %g<16>;
        mov.u32 %r29, %ctaid.x;  mov.u32 %r30, %ntid.x;  mov.u32 %r31, %tid.x;
        mad.lo.s32 %r0, %r29, %r30, %r31;
        mul.wide.u32 %d31, %r0, 8;
        ld.param.u64 %d0, [p_out];  ld.param.u64 %d1, [p_a];  ld.param.u64 %d2, [p_b];  ld.param.u64 %d3, [p_c];
        add.s64 %d0, %d0, %d31;  add.s64 %d1, %d1, %d31;  add.s64 %d2, %d2, %d31;  add.s64 %d3, %d3, %d31;

        """;

    /// <summary>The line of the text on which a body begins.</summary>
    public static int FirstBodyLine { get; } = (Header + Prelude).Split('\n').Length;

    /// <summary>The text of a module with one kernel.</summary>
    public static string Text(string body, string moduleScope = "") => Header + moduleScope + Prelude + body + "\nret;\n}\n";

    /// <summary>Runs a body; every thread has eight bytes of each input and of the output, which hold ones before.</summary>
    public static ulong[] Run(string body, int threads, ulong[]? a = null, ulong[]? b = null, ulong[]? c = null, int block = 128, int sharedBytes = 0, string moduleScope = "")
    {
        using var memory = new TestMemory();
        int count = (threads + block - 1) / block * block;
        ulong output = memory.Allocate<ulong>(Enumerable.Repeat(ulong.MaxValue, count).ToArray());
        ulong[] parameters = [output, .. new[] { a, b, c }.Select(values => memory.Allocate<ulong>(Padded(values ?? [], count)))];
        var kernel = PtxModule.Parse(Text(body, moduleScope)).Kernels["k"];
        KernelRun.Execute(kernel, new((uint)(count / block), 1, 1), new((uint)block, 1, 1), sharedBytes, System.Runtime.InteropServices.MemoryMarshal.AsBytes<ulong>(parameters), NoVariables, memory);
        return memory.Get<ulong>(output, threads);
    }

    /// <summary>Runs a body that has to fail.</summary>
    public static DeviceFault Fault(string body, int threads = 32, int block = 32, int sharedBytes = 0, string moduleScope = "") =>
        Assert.ThrowsExactly<DeviceFault>(() => Run(body, threads, block: block, sharedBytes: sharedBytes, moduleScope: moduleScope));

    /// <summary>Parses a body that has to be refused.</summary>
    public static DeviceFault Refusal(string body, string moduleScope = "") => Assert.ThrowsExactly<DeviceFault>(() => PtxModule.Parse(Text(body, moduleScope)));

    private static ulong[] Padded(ulong[] values, int count) => [.. values, .. new ulong[Math.Max(0, count - values.Length)]];
}
