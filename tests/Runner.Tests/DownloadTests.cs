using System.Net;
using System.Net.Sockets;
using CudnnResNet.Training.Data;
using CudnnResNet.Training.Tests.Data;

namespace CudnnResNet.Runner.Tests;

/// <summary>Downloads of the real program, from a server on this machine.</summary>
[TestClass]
public sealed class DownloadTests
{
    private const int Sigkill = 9;
    private const string Part = "cifar-10-binary.tar.gz.part", Final = "cifar-10-batches-bin";
    private static readonly byte[] Archive = SmallArchive.Bytes;

    [TestInitialize]
    public void NeedsSignals()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("skipped: POSIX signals and shell");
    }

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(0.3)]
    [DataRow(0.99)]
    public void Killed_while_it_receives_it_goes_on_where_it_was(double fraction)
    {
        using var folder = new TemporaryFolder();
        int sent = (int)(fraction * Archive.Length);
        LocalServer? server = null;
        using (server = new LocalServer(async (request, stream) =>
        {
            await LocalServer.Answer($"200 OK\r\nContent-Length: {Archive.Length}", Archive[..sent])(request, stream);
            await server!.Silence(request, stream);
        }, LocalServer.File(Archive)))
        {
            using (var killed = Start(folder, server.Address))
            {
                WaitUntil(() => server.Requests.Count == 1 && Length(folder["data", Part]) >= sent);
                killed.Signal(Sigkill);
                Assert.AreEqual(137, killed.Wait().ExitCode);
            }
            Assert.IsFalse(Directory.Exists(folder["data", Final]));
            Finish(folder, server.Address).Succeeds();
            Assert.AreEqual(sent == 0 ? null : sent, server.Requests[1].RangeFrom);
        }
        AssertWhole(folder);
    }

    [TestMethod]
    public void Of_two_at_once_the_second_waits_and_takes_what_the_first_brings()
    {
        using var folder = new TemporaryFolder();
        var go = new TaskCompletionSource();
        using var server = new LocalServer(async (request, stream) =>
        {
            await go.Task;
            await LocalServer.File(Archive)(request, stream);
        });
        using var first = Start(folder, server.Address);
        WaitUntil(() => server.Requests.Count == 1);
        using var second = Start(folder, server.Address);
        second.WaitForLine("waiting");
        go.SetResult();
        first.Wait().Succeeds();
        second.Wait().Succeeds();
        Assert.HasCount(1, server.Requests);
        AssertWhole(folder);
    }

    [TestMethod]
    public void Where_the_first_of_two_is_killed_the_second_takes_over()
    {
        using var folder = new TemporaryFolder();
        LocalServer? server = null;
        using (server = new LocalServer(async (request, stream) =>
        {
            await LocalServer.Answer($"200 OK\r\nContent-Length: {Archive.Length}", Archive[..5_000])(request, stream);
            await server!.Silence(request, stream);
        }, LocalServer.File(Archive)))
        {
            using var first = Start(folder, server.Address);
            WaitUntil(() => Length(folder["data", Part]) == 5_000);
            using var second = Start(folder, server.Address);
            second.WaitForLine("waiting");
            first.Signal(Sigkill);
            second.Wait().Succeeds();
            Assert.AreEqual(5_000, server.Requests[1].RangeFrom);
        }
        AssertWhole(folder);
    }

    /// <summary>The limit on a file's size, 40 blocks of 512 bytes, stands for a disk without room.</summary>
    [TestMethod]
    [DataRow(false, Part)]
    [DataRow(true, Final)]
    public void A_full_disk_is_told_and_leaves_nothing_under_the_final_name(bool compressible, string notWritten)
    {
        using var folder = new TemporaryFolder();
        // Zeros: an archive that fits, of files that do not.
        byte[] archive = compressible ? SmallArchive.Create(Cifar10.AllFiles.Select(name => SmallArchive.Entry($"{Final}/{name}", new byte[CifarFiles.Records * 3073]))) : Archive;
        using var server = new LocalServer(LocalServer.File(archive));
        using (var full = RunnerProgram.StartInShell(folder, "ulimit -f 40; trap '' XFSZ", Arguments(server.Address), Settings(server.Address, archive), "DOTNET_EnableWriteXorExecute=0"))
            full.Wait().Fails(4, $"data/{notWritten} cannot be written", "allows no longer file");
        Assert.IsFalse(Directory.Exists(folder["data", Final]));
        Assert.IsFalse(Directory.Exists(folder["data", Final + ".unpacking"]), "nothing half unpacked is left");

        using var again = RunnerProgram.Start(folder, Arguments(server.Address), Settings(server.Address, archive));
        again.Wait().Succeeds();
        AssertWhole(folder);
    }

    [TestMethod]
    public void A_proxy_that_refuses_is_told()
    {
        using var folder = new TemporaryFolder();
        using var proxy = new LocalServer(LocalServer.Answer("407 Proxy Authentication Required\r\nContent-Length: 0"));
        ThroughProxy(folder, proxy.Address).Fails(4, "http://mirror.invalid/a.tar.gz answers 407");
        Assert.AreEqual("http://mirror.invalid/a.tar.gz", proxy.Requests[0].Path, "the proxy was asked, not the mirror");

        using var busy = new LocalServer(LocalServer.Answer("502 Bad Gateway\r\nContent-Length: 0"), LocalServer.File(Archive));
        ThroughProxy(folder, busy.Address).Succeeds();
        AssertWhole(folder);
    }

    [TestMethod]
    public void A_proxy_that_is_not_there_is_told()
    {
        using var folder = new TemporaryFolder();
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        ThroughProxy(folder, new Uri($"http://127.0.0.1:{port}")).Fails(4, "http://mirror.invalid/a.tar.gz", "refused");
    }

    private static Outcome ThroughProxy(TemporaryFolder folder, Uri proxy)
    {
        var mirror = new Uri("http://mirror.invalid/a.tar.gz");
        using var program = RunnerProgram.Start(folder, Arguments(mirror), Settings(mirror, Archive), $"http_proxy={proxy.GetLeftPart(UriPartial.Authority)}", "no_proxy=", "NO_PROXY=");
        return program.Wait();
    }

    private static RunnerProgram Start(TemporaryFolder folder, Uri address) => RunnerProgram.Start(folder, Arguments(address), Settings(address, Archive));

    private static Outcome Finish(TemporaryFolder folder, Uri address)
    {
        using var program = Start(folder, address);
        return program.Wait();
    }

    private static string[] Arguments(Uri address) => ["data", "download", "--data", "data", "--url", address.ToString()];

    private static string Settings(Uri address, byte[] archive)
    {
        var settings = SmallArchive.Settings(address, archive);
        return $"CUDNNRESNET_TEST_ARCHIVE={settings.Length},{settings.Md5},{settings.RecordsPerFile}";
    }

    private static long Length(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;

    private static void WaitUntil(Func<bool> reached)
    {
        for (int time = 0; time < 6_000; time++)
        {
            if (reached()) return;
            Thread.Sleep(10);
        }
        Assert.Fail("it has not come so far in a minute");
    }

    private static void AssertWhole(TemporaryFolder folder)
    {
        Assert.AreEqual(CifarFiles.Records, Cifar10.Read(folder["data", Final], CifarFiles.Records).Test.Count);
        CollectionAssert.AreEquivalent(new[] { Final, "cifar-10.lock" }, Directory.EnumerateFileSystemEntries(folder["data"]).Select(Path.GetFileName).ToArray());
    }
}
