using System.Diagnostics;

namespace CudnnResNet.Peers.Worker;

/// <summary>
/// A side's process: reads requests from stdin, one a line, and answers on stdout. Between requests it sleeps, so that the others
/// have the machine for themselves.
/// </summary>
public static class WorkerLoop
{
    /// <summary>A turn has at least this many steps, however long they take.</summary>
    private const int MinSteps = 3;

    /// <summary>Serves requests until stdin ends.</summary>
    /// <param name="start">Loads the library.</param>
    /// <returns>The exit code: 0, or 1 after an error, which has been sent.</returns>
    public static int Run(Func<IPeer> start)
    {
        IOpenWork? open = null;
        try
        {
            var peer = start();
            while (Console.In.ReadLine() is { } line)
            {
                var request = Messages.Read<Request>(line);
                switch (request.Command)
                {
                    case Command.Open:
                        open = peer.Open(request.Work!);
                        Send(new() { Opened = new(peer.Version, open.Device, open.ExecutedMultiplyAdds) });
                        break;
                    case Command.Turn:
                        Send(new() { Turn = Time(open ?? throw new InvalidOperationException("nothing is open"), request.Seconds) });
                        break;
                    case Command.Logits:
                        Send(new() { Logits = peer.Logits(request.Work!) });
                        break;
                    case Command.Train:
                        Train(peer, request.Training!);
                        break;
                    default:
                        throw new InvalidOperationException($"{request.Command} is no command");
                }
            }
            return 0;
        }
        catch (Exception error)
        {
            var cause = error.GetBaseException();
            Console.Error.WriteLine(error);
            Send(new() { Error = $"{cause.GetType().Name}: {cause.Message.ReplaceLineEndings(" ")}" });
            return 1;
        }
        finally
        {
            open?.Dispose();
        }
    }

    private static Turn Time(IOpenWork work, double seconds)
    {
        var times = new List<double>();
        long begin = Stopwatch.GetTimestamp();
        do
        {
            long start = Stopwatch.GetTimestamp();
            work.RunStep();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        while (times.Count < MinSteps || Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds);
        using var process = Process.GetCurrentProcess();
        return new(times.Count, Statistics.Median(times), work.MeasurePeak(), process.PeakWorkingSet64);
    }

    /// <summary>Says when the side is ready, then lets it train an epoch for each request, asleep in between.</summary>
    private static void Train(IPeer peer, TrainingRequest request)
    {
        bool ready = false;
        peer.Train(request, AwaitTurn, epoch => Send(new() { Epoch = epoch }));

        bool AwaitTurn()
        {
            if (!ready) Send(new() { Ready = peer.Version });
            ready = true;
            if (Console.In.ReadLine() is not { } line) return false;
            var command = Messages.Read<Request>(line).Command;
            return command == Command.Epoch ? true : throw new InvalidOperationException($"{command} cannot be done during a training");
        }
    }

    private static void Send(Reply reply) => Console.Out.WriteLine(Messages.Write(reply));
}
