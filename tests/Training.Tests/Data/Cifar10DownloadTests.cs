using System.Net;
using System.Net.Sockets;
using System.Text;
using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Data;

[TestClass]
public sealed class Cifar10DownloadTests
{
    private const string Part = "cifar-10-binary.tar.gz.part";
    private static readonly byte[] Archive = SmallArchive.Bytes;

    [TestMethod]
    public async Task Downloads_checks_unpacks_and_leaves_nothing_else_behind()
    {
        using var temp = new TemporaryFolder();
        using var server = new LocalServer(LocalServer.File(Archive));
        var progress = new List<DownloadProgress>();

        string folder = await Cifar10Download.RunAsync(temp["new", "cache"], SmallArchive.Settings(server.Address), progress.Add, default);

        Assert.AreEqual(temp["new", "cache", "cifar-10-batches-bin"], folder);
        AssertWhole(folder);
        CollectionAssert.AreEquivalent(new[] { "cifar-10-batches-bin", "cifar-10.lock" }, Names(temp["new", "cache"]));
        CollectionAssert.AreEquivalent(Cifar10.AllFiles, Names(folder), "only the six files");
        CollectionAssert.IsSubsetOf(new[] { DownloadStage.Connecting, DownloadStage.Receiving, DownloadStage.Checking, DownloadStage.Unpacking }, progress.Select(p => p.Stage).ToArray());
        Assert.IsTrue(progress.All(p => p.Total == Archive.Length));
        Assert.AreEqual(Archive.Length, progress.Last(p => p.Stage == DownloadStage.Receiving).Bytes);
    }

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
    public async Task What_a_process_that_died_while_unpacking_left_is_swept_away()
    {
        using var temp = new TemporaryFolder();
        Directory.CreateDirectory(temp["cifar-10-batches-bin.unpacking"]);
        File.WriteAllBytes(temp["cifar-10-batches-bin.unpacking", "data_batch_1.bin"], new byte[100]);
        using var server = new LocalServer(LocalServer.File(Archive));
        AssertWhole(await RunAsync(temp, server));
        CollectionAssert.AreEquivalent(new[] { "cifar-10-batches-bin", "cifar-10.lock" }, Names(temp.Path));
    }

    [TestMethod]
    public async Task What_is_there_is_not_downloaded_again()
    {
        using var temp = new TemporaryFolder();
        using var server = new LocalServer(LocalServer.File(Archive));
        await RunAsync(temp, server);
        await RunAsync(temp, server);
        Assert.HasCount(1, server.Requests);
    }

