using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using CudnnResNet.Model;

namespace CudnnResNet.Training.Data;

/// <summary>
/// Brings an archive of known length into a file. What has arrived is kept, and the next attempt asks only for the rest;
/// whether the bytes are the right ones is for the caller's checksum to say.
/// </summary>
internal sealed class ArchiveFetch(DownloadSettings settings, string path, Action<DownloadProgress>? progress)
{
    private const byte GzipFirstByte = 0x1F;
    private const int MaxRedirects = 5;

    /// <summary>Why bytes stopped coming, and whether the server may be asked again although none came.</summary>
    private sealed record Trouble(string Text, bool IsOfTheMoment = false);

    /// <summary>Returns when the file has its full length.</summary>
    /// <exception cref="DataException">No answer, a refusal, another file than the wanted one, or a transfer that keeps breaking off.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectTimeout = settings.ConnectTimeout,
            AllowAutoRedirect = false,
            UseProxy = !settings.Address.IsLoopback, // HTTPS_PROXY and the like mean the world outside
        };
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("CudnnResNet", null));

        long since = Stopwatch.GetTimestamp(); // when bytes came last, or the first question was asked
        int resumptions = 0, repetitions = 0;
        while (true)
        {
            long offset = Held();
            if (offset == settings.Length)
                return;
            Report(DownloadStage.Connecting, offset);
            var trouble = await ReceiveAsync(client, offset, since, cancellation).ConfigureAwait(false);
            long held = Held();
            if (trouble is null)
                continue;
            bool again = held > offset
                ? resumptions++ < settings.Resumptions
                : trouble.IsOfTheMoment && repetitions++ < settings.Repetitions && Stopwatch.GetElapsedTime(since) + settings.ResumptionDelay < settings.AnswerTimeout;
            if (!again)
                throw new DataException(held == 0
                    ? $"{settings.Address}: {trouble.Text}"
                    : $"{settings.Address}: {trouble.Text}; {held} of {settings.Length} bytes are kept, the next download goes on from there");
            await Task.Delay(settings.ResumptionDelay, cancellation).ConfigureAwait(false);
            if (held > offset)
                (since, repetitions) = (Stopwatch.GetTimestamp(), 0);
        }
    }

    /// <summary>Asks for the bytes from an offset on and writes them; returns why they stopped coming, or null when all are there.</summary>
    private async Task<Trouble?> ReceiveAsync(HttpClient client, long offset, long since, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var left = settings.AnswerTimeout - Stopwatch.GetElapsedTime(since);
        patience.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        try
        {
            using var response = await AskAsync(client, offset, patience.Token).ConfigureAwait(false);
            if (IsOfTheMoment(response.StatusCode))
                return new($"the server {StatusText(response)}", IsOfTheMoment: true);
            long start = CheckAnswer(response, offset);
            using var body = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            return await CopyAsync(body, start, patience).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            return new(e.InnerException is TimeoutException && !patience.IsCancellationRequested
                ? $"no connection within {settings.ConnectTimeout.TotalSeconds:0.#} s"
                : "the server is silent");
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException)
        {
            return new(e.GetBaseException().Message);
        }
    }

    /// <summary>Asks, and follows redirects: by hand, because .NET would speak to an ftp address, and breaks at one of a file.</summary>
    private async Task<HttpResponseMessage> AskAsync(HttpClient client, long offset, CancellationToken cancellation)
    {
        var address = settings.Address;
        for (int redirects = 0; redirects <= MaxRedirects; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (offset > 0)
                request.Headers.Range = new RangeHeaderValue(offset, null);
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
                return response;
            response.Dispose();
            address = Target(address, location);
        }
        throw new DataException($"{settings.Address} redirects more than {MaxRedirects} times");
    }

    /// <summary>Where a redirect leads.</summary>
    internal Uri Target(Uri from, Uri location)
    {
        if (!Uri.TryCreate(from, location, out var target) || (target.Scheme != Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttp))
            throw new DataException($"{settings.Address} redirects to {target?.AbsoluteUri ?? "something"}, which is no http or https address");
        if (from.Scheme == Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttps)
            throw new DataException($"{settings.Address} redirects to {target.AbsoluteUri}, which is not encrypted");
        return target;
    }

    /// <summary>What a server answers that is too busy, or whose parts do not reach each other.</summary>
    private static bool IsOfTheMoment(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
        or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private static string StatusText(HttpResponseMessage response) => $"answers {(int)response.StatusCode} {response.ReasonPhrase}";

    /// <summary>Where in the file the answer's bytes belong.</summary>
    private long CheckAnswer(HttpResponseMessage response, long offset)
    {
        var content = response.Content.Headers;
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK: // also the answer of a server that does not know Range: from the beginning
                if (content.ContentLength is { } length && length != settings.Length)
                    throw new DataException($"{settings.Address} offers {length} bytes; the archive has {settings.Length}");
                return 0;

            case HttpStatusCode.PartialContent:
                var range = content.ContentRange;
                if (range?.From != offset || range.To != settings.Length - 1 || (range.Length ?? settings.Length) != settings.Length)
                    throw new DataException($"{settings.Address} answers with {range?.ToString() ?? "a part of unknown place"} to the question for bytes {offset}-{settings.Length - 1}/{settings.Length}; {KeptNote(offset)}");
                return offset;

            case HttpStatusCode.RequestedRangeNotSatisfiable: // its file is shorter than what was kept
                throw new DataException($"{settings.Address} {StatusText(response)} to the question for bytes {offset}-{settings.Length - 1}/{settings.Length}; {KeptNote(offset)}");

            default:
                throw new DataException($"{settings.Address} {StatusText(response)}");
        }
    }

    private string KeptNote(long offset) => offset > 0 ? $"remove {path} to begin anew" : "nothing was kept";

    private async Task<Trouble?> CopyAsync(Stream body, long position, CancellationTokenSource patience)
    {
        using var file = Open(position);
        var buffer = new byte[1 << 17];
        while (true)
        {
            int read = await body.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
            patience.CancelAfter(settings.SilenceTimeout);
            if (read == 0)
                return position == settings.Length ? null : new($"the transfer ended after {position} of {settings.Length} bytes");
            if (position == 0 && buffer[0] != GzipFirstByte)
            {
                Discard(file);
                throw new DataException($"{settings.Address} sends something that is not a gzip archive");
            }
            position += read;
            if (position > settings.Length)
            {
                Discard(file);
                throw new DataException($"{settings.Address} sends more than the archive's {settings.Length} bytes");
            }
            Write(file, buffer.AsSpan(..read));
            Report(DownloadStage.Receiving, position);
        }
    }

    private FileStream Open(long position)
    {
        try
        {
            return new FileStream(path, position == 0 ? FileMode.Create : FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path} cannot be written: {e.Message}", e);
        }
    }

    private void Write(FileStream file, ReadOnlySpan<byte> bytes)
    {
        try
        {
            file.Write(bytes);
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)
        {
            throw new DataException($"{path} cannot be written: {FileOperations.WriteErrorText(e)}", e);
        }
    }

    private void Discard(FileStream file)
    {
        file.Dispose();
        File.Delete(path);
    }

    private long Held()
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            return 0;
        if (file.Length <= settings.Length)
            return file.Length;
        file.Delete();
        return 0;
    }

    private void Report(DownloadStage stage, long bytes) => progress?.Invoke(new DownloadProgress(stage, bytes, settings.Length));
}
