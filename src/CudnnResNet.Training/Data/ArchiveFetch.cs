using System.Net;
using System.Net.Http.Headers;

namespace CudnnResNet.Training.Data;

/// <summary>
/// Brings an archive of known length into a file. What has arrived is kept, and the next attempt asks only for the rest;
/// whether the bytes are the right ones is for the caller's checksum to say.
/// </summary>
internal sealed class ArchiveFetch(DownloadSettings settings, string path, Action<DownloadProgress>? progress)
{
    private const byte GzipFirstByte = 0x1F;

    /// <summary>Returns when the file has its full length.</summary>
    /// <exception cref="DataException">No answer, a refusal, another file than the wanted one, or a transfer that keeps breaking off.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectTimeout = settings.ConnectTimeout,
            MaxAutomaticRedirections = 5,
            UseProxy = !settings.Address.IsLoopback, // HTTPS_PROXY and the like mean the world outside
        };
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("CudnnResNet", null));

        for (int resumptions = 0; ; resumptions++)
        {
            long offset = Held();
            if (offset == settings.Length)
                return;
            Report(DownloadStage.Connecting, offset);
            string? trouble = await ReceiveAsync(client, offset, cancellation).ConfigureAwait(false);
            long held = Held();
            if (trouble is not null && (held <= offset || resumptions == settings.Resumptions))
                throw new DataException(held == 0
                    ? $"{settings.Address}: {trouble}"
                    : $"{settings.Address}: {trouble}; {held} of {settings.Length} bytes are kept, the next download goes on from there");
            if (trouble is not null)
                await Task.Delay(settings.ResumptionDelay, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Asks for the bytes from an offset on and writes them; returns why they stopped coming, or null when all are there.</summary>
    private async Task<string?> ReceiveAsync(HttpClient client, long offset, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(settings.AnswerTimeout);
        using var request = new HttpRequestMessage(HttpMethod.Get, settings.Address);
        if (offset > 0)
            request.Headers.Range = new RangeHeaderValue(offset, null);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
            long start = CheckAnswer(response, offset);
            using var body = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            return await CopyAsync(body, start, patience).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            return e.InnerException is TimeoutException && !patience.IsCancellationRequested
                ? $"no connection within {settings.ConnectTimeout.TotalSeconds:0.#} s"
                : "the server is silent";
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException)
        {
            return e.GetBaseException().Message;
        }
    }

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

            default:
                throw new DataException($"{settings.Address} answers {(int)response.StatusCode} {response.ReasonPhrase}");
        }
    }

    private string KeptNote(long offset) => offset > 0 ? $"remove {path} to begin anew" : "nothing was kept";

    private async Task<string?> CopyAsync(Stream body, long position, CancellationTokenSource patience)
    {
        using var file = Open(position);
        var buffer = new byte[1 << 17];
        while (true)
        {
            int read = await body.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
            patience.CancelAfter(settings.SilenceTimeout);
            if (read == 0)
                return position == settings.Length ? null : $"the transfer ended after {position} of {settings.Length} bytes";
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
        catch (IOException e)
        {
            throw new DataException($"{path} cannot be written: {e.Message}", e);
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
