using System.Text;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Data;

/// <summary>What a server may answer: ranges, lengths, statuses, redirects, other files.</summary>
[TestClass]
public sealed class DownloadAnswerTests : DownloadTest
{
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
            await Task.Delay(1_500);
            await LocalServer.Answer("503 Service Unavailable\r\nContent-Length: 0")(request, stream);
        }, (request, stream) => server!.Silence(request, stream)))
        {
            StringAssert.Contains(await RefusedAsync(temp, SmallArchive.Settings(server.Address) with { AnswerTimeout = TimeSpan.FromSeconds(3) }), "the server is silent");
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
    public void A_redirect_may_add_encryption_and_never_take_it_away()
    {
        Uri open = new("http://mirror.example/a.tar.gz"), encrypted = new("https://mirror.example/a.tar.gz");
        var fetch = new ArchiveFetch(SmallArchive.Settings(encrypted), path: "", progress: null);

        Assert.AreEqual(encrypted, fetch.Target(open, encrypted));
        Assert.AreEqual(new Uri("https://mirror.example/b.tar.gz"), fetch.Target(encrypted, new("b.tar.gz", UriKind.Relative)));
        var e = Assert.ThrowsExactly<DataException>(() => fetch.Target(encrypted, open));
        Assert.AreEqual($"{encrypted} redirects to {open}, which is not encrypted", e.Message);
    }

    [TestMethod]
    public async Task Redirects_in_a_circle_end()
    {
        using var temp = new TemporaryFolder();
        using var server = new LocalServer(LocalServer.Answer("302 Found\r\nLocation: /again\r\nContent-Length: 0"));
        StringAssert.Contains(await RefusedAsync(temp, server), "redirects more than 5 times");
        Assert.HasCount(6, server.Requests);
    }
}
