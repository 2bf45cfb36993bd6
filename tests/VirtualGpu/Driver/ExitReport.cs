using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>
/// What the emulator has to say: mistakes, and what was not given back. A program that nobody watches from inside leaves it in the file
/// that <see cref="Settings.ReportVariable"/> names when it ends; its last line says what was counted.
/// </summary>
internal static unsafe partial class ExitReport
{
    private static bool armed;

    /// <summary>A line each: "mistake: …", "leak: …".</summary>
    public static string Text(Machine machine)
    {
        var text = new StringBuilder();
        foreach (string mistake in machine.Report.Mistakes) text.Append("mistake: ").Append(mistake).Append('\n');
        foreach (string leak in machine.Leaks()) text.Append("leak: ").Append(leak).Append('\n');
        return text.ToString();
    }

    /// <summary>Sees to it that the file is written at the process's end, where one is asked for.</summary>
    public static void Arm()
    {
        if (armed || Environment.GetEnvironmentVariable(Settings.ReportVariable) is not { Length: > 0 }) return;
        armed = true;
        _ = AtExit(&Write, 0, 0);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Write(nint unused)
    {
        try
        {
            lock (Machine.Gate) File.WriteAllText(Environment.GetEnvironmentVariable(Settings.ReportVariable)!, $"{Text(Machine.Current)}counted by the emulator: {Machine.Current.Counters}\n");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"CudnnResNet emulator: the report was not written: {error.Message}");
        }
    }

    [LibraryImport("libc", EntryPoint = "__cxa_atexit")]
    private static partial int AtExit(delegate* unmanaged[Cdecl]<nint, void> write, nint argument, nint library);
}