    [TestMethod]
    public async Task A_damaged_folder_is_set_aside_and_replaced()
    {
        using var temp = new TemporaryFolder();
        using var server = new LocalServer(LocalServer.File(Archive));
        string folder = await RunAsync(temp, server);
        for (int time = 0; time < 2; time++)
        {
            File.WriteAllText(Path.Combine(folder, "test_batch.bin"), "short");
            AssertWhole(await RunAsync(temp, server));
        }
        Assert.AreEqual("short", File.ReadAllText(temp["cifar-10-batches-bin.damaged", "test_batch.bin"]));
        Assert.AreEqual("short", File.ReadAllText(temp["cifar-10-batches-bin.damaged-2", "test_batch.bin"]));
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
    [DataRow("bytes 0-{1}/{2}")]
    [DataRow("bytes 4001-{1}/{2}")]
    [DataRow("bytes 4000-{1}/999")]
    [DataRow("bytes 4000-5000/{2}")]
    [DataRow(null)]
    public async Task A_wrong_content_range_is_refused_and_the_part_is_kept(string? range)
    {
        using var temp = new TemporaryFolder();
        File.WriteAllBytes(temp[Part], Archive[..4_000]);
        string header = range is null ? "" : "\r\nContent-Range: " + range.Replace("{1}", $"{Archive.Length - 1}").Replace("{2}", $"{Archive.Length}");
        using var server = new LocalServer(LocalServer.Answer($"206 Partial Content{header}", Archive[4_000..]));
        StringAssert.Contains(await RefusedAsync(temp, server), $"to the question for bytes 4000-{Archive.Length - 1}/{Archive.Length}; remove");
        CollectionAssert.AreEqual(Archive[..4_000], File.ReadAllBytes(temp[Part]));
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
    public async Task Another_length_than_the_archives_is_refused_before_a_byte_is_read()
    {
        using var temp = new TemporaryFolder();
        using var server = new LocalServer(LocalServer.Answer($"200 OK\r\nContent-Length: {Archive.Length + 1}", [.. Archive, 0]));
        StringAssert.Contains(await RefusedAsync(temp, server), $"offers {Archive.Length + 1} bytes; the archive has {Archive.Length}");
        CollectionAssert.AreEqual(new[] { "cifar-10.lock" }, Names(temp.Path));
    }

    [TestMethod]
    public async Task A_length_below_the_archives_is_refused_and_what_lies_behind_the_length_is_not_read()
    {
        using var temp = new TemporaryFolder();
        using (var server = new LocalServer(LocalServer.Answer($"200 OK\r\nContent-Length: {Archive.Length - 1}", Archive)))
            StringAssert.Contains(await RefusedAsync(temp, server), $"offers {Archive.Length - 1} bytes; the archive has {Archive.Length}");
        using (var server = new LocalServer(LocalServer.Answer($"200 OK\r\nContent-Length: {Archive.Length}", [.. Archive, 1, 2, 3])))
            AssertWhole(await RunAsync(temp, server));
    }

    [TestMethod]
    public async Task More_bytes_than_the_archives_are_refused()
    {
        using var temp = new TemporaryFolder();
        using var server = new LocalServer(LocalServer.Answer("200 OK", [.. Archive, 0]));
        StringAssert.Contains(await RefusedAsync(temp, server), $"sends more than the archive's {Archive.Length} bytes");
        CollectionAssert.AreEqual(new[] { "cifar-10.lock" }, Names(temp.Path));
    }

    [TestMethod]
    public async Task A_file_of_the_right_length_with_another_content_is_refused_and_removed()
    {
        using var temp = new TemporaryFolder();
        byte[] other = [.. Archive];
        other[^100] ^= 1;
        using var server = new LocalServer(LocalServer.File(other));
        StringAssert.Contains(await RefusedAsync(temp, server), "is not the official archive: its MD5 is ");
        Assert.HasCount(1, server.Requests);
        CollectionAssert.AreEqual(new[] { "cifar-10.lock" }, Names(temp.Path));
    }

    [TestMethod]
    public async Task A_log_in_page_is_refused()
    {
        using var temp = new TemporaryFolder();
        using var server = new LocalServer(LocalServer.Answer("200 OK\r\nContent-Type: text/html", Encoding.ASCII.GetBytes("<html>Welcome to our hotel")));
        StringAssert.Contains(await RefusedAsync(temp, server), "not a gzip archive");
        CollectionAssert.AreEqual(new[] { "cifar-10.lock" }, Names(temp.Path));
    }

    [TestMethod]
    [DataRow("404 Not Found", "")]
    [DataRow("403 Forbidden", "")]
    [DataRow("416 Range Not Satisfiable", " to the question for bytes 0-")]
    public async Task An_error_status_is_passed_on(string status, string more)
    {
        using var temp = new TemporaryFolder();
        using var server = new LocalServer(LocalServer.Answer($"{status}\r\nContent-Length: 0"));
        StringAssert.Contains(await RefusedAsync(temp, server), $"{server.Address} answers {status}{more}");
        Assert.HasCount(1, server.Requests);
    }

    [TestMethod]
    [DataRow("500 Internal Server Error")]
    [DataRow("503 Service Unavailable")]
    [DataRow("429 Too Many Requests")]
    public async Task An_error_of_the_moment_is_asked_about_three_times(string status)
    {
        using var temp = new TemporaryFolder();
        var busy = LocalServer.Answer($"{status}\r\nContent-Length: 0");
        using (var server = new LocalServer(busy))
        {
            StringAssert.Contains(await RefusedAsync(temp, server), $"{server.Address}: the server answers {status}");
            Assert.HasCount(3, server.Requests);
        }
        using (var server = new LocalServer(busy, busy, LocalServer.File(Archive, limit: 5_000), busy, LocalServer.File(Archive)))
        {
            AssertWhole(await RunAsync(temp, server));
            CollectionAssert.AreEqual(new long?[] { null, null, null, 5_000, 5_000 }, server.Requests.Select(r => r.RangeFrom).ToArray());
        }
    }

    /// <summary>A run without data must not wait: all questions together have the time of one.</summary>
    [TestMethod]
    public async Task A_server_that_is_slow_to_say_that_it_is_busy_is_not_asked_for_ever()
    {
        using var temp = new TemporaryFolder();
        LocalServer? server = null;
        using (server = new LocalServer(async (request, stream) =>
        {
            await Task.Delay(600);
            await LocalServer.Answer("503 Service Unavailable\r\nContent-Length: 0")(request, stream);
        }, (request, stream) => server!.Silence(request, stream)))
        {
            StringAssert.Contains(await RefusedAsync(temp, SmallArchive.Settings(server.Address) with { AnswerTimeout = TimeSpan.FromSeconds(1) }), "the server is silent");
            Assert.HasCount(2, server.Requests);
        }
    }

    [TestMethod]
    public async Task A_server_whose_file_ends_before_the_part_is_refused_and_the_part_is_kept_for_another()
    {
        using var temp = new TemporaryFolder();
        File.WriteAllBytes(temp[Part], Archive[..4_000]);
        using var server = new LocalServer(LocalServer.Answer("416 Range Not Satisfiable\r\nContent-Range: bytes */100\r\nContent-Length: 0"));
        StringAssert.Contains(await RefusedAsync(temp, server), $"answers 416 Range Not Satisfiable to the question for bytes 4000-{Archive.Length - 1}/{Archive.Length}; remove {temp[Part]} to begin anew");
        CollectionAssert.AreEqual(Archive[..4_000], File.ReadAllBytes(temp[Part]));
    }

    [TestMethod]
    public async Task Redirects_are_followed_with_the_range()
    {
        using var temp = new TemporaryFolder();
        File.WriteAllBytes(temp[Part], Archive[..4_000]);
        using var server = new LocalServer(LocalServer.Answer("302 Found\r\nLocation: /elsewhere.tar.gz\r\nContent-Length: 0"), LocalServer.File(Archive));
        AssertWhole(await RunAsync(temp, server));
        Assert.AreEqual(new LocalRequest("/elsewhere.tar.gz", 4_000), server.Requests[1]);
    }

    [TestMethod]
    public async Task A_redirect_to_another_server_is_followed()
    {
        using var temp = new TemporaryFolder();
        using var other = new LocalServer(LocalServer.File(Archive));
        using var server = new LocalServer(LocalServer.Answer($"301 Moved Permanently\r\nLocation: {other.Address}\r\nContent-Length: 0"));
        AssertWhole(await RunAsync(temp, server));
        Assert.HasCount(1, other.Requests);
    }

    [TestMethod]
    [DataRow("file:///etc/passwd", "redirects to file:///etc/passwd, which is no http or https address")]
    [DataRow("ftp://127.0.0.1/cifar-10-binary.tar.gz", "redirects to ftp://127.0.0.1/cifar-10-binary.tar.gz, which is no")]
    [DataRow("data:application/gzip;base64,H4sI", "redirects to data:application/gzip;base64,H4sI, which is no")]
    [DataRow("//[nonsense", "redirects to something, which is no http or https address")]
    [DataRow("", "answers 302 Found")]
    public async Task A_redirect_to_something_else_than_the_web_is_refused(string location, string message)
    {
        using var temp = new TemporaryFolder();
        using var server = new LocalServer(LocalServer.Answer($"302 Found\r\nLocation: {location}\r\nContent-Length: 0"));
        StringAssert.Contains(await RefusedAsync(temp, server), message);
        CollectionAssert.AreEqual(new[] { "cifar-10.lock" }, Names(temp.Path));
    }

    [TestMethod]
    public async Task Redirects_in_a_circle_end()
    {
        using var temp = new TemporaryFolder();
        using var server = new LocalServer(LocalServer.Answer("302 Found\r\nLocation: /again\r\nContent-Length: 0"));
        StringAssert.Contains(await RefusedAsync(temp, server), "redirects more than 5 times");
        Assert.HasCount(6, server.Requests);
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

    [TestMethod]
    public async Task A_second_download_into_the_folder_waits_for_the_first_and_uses_its_files()
    {
        using var temp = new TemporaryFolder();
        var begun = new TaskCompletionSource();
        var waiting = new TaskCompletionSource();
        using var server = new LocalServer(async (request, stream) =>
        {
            begun.TrySetResult();
            await waiting.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await LocalServer.File(Archive)(request, stream);
        });
        var first = RunAsync(temp, server);
        await begun.Task;
        var second = Cifar10Download.RunAsync(temp.Path, SmallArchive.Settings(server.Address), p =>
        {
            if (p.Stage == DownloadStage.WaitingForAnotherProcess)
                waiting.SetResult();
        }, default);
        AssertWhole(await first);
        AssertWhole(await second);
        Assert.HasCount(1, server.Requests);
    }

    [TestMethod]
    public async Task A_folder_that_cannot_be_created_is_named()
    {
        using var temp = new TemporaryFolder();
        File.WriteAllText(temp["file"], "");
        using var server = new LocalServer(LocalServer.File(Archive));
        var e = await Assert.ThrowsExactlyAsync<DataException>(() => Cifar10Download.RunAsync(temp["file", "cache"], SmallArchive.Settings(server.Address), null, default));
        StringAssert.Contains(e.Message, "cannot be created");
        Assert.IsEmpty(server.Requests);
    }

    [TestMethod]
    [DataRow("not an address")]
    [DataRow("file:///etc/passwd")]
    [DataRow("ftp://example.org/cifar.tar.gz")]
    public void A_mirror_must_be_a_web_address(string mirror)
    {
        var e = Assert.ThrowsExactly<InvalidSettingException>(() => DownloadSettings.Official.WithMirror(mirror));
        StringAssert.Contains(e.Message, $"CUDNNRESNET_DATA_URL={mirror}");
    }

    private static Task<string> RunAsync(TemporaryFolder temp, LocalServer server) =>
        Cifar10Download.RunAsync(temp.Path, SmallArchive.Settings(server.Address), null, default);

    private static Task<string> RefusedAsync(TemporaryFolder temp, LocalServer server) => RefusedAsync(temp, SmallArchive.Settings(server.Address));

    private static async Task<string> RefusedAsync(TemporaryFolder temp, DownloadSettings settings)
    {
        var e = await Assert.ThrowsExactlyAsync<DataException>(() => Cifar10Download.RunAsync(temp.Path, settings, null, default));
        Assert.IsFalse(e.Message.Contains('\n'), "one line");
        Assert.IsFalse(Directory.Exists(temp["cifar-10-batches-bin"]), "nothing under the final name");
        return e.Message;
    }

    private static void AssertWhole(string folder) => Assert.AreEqual(CifarFiles.Records, Cifar10.Read(folder, CifarFiles.Records).Test.Count);

    private static string[] Names(string folder) => [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)!)];
}
