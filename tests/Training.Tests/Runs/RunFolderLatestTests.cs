
namespace CudnnResNet.Training.Tests.Runs;

[TestClass]
public class RunFolderLatestTests
{
    [TestMethod]
    public void The_newest_checkpoint_decides_also_where_only_the_previous_one_is_left()
    {
        using var folder = new TemporaryFolder();
        Assert.IsNull(RunFolder.Latest(folder["absent"]));
        Directory.CreateDirectory(folder["no-checkpoint"]);
        Assert.IsNull(RunFolder.Latest(folder.Path));
        Touch(folder["a", "last.state"], minute: 1);
        Touch(folder["b", "last.state"], minute: 2);
        Touch(folder["b", "previous.state"], minute: 1);
        Assert.AreEqual(folder["b"], RunFolder.Latest(folder.Path));
        Touch(folder["killed", "previous.state"], minute: 3);
        Assert.AreEqual(folder["killed"], RunFolder.Latest(folder.Path));
    }

    private static void Touch(string path, int minute)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, minute, 0, DateTimeKind.Utc));
    }
}
