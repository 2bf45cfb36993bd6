using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Data;

[TestClass]
public sealed class DataLocatorTests
{
    [TestMethod]
    public async Task The_environments_folder_comes_before_the_working_folder_and_that_before_the_cache()
    {
        using var here = new Machine();
        CifarFiles.Write(here.Temp["env"]);
        CifarFiles.Write(here.Temp["work", "data", "cifar-10-batches-bin"]);
        CifarFiles.Write(here.Temp["cache", "cifar-10-batches-bin"]);
        here.Variables["CIFAR10_DIR"] = here.Temp["env"];

        Assert.AreEqual(here.Temp["env"], (await here.LoadAsync()).Data.Source);
        here.Variables.Remove("CIFAR10_DIR");
        Assert.AreEqual(here.Temp["work", "data", "cifar-10-batches-bin"], (await here.LoadAsync()).Data.Source);
        Directory.Delete(here.Temp["work", "data"], recursive: true);
        Assert.AreEqual(here.Temp["cache", "cifar-10-batches-bin"], (await here.LoadAsync()).Data.Source);
        Assert.IsEmpty(here.Server.Requests);
    }

    [TestMethod]
    public async Task Last_comes_a_download_into_the_cache_and_the_next_run_finds_it_there()
    {
        using var here = new Machine();
        var found = await here.LoadAsync();
        Assert.AreEqual("cifar10", found.Data.Name);
        Assert.AreEqual(here.Temp["cache", "cifar-10-batches-bin"], found.Data.Source);
        CollectionAssert.AreEqual(new[] { "CIFAR10_DIR: not set", $"./data: {here.Temp["work", "data"]} does not exist", $"cache: {here.Temp["cache"]} does not exist" }, found.Reasons.ToArray());

        Assert.AreEqual(here.Temp["cache", "cifar-10-batches-bin"], (await here.LoadAsync(offline: true)).Data.Source);
        Assert.HasCount(1, here.Server.Requests);
    }

    [TestMethod]
    public async Task Auto_falls_back_to_the_synthetic_set_and_says_why()
    {
        using var here = new Machine(LocalServer.Answer("404 Not Found\r\nContent-Length: 0"));
        here.Variables["CIFAR10_DIR"] = Directory.CreateDirectory(here.Temp["empty"]).FullName;
        var found = await here.LoadAsync();
        Assert.IsTrue(found.Data.IsSynthetic);
        Assert.HasCount(4, found.Reasons);
        StringAssert.StartsWith(found.Reasons[0], $"CIFAR10_DIR: {here.Temp["empty"]} is empty");
        StringAssert.StartsWith(found.Reasons[1], "./data: ");
        StringAssert.StartsWith(found.Reasons[2], "cache: ");
        Assert.AreEqual($"download: {here.Server.Address} answers 404 Not Found", found.Reasons[3]);
        Assert.IsFalse(found.Reasons.Any(line => line.Contains('\n')));
    }

    [TestMethod]
    public async Task Cifar10_demanded_and_not_there_is_an_error_that_says_what_was_tried()
    {
        using var here = new Machine();
        string message = await RefusedAsync<DataException>(() => here.LoadAsync("cifar10", offline: true));
        StringAssert.Contains(message, "CIFAR-10 was not found; CIFAR10_DIR: not set; ./data: ");
        StringAssert.Contains(message, "; download: not tried (--offline)");
        Assert.IsFalse(message.Contains('\n'));
    }

    [TestMethod]
    public async Task Offline_never_touches_the_network()
    {
        using var here = new Machine();
        var found = await here.LoadAsync(offline: true);
        Assert.IsTrue(found.Data.IsSynthetic);
        Assert.AreEqual("download: not tried (--offline)", found.Reasons[^1]);
        Assert.IsEmpty(here.Server.Requests);
        Assert.IsFalse(Directory.Exists(here.Temp["cache"]));
    }

    [TestMethod]
    [DataRow("auto")]
    [DataRow("cifar10")]
    public async Task A_named_folder_that_cannot_be_used_is_an_error_and_nothing_else_is_tried(string dataSet)
    {
        using var here = new Machine();
        CifarFiles.Write(here.Temp["work", "data"]);
        string message = await RefusedAsync<DataException>(() => here.LoadAsync(dataSet, folder: "elsewhere"));
        StringAssert.Contains(message, $"{here.Temp["work", "elsewhere"]} does not exist");
        Assert.IsEmpty(here.Server.Requests);
    }

    [TestMethod]
    public async Task A_named_folder_is_relative_to_the_working_folder()
    {
        using var here = new Machine();
        CifarFiles.Write(here.Temp["work", "mine"]);
        var found = await here.LoadAsync(folder: "mine");
        Assert.AreEqual(here.Temp["work", "mine"], found.Data.Source);
        Assert.IsEmpty(found.Reasons);
    }

    [TestMethod]
    public async Task A_damaged_set_is_passed_over_and_named()
    {
        using var here = new Machine();
        CifarFiles.Write(here.Temp["work", "data"]);
        using (var file = File.OpenWrite(here.Temp["work", "data", "data_batch_1.bin"]))
            file.WriteByte(10);
        var found = await here.LoadAsync();
        Assert.AreEqual(here.Temp["cache", "cifar-10-batches-bin"], found.Data.Source);
        Assert.AreEqual($"./data: {here.Temp["work", "data", "data_batch_1.bin"]}: record 0 has label 10, allowed are 0 to 9", found.Reasons[1]);
    }

