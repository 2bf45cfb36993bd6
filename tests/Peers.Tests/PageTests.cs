namespace CudnnResNet.Peers.Tests;

[TestClass]
public class PageTests
{
    [TestMethod]
    public void Is_written_anew_into_the_same_files_and_leaves_those_of_another_run()
    {
        using var folder = new TemporaryFolder();
        Page first = new(folder.Path, "-test"), second = new(folder.Path, "-test");
        first.Line("one");
        string path = first.Write(new { Figure = 1 }, soFar: ["so far"]);
        Assert.AreEqual("one\n\n```\nso far\n```\n", File.ReadAllText(path));

        first.Line("two");
        Assert.AreEqual(path, first.Write(new { Figure = 2 }));
        Assert.AreEqual("one\ntwo\n", File.ReadAllText(path));
        Assert.Contains("\"figure\": 2", File.ReadAllText(Path.ChangeExtension(path, "json")));

        second.Line("other");
        string other = second.Write(new { Figure = 3 });
        Assert.AreNotEqual(path, other);
        Assert.AreEqual("one\ntwo\n", File.ReadAllText(path));
        Assert.HasCount(4, Directory.GetFiles(Path.GetDirectoryName(path)!));
    }
}
