using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CudnnResNet.Training.Tests.Data;

/// <summary>A request as it came: the path and, where it asked for one, the first byte of the range.</summary>
internal sealed record LocalRequest(string Path, long? RangeFrom);

/// <summary>
/// An HTTP server on this machine that does exactly what a test says, misbehaviour included; the n-th request goes to the n-th
/// answer, and the last answer serves all that follow.
/// </summary>
internal sealed class LocalServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Func<LocalRequest, NetworkStream, Task>[] answers;
    private readonly Task loop;

    public LocalServer(params Func<LocalRequest, NetworkStream, Task>[] answers)
    {
        this.answers = answers;
        listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/cifar-10-binary.tar.gz");
        loop = Task.Run(ServeAsync);
    }

    public Uri Address { get; }

    public List<LocalRequest> Requests { get; } = [];

    /// <summary>A head and a body; the connection is closed after it.</summary>
    public static Func<LocalRequest, NetworkStream, Task> Answer(string head, byte[]? body = null) => async (_, stream) =>
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {head}\r\nConnection: close\r\n\r\n"));
        await stream.WriteAsync(body ?? []);
    };

    /// <summary>A file, from the asked byte on, as a good server does it; <paramref name="limit"/> makes it break off.</summary>
    public static Func<LocalRequest, NetworkStream, Task> File(byte[] file, int limit = int.MaxValue) => (request, stream) =>
    {
        int from = (int)(request.RangeFrom ?? 0);
        string head = request.RangeFrom is null ? "200 OK" : $"206 Partial Content\r\nContent-Range: bytes {from}-{file.Length - 1}/{file.Length}";
        return Answer($"{head}\r\nContent-Length: {file.Length - from}", file[from..Math.Min(file.Length, from + Math.Min(limit, file.Length))])(request, stream);
    };

    /// <summary>Takes the request and says nothing until the server stops.</summary>
    public Task Silence(LocalRequest request, NetworkStream stream) => Task.Delay(Timeout.Infinite, stop.Token);

    public void Dispose()
    {
        stop.Cancel();
        loop.Wait();
        listener.Stop();
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
                open.Add(ServeAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }
        catch (OperationCanceledException) { }
        await Task.WhenAll(open);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var owned = client;
        var stream = client.GetStream();
        try
        {
            var request = await ReadRequestAsync(stream);
            int turn;
            lock (Requests)
            {
                turn = Math.Min(Requests.Count, answers.Length - 1);
                Requests.Add(request);
            }
            await answers[turn](request, stream);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException) { } // the client hung up, or the test is over
    }

    private async Task<LocalRequest> ReadRequestAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        string path = (await reader.ReadLineAsync(stop.Token))!.Split(' ')[1];
        long? from = null;
        while (await reader.ReadLineAsync(stop.Token) is { Length: > 0 } line)
            if (line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))
                from = long.Parse(line["Range: bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
        return new LocalRequest(path, from);
    }
}
