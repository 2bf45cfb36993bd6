using System.Net;
using System.Net.Sockets;
using System.Text;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Data;

/// <summary>How the bytes come: broken off, resumed, slowly or not at all.</summary>
[TestClass]
public sealed class DownloadTransferTests : DownloadTest
{
    /// <summary>
    /// The connection breaks off at the n-th block, for n = 1, 2, 3, … until none is left, politely and with a reset; the download is done
    /// in a fresh process's manner after each.
    /// </summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_connection_that_breaks_off_at_any_block_costs_nothing_twice(bool reset)
    {
        const int block = 1_024;
        using var temp = new TemporaryFolder();
        int n = 1;
        for (; (n - 1) * block < Archive.Length; n++)
        {
            string folder = temp[$"{n}"];
            var early = new List<string>();
            var breaking = LocalServer.File(Archive, limit: n * block - 1);
            using var server = new LocalServer(
                async (request, stream) =>
                {
                    await breaking(request, stream);
                    if (reset) stream.Socket.LingerState = new LingerOption(true, 0);
                },
                async (request, stream) =>
                {
                    early.AddRange(Names(folder));
                    await LocalServer.File(Archive)(request, stream);
                });
            AssertWhole(await Cifar10Download.RunAsync(folder, SmallArchive.Settings(server.Address), null, default));
            if (n * block - 1 >= Archive.Length) break; // it did not break off
            CollectionAssert.AreEquivalent(new[] { Part, "cifar-10.lock" }, early, $"n = {n}: nothing under a final name");
            long resumedFrom = server.Requests.Last().RangeFrom ?? 0;
            // A reset may throw away what the client's system has not handed over yet.
            if (!reset) Assert.AreEqual(n * block - 1, resumedFrom, $"n = {n}");
            Assert.HasCount(2, server.Requests);
            Assert.IsLessThanOrEqualTo(n * block - 1, resumedFrom);
        }
        Assert.IsGreaterThan(20, n);
    }

    /// <summary>Before a byte of the archive has come, nothing is gained by asking again at once.</summary>
    [TestMethod]
    public async Task A_connection_that_breaks_off_within_the_head_is_told_and_the_next_download_works()
    {
        // Without a single byte of an answer, .NET asks again by itself.
        byte[] head = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {Archive.Length}\r\n\r\n");
        for (int n = 1; n < head.Length; n++)
        {
            using var temp = new TemporaryFolder();
            int at = n;
            using var server = new LocalServer((_, stream) => stream.WriteAsync(head.AsMemory(0, at)).AsTask(), LocalServer.File(Archive));
            StringAssert.StartsWith(await RefusedAsync(temp, server), server.Address.ToString(), $"n = {n}");
            CollectionAssert.AreEqual(new[] { "cifar-10.lock" }, Names(temp.Path));
            AssertWhole(await RunAsync(temp, server));
        }
    }

    [TestMethod]
    public async Task A_chunked_transfer_that_breaks_off_is_resumed()
    {
        using var temp = new TemporaryFolder();
        byte[] chunk = [.. Encoding.ASCII.GetBytes("1000\r\n"), .. Archive[..4096], .. "\r\n7FF"u8];
        using var server = new LocalServer(LocalServer.Answer("200 OK\r\nTransfer-Encoding: chunked", chunk), LocalServer.File(Archive));
        AssertWhole(await RunAsync(temp, server));
        CollectionAssert.AreEqual(new long?[] { null, 4096 }, server.Requests.Select(r => r.RangeFrom).ToArray());
    }

    [TestMethod]
    public async Task A_transfer_that_breaks_off_is_resumed_from_where_it_stopped()
    {
        using var temp = new TemporaryFolder();
        using var server = new LocalServer(LocalServer.File(Archive, limit: 5_000), LocalServer.File(Archive, limit: 3_000), LocalServer.File(Archive));
        AssertWhole(await RunAsync(temp, server));
        CollectionAssert.AreEqual(new long?[] { null, 5_000, 8_000 }, server.Requests.Select(r => r.RangeFrom).ToArray());
    }

    [TestMethod]
    public async Task The_next_download_goes_on_where_the_last_one_gave_up()
    {
        using var temp = new TemporaryFolder();
        using (var server = new LocalServer(LocalServer.File(Archive, limit: 5_000), (_, _) => Task.CompletedTask))
        {
            string message = await RefusedAsync(temp, server);
            StringAssert.Contains(message, $"5000 of {Archive.Length} bytes are kept");
            CollectionAssert.AreEquivalent(new[] { Part, "cifar-10.lock" }, Names(temp.Path), "nothing under a final name");
        }
        using (var server = new LocalServer(LocalServer.File(Archive)))
        {
            AssertWhole(await RunAsync(temp, server));
            Assert.AreEqual(5_000, server.Requests.Single().RangeFrom);
        }
    }

    [TestMethod]
    public async Task Resuming_ends_after_a_number_of_attempts()
    {
        using var temp = new TemporaryFolder();
        using var server = new LocalServer(LocalServer.File(Archive, limit: 10));
        StringAssert.Contains(await RefusedAsync(temp, server), $"60 of {Archive.Length} bytes are kept");
        Assert.HasCount(6, server.Requests);
    }

