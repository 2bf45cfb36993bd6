using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Data;

/// <summary>What lies in the folder before and afterwards.</summary>
[TestClass]
public sealed class DownloadPlacesTests : DownloadTest
{
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
}
