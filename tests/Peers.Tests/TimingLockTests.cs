using CudnnResNet.Model;

namespace CudnnResNet.Peers.Tests;

[TestClass]
public class TimingLockTests
{
    [TestMethod]
    public async Task The_second_waits_until_the_first_is_done()
    {
        using var folder = new TemporaryFolder();
        string path = folder["lock"];
        var first = new TimingLock(path).Take();
        var second = Task.Run(() => new TimingLock(path).Take());
        Assert.AreNotSame(second, await Task.WhenAny(second, Task.Delay(TimeSpan.FromMilliseconds(400))), "both hold the lock");
        first.Dispose();
        (await second.WaitAsync(TimeSpan.FromSeconds(30))).Dispose();
    }

    [TestMethod]
    public void Different_files_do_not_wait_for_each_other()
    {
        using var folder = new TemporaryFolder();
        using var first = new TimingLock(folder["one"]).Take();
        using var second = new TimingLock(folder["two"]).Take();
        CollectionAssert.AreEqual(new[] { "one", "two" }, folder.Files);
    }

    [TestMethod]
    public void A_file_that_cannot_be_opened_is_named_with_the_way_out()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.ThrowsExactly<InvalidSettingException>(() => new TimingLock(folder["missing", "lock"]).Take());
        Assert.Contains(folder["missing", "lock"], error.Message);
        Assert.Contains("--bench-lock", error.Message);
    }
}
