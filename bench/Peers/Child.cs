using System.Diagnostics;
using CudnnResNet.Peers.Worker;

namespace CudnnResNet.Peers;

/// <summary>A side cannot do its work; the others go on.</summary>
internal sealed class PeerException(string message) : Exception(message);

/// <summary>A side's process, which sleeps between its turns.</summary>
internal sealed class Child : IDisposable
{
    private readonly Process process;
    private readonly List<string> otherLines = [];
    private string? lastErrorLine;

    /// <summary>Starts it.</summary>
    /// <param name="program">Whose.</param>
    /// <param name="threads">Threads that compute; OpenMP, which libtorch uses, wants to know at the start.</param>
    /// <param name="environment">Variables beside this process's.</param>
    /// <exception cref="PeerException">The program has a problem.</exception>
    public Child(PeerProgram program, int threads, IReadOnlyDictionary<string, string> environment)
    {
        if (program.Problem is { } problem) throw new PeerException(problem);
        var start = new ProcessStartInfo("dotnet", program.Arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_NUM_THREADS"] = Text($"{threads}");
        foreach (var (name, value) in environment) start.Environment[name] = value;
        process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not { Length: > 0 } text) return;
            if (text.StartsWith("note:", StringComparison.Ordinal)) Console.Error.WriteLine(text);
            else lastErrorLine = text;
        };
        process.BeginErrorReadLine();
    }

    /// <summary>Lines of the process that are no replies: libraries that talk.</summary>
    public IReadOnlyList<string> OtherLines => otherLines;

    /// <summary>What all its threads have used of the processors since its start.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.HasExited ? TimeSpan.Zero : process.TotalProcessorTime;
        }
    }

    /// <summary>Asks for something and waits for the reply.</summary>
    /// <exception cref="PeerException">It cannot be done, or the process has ended.</exception>
    public Reply Ask(Request request)
    {
        try
        {
            process.StandardInput.WriteLine(Messages.Write(request));
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended; what it said before is read below.
        }
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (!line.StartsWith('{'))
            {
                otherLines.Add(line);
                continue;
            }
            var reply = Messages.Read<Reply>(line);
            return reply.Error is { } error ? throw new PeerException(error) : reply;
        }
        process.WaitForExit();
        throw new PeerException(Text($"its process ended with code {process.ExitCode}: {lastErrorLine}"));
    }

    /// <summary>Lets the process end: it has nothing to read any more.</summary>
    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