    [TestMethod]
    public async Task A_server_that_ignores_the_range_starts_anew()
    {
        using var temp = new TemporaryFolder();
        File.WriteAllBytes(temp[Part], Archive[..4_000]);
        using var server = new LocalServer(LocalServer.Answer($"200 OK\r\nContent-Length: {Archive.Length}", Archive));
        AssertWhole(await RunAsync(temp, server));
        Assert.AreEqual(4_000, server.Requests.Single().RangeFrom);
    }

    [TestMethod]
    public async Task A_part_of_something_else_costs_a_second_download_and_no_more()
    {
        using var temp = new TemporaryFolder();
        File.WriteAllBytes(temp[Part], new byte[4_000]);
        using var server = new LocalServer(LocalServer.File(Archive));
        AssertWhole(await RunAsync(temp, server));
        CollectionAssert.AreEqual(new long?[] { 4_000, null }, server.Requests.Select(r => r.RangeFrom).ToArray());
    }

    [TestMethod]
    public async Task A_part_longer_than_the_archive_is_thrown_away()
    {
        using var temp = new TemporaryFolder();
        File.WriteAllBytes(temp[Part], new byte[Archive.Length + 1]);
        using var server = new LocalServer(LocalServer.File(Archive));
        AssertWhole(await RunAsync(temp, server));
        Assert.IsNull(server.Requests.Single().RangeFrom);
    }

    [TestMethod]
    public async Task A_server_that_never_answers_is_given_up()
    {
        using var temp = new TemporaryFolder();
        LocalServer? server = null;
        using (server = new LocalServer((request, stream) => server!.Silence(request, stream)))
        {
            var settings = SmallArchive.Settings(server.Address) with { AnswerTimeout = TimeSpan.FromMilliseconds(200) };
            StringAssert.Contains(await RefusedAsync(temp, settings), "the server is silent");
        }
    }

    [TestMethod]
    public async Task A_server_that_falls_silent_is_given_up_and_what_came_is_kept()
    {
        using var temp = new TemporaryFolder();
        LocalServer? server = null;
        using (server = new LocalServer(async (request, stream) =>
        {
            await LocalServer.Answer($"200 OK\r\nContent-Length: {Archive.Length}", Archive[..5_000])(request, stream);
            await server!.Silence(request, stream);
        }, (request, stream) => server!.Silence(request, stream)))
        {
            var settings = SmallArchive.Settings(server.Address) with { SilenceTimeout = TimeSpan.FromMilliseconds(200), AnswerTimeout = TimeSpan.FromSeconds(1) };
            StringAssert.Contains(await RefusedAsync(temp, settings), $"the server is silent; 5000 of {Archive.Length} bytes are kept");
        }
    }

    /// <summary>The patience for an answer ends with the first byte: a transfer may take as long as it takes.</summary>
    [TestMethod]
    public async Task A_slow_server_is_not_given_up()
    {
        using var temp = new TemporaryFolder();
        using var server = new LocalServer(async (request, stream) =>
        {
            await LocalServer.Answer($"200 OK\r\nContent-Length: {Archive.Length}", Archive[..5_000])(request, stream);
            await Task.Delay(TimeSpan.FromSeconds(2.5));
            await stream.WriteAsync(Archive.AsMemory(5_000));
        });
        AssertWhole(await Cifar10Download.RunAsync(temp.Path, SmallArchive.Settings(server.Address) with { AnswerTimeout = TimeSpan.FromSeconds(2), SilenceTimeout = TimeSpan.FromSeconds(30) }, null, default));
        Assert.HasCount(1, server.Requests);
    }

    [TestMethod]
    public void Nobody_waits_longer_than_ten_seconds_for_an_answer()
    {
        Assert.AreEqual(TimeSpan.FromSeconds(5), DownloadSettings.Official.ConnectTimeout);
        Assert.IsLessThan(TimeSpan.FromSeconds(8), DownloadSettings.Official.AnswerTimeout);
    }

    [TestMethod]
    public async Task A_machine_that_does_not_listen_is_named()
    {
        using var temp = new TemporaryFolder();
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/x.tar.gz");
        listener.Stop();
        StringAssert.Contains(await RefusedAsync(temp, SmallArchive.Settings(address)), address.ToString());
    }

    [TestMethod]
    public async Task Cancelling_keeps_what_came()
    {
        using var temp = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        LocalServer? server = null;
        using (server = new LocalServer(async (request, stream) =>
        {
            await LocalServer.Answer($"200 OK\r\nContent-Length: {Archive.Length}", Archive[..5_000])(request, stream);
            await server!.Silence(request, stream);
        }))
        {
            void Stop(DownloadProgress p)
            {
                if (p.Bytes == 5_000)
                    cancel.Cancel();
            }
            await Assert.ThrowsAsync<OperationCanceledException>(() => Cifar10Download.RunAsync(temp.Path, SmallArchive.Settings(server.Address), Stop, cancel.Token));
        }
        Assert.AreEqual(5_000, new FileInfo(temp[Part]).Length);
    }
}