    [TestMethod]
    public async Task The_synthetic_set_can_be_asked_for()
    {
        using var here = new Machine();
        CifarFiles.Write(here.Temp["work", "data"]);
        var found = await here.LoadAsync("synthetic");
        Assert.IsTrue(found.Data.IsSynthetic);
        Assert.AreEqual(10_000, new DataRequest().Draw().Train.Count, "by default");
        Assert.IsEmpty(found.Reasons);
        StringAssert.Contains(await RefusedAsync<InvalidSettingException>(() => here.LoadAsync("synthetic", folder: "data")), "exclude each other");
    }

    [TestMethod]
    public async Task Unknown_wishes_are_refused()
    {
        using var here = new Machine();
        StringAssert.Contains(await RefusedAsync<InvalidSettingException>(() => here.LoadAsync("mnist")), "--dataset mnist: allowed are auto, cifar10, synthetic");
        here.Variables["CUDNNRESNET_DATA_URL"] = "nonsense";
        StringAssert.Contains(await RefusedAsync<InvalidSettingException>(() => here.LoadAsync()), "CUDNNRESNET_DATA_URL=nonsense");
    }

    [TestMethod]
    public async Task A_mirror_is_asked_instead_of_the_official_server()
    {
        using var here = new Machine();
        using var mirror = new LocalServer(LocalServer.File(SmallArchive.Bytes));
        here.Variables["CUDNNRESNET_DATA_URL"] = mirror.Address.ToString();
        Assert.AreEqual("cifar10", (await here.LoadAsync()).Data.Name);
        Assert.HasCount(1, mirror.Requests);
        Assert.IsEmpty(here.Server.Requests);
    }

    [TestMethod]
    public async Task Without_a_home_there_is_no_cache_and_no_download()
    {
        using var here = new Machine();
        here.Variables.Clear();
        var found = await here.LoadAsync();
        Assert.IsTrue(found.Data.IsSynthetic);
        StringAssert.StartsWith(found.Reasons[2], "cache: no folder");
        StringAssert.StartsWith(found.Reasons[3], "download: no folder");
        Assert.IsEmpty(here.Server.Requests);
    }

    [TestMethod]
    [DataRow("CUDNNRESNET_CACHE=c XDG_CACHE_HOME=x HOME=h", "c")]
    [DataRow("XDG_CACHE_HOME=x LOCALAPPDATA=l HOME=h", "x/cudnnresnet")]
    [DataRow("LOCALAPPDATA=l HOME=h", "l/cudnnresnet")]
    [DataRow("HOME=h", "h/.cache/cudnnresnet")]
    [DataRow("CUDNNRESNET_CACHE= HOME=h", "h/.cache/cudnnresnet")]
    [DataRow("HOME=", null)]
    public void The_cache_is_where_the_system_keeps_such_files(string environment, string? expected)
    {
        var variables = environment.Split(' ').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        string root = Path.GetFullPath("/root");
        var request = new DataRequest { WorkingFolder = root, Environment = variables.GetValueOrDefault };
        Assert.AreEqual(expected is null ? null : Path.GetFullPath(expected, root), DataLocator.CacheFolder(request));
    }

    [TestMethod]
    public void Places_tells_what_is_there_without_the_network()
    {
        using var here = new Machine();
        CifarFiles.Write(here.Temp["cache"]);
        var places = DataLocator.Places(here.Request());
        CollectionAssert.AreEqual(new[] { "CIFAR10_DIR", "./data", "cache" }, places.Select(p => p.Name).ToArray());
        Assert.AreEqual("not set", places[0].Problem);
        Assert.IsNotNull(places[1].Problem);
        Assert.AreEqual(new DataPlace("cache", here.Temp["cache"], null), places[2]);
        using (var file = File.OpenWrite(here.Temp["cache", "test_batch.bin"]))
            file.SetLength(10);
        StringAssert.Contains(DataLocator.Places(here.Request())[2].Problem, "test_batch.bin is truncated: 10 bytes");
        Assert.AreEqual("--data", DataLocator.Places(here.Request(folder: "x")).Single().Name);
        Assert.IsEmpty(here.Server.Requests);
    }

    private static async Task<string> RefusedAsync<T>(Func<Task> action) where T : Exception => (await Assert.ThrowsExactlyAsync<T>(action)).Message;

    /// <summary>A working folder, a cache, an environment and a server that belong to one test.</summary>
    private sealed class Machine : IDisposable
    {
        public Machine(Func<LocalRequest, System.Net.Sockets.NetworkStream, Task>? answer = null)
        {
            Server = new LocalServer(answer ?? LocalServer.File(SmallArchive.Bytes));
            Directory.CreateDirectory(Temp["work"]);
            Variables["CUDNNRESNET_CACHE"] = Temp["cache"];
        }

        public TemporaryFolder Temp { get; } = new();

        public LocalServer Server { get; }

        public Dictionary<string, string> Variables { get; } = [];

        public DataRequest Request(string dataSet = "auto", string? folder = null, bool offline = false) => new()
        {
            DataSet = dataSet,
            Folder = folder,
            Offline = offline,
            WorkingFolder = Temp["work"],
            Environment = Variables.GetValueOrDefault,
            Download = SmallArchive.Settings(Server.Address),
            Draw = () => Synthetic.Create(10, 10),
        };

        public Task<LocatedData> LoadAsync(string dataSet = "auto", string? folder = null, bool offline = false) =>
            DataLocator.LoadAsync(Request(dataSet, folder, offline));

        public void Dispose()
        {
            Server.Dispose();
            Temp.Dispose();
        }
    }
}
