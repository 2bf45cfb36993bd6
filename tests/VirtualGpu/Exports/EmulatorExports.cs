using System.Runtime.InteropServices;
using System.Text;
using CudnnResNet.VirtualGpu.Driver;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>Functions that no driver has: for tests.</summary>
internal static unsafe class EmulatorExports
{
    /// <summary>Forgets everything, faults included, and begins anew. No other call may be under way.</summary>
    /// <param name="order">0 early, 1 late.</param>
    /// <param name="totalMemory">Bytes of each device; 0 for what the environment says.</param>
    /// <param name="capability">Their compute capability, ten times, such as 80; 0 for what the environment says.</param>
    [UnmanagedCallersOnly(EntryPoint = "cudnnresnet_emulator_reset")]
    internal static CUresult Reset(int order, long totalMemory, int capability) => Call.Uncounted(_ =>
    {
        Call.Require(Enum.IsDefined((Order)order) && totalMemory >= 0 && capability is 0 or (>= 70 and < 100), $"order {order}, {totalMemory} bytes, capability {capability}");
        Machine.Reset((Order)order, totalMemory, capability);
        return CUresult.CUDA_SUCCESS;
    });

    /// <summary>Makes things go wrong from here on: see <see cref="Interference"/>. What was asked for before is forgotten.</summary>
    /// <param name="unsupported">Names of cuDNN, UTF-8; null for none.</param>
    /// <param name="failCall">The call that fails, counted from 1 from here on; 0 for none.</param>
    /// <param name="breaks">1 where all calls after it fail too, until a reset.</param>
    [UnmanagedCallersOnly(EntryPoint = "cudnnresnet_emulator_interfere")]
    internal static CUresult Interfere(byte* unsupported, long failCall, int breaks) => Call.Uncounted(machine =>
    {
        machine.Interference = new(Marshal.PtrToStringUTF8((nint)unsupported) ?? "", failCall, breaks != 0);
        return CUresult.CUDA_SUCCESS;
    });

    /// <summary>Copies the counters.</summary>
    /// <param name="counters">Where to, laid out as <see cref="Counters"/>.</param>
    /// <param name="bytes">The size there; another size is refused.</param>
    [UnmanagedCallersOnly(EntryPoint = "cudnnresnet_emulator_counters")]
    internal static CUresult ReadCounters(Counters* counters, nuint bytes) => Call.Uncounted(machine =>
    {
        Call.Require(bytes == (nuint)sizeof(Counters), $"counters of {bytes} bytes, they have {sizeof(Counters)}");
        *counters = machine.Counters;
        return CUresult.CUDA_SUCCESS;
    });

    /// <summary>Copies the report, UTF-8, a line each: "mistake: …" for what was caught, "leak: …" for what the program holds now.</summary>
    /// <param name="text">Where to; ends with a zero byte, cut off where there is too little room.</param>
    /// <param name="bytes">The room there.</param>
    /// <returns>The room that the whole report needs.</returns>
    [UnmanagedCallersOnly(EntryPoint = "cudnnresnet_emulator_report")]
    internal static nuint ReadReport(byte* text, nuint bytes)
    {
        nuint needed = 0;
        Call.Uncounted(machine =>
        {
            byte[] report = Encoding.UTF8.GetBytes(ExitReport.Text(machine));
            needed = (nuint)report.Length + 1;
            if (text is null || bytes == 0) return CUresult.CUDA_SUCCESS;
            int copied = (int)Math.Min(bytes - 1, (nuint)report.Length);
            report.AsSpan(0, copied).CopyTo(new Span<byte>(text, copied));
            text[copied] = 0;
            return CUresult.CUDA_SUCCESS;
        });
        return needed;
    }
}
