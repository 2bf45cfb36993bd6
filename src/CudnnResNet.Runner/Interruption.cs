using System.Runtime.InteropServices;
using CudnnResNet.Runner.Output;

namespace CudnnResNet.Runner;

/// <summary>
/// Ctrl-C and SIGTERM. The first one asks the work to stop where it can be saved; the second ends the process at once, which is safe
/// because files are replaced whole or not at all.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private readonly Action<string> say;
    private int exitCode;

    /// <param name="say">Tells the user what goes on; called from a thread of its own.</param>
    public Interruption(Action<string> say)
    {
        this.say = say;
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        ];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>130 or 143 after a signal, else 0.</summary>
    public int ExitCode => exitCode;

    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
        source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        int code = context.Signal == PosixSignal.SIGTERM ? Runner.ExitCode.Terminated : Runner.ExitCode.Interrupted;
        if (Interlocked.CompareExchange(ref exitCode, code, 0) != 0)
        {
            if (Terminal.IsInteractive) Console.Out.Write(Terminal.ShowCursor);
            Environment.Exit(code);
        }
        say("stopping: the run is being saved; once more stops at once without saving");
        source.Cancel();
    }
}
