using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Data;

/// <summary>Downloads of a small archive from a server in this process.</summary>
public abstract class DownloadTest
{
    private protected const string Part = "cifar-10-binary.tar.gz.part";
    private protected static readonly byte[] Archive = SmallArchive.Bytes;

    private protected static Task<string> RunAsync(TemporaryFolder temp, LocalServer server) =>
        Cifar10Download.RunAsync(temp.Path, SmallArchive.Settings(server.Address), null, default);

    private protected static Task<string> RefusedAsync(TemporaryFolder temp, LocalServer server) => RefusedAsync(temp, SmallArchive.Settings(server.Address));

    private protected static async Task<string> RefusedAsync(TemporaryFolder temp, DownloadSettings settings)
    {
        var e = await Assert.ThrowsExactlyAsync<DataException>(() => Cifar10Download.RunAsync(temp.Path, settings, null, default));
        Assert.IsFalse(e.Message.Contains('\n'), "one line");
        Assert.IsFalse(Directory.Exists(temp["cifar-10-batches-bin"]), "nothing under the final name");
        return e.Message;
    }

    private protected static void AssertWhole(string folder) => Assert.AreEqual(CifarFiles.Records, Cifar10.Read(folder, CifarFiles.Records).Test.Count);

    private protected static string[] Names(string folder) => [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)!)];
}
