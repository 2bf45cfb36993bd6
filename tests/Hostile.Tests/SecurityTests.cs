using System.IO.Compression;
using CsCheck;
using CudnnResNet.Model;
using CudnnResNet.Tests.Hostile;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Hostile.Tests;

/// <summary>No file is executed, and none reaches beyond the folder that it is unpacked into.</summary>
[TestClass]
public sealed class SecurityTests
{
    /// <summary>Names by which pickles are known to run programs, read files or open connections.</summary>
    private static readonly string[] Dangerous =
    [
        "posix system", "os system", "os popen", "os execv", "os remove", "nt system", "subprocess Popen", "subprocess check_output", "builtins eval", "builtins exec", "builtins compile",
        "builtins open", "builtins getattr", "builtins __import__", "__builtin__ eval", "importlib import_module", "runpy run_path", "pty spawn", "socket socket", "shutil rmtree", "pickle loads", "marshal loads",
        "types CodeType", "types FunctionType", "functools partial", "operator attrgetter", "codecs decode", "ctypes CDLL", "webbrowser open", "code InteractiveInterpreter", "pip main", "timeit timeit", "cProfile run",
        "torch load", "torch.hub load", "torch.jit load", "torch._utils _rebuild_tensor_v3", "torch.utils.cpp_extension load", "numpy load", "numpy.core.multiarray _reconstruct", "collections OrderedDict.__init__", "torch.nn.modules.container Sequential",
    ];

    [TestMethod]
    public void Names_that_run_programs_are_refused_however_they_are_written()
    {
        using var hostile = new HostileFile();
        foreach (string[] name in Dangerous.Select(name => name.Split(' ')))
        {
            foreach (byte[] pickle in (byte[][])[new PickleWriter().Global(name[0], name[1]).Text("touch owned").Opcode(0x85).Opcode('R').Stop(), new PickleWriter().Text(name[0]).Text(name[1]).Opcode(0x93).Text("1").Opcode(0x85).Opcode('R').Stop()])
                Assert.Contains($"'{name[0]}.{name[1]}' is not among the names that a file of weights needs; nothing is imported or executed", hostile.Try(Readers.Pickle, pickle).Refusal!.Message);
        }
    }

    [TestMethod]
    public void Any_name_outside_of_the_table_is_refused()
    {
        using var hostile = new HostileFile();
        var word = Gen.Char.AlphaNumeric.Array[1, 12].Select(letters => new string(letters));
        Gen.Select(Gen.OneOf(word, Gen.OneOf("torch", "torch._utils", "collections", "os", "builtins")), Gen.OneOf(word, Gen.OneOf("OrderedDict", "_rebuild_tensor_v2", "FloatStorage", "system")))
            .Where((module, name) => !TorchGlobals.Table.ContainsKey($"{module}.{name}"))
            .Sample((module, name) => Assert.Contains("is not among the names", hostile.Try(Readers.Pickle, new PickleWriter().Global(module, name).Stop()).Refusal!.Message), iter: ReaderTests.Iterations(200), threads: 1);
    }

    [TestMethod]
    [DataRow('1', DisplayName = "hard link")]
    [DataRow('2', DisplayName = "symbolic link")]
    [DataRow('3', DisplayName = "character device")]
    [DataRow('4', DisplayName = "block device")]
    [DataRow('5', DisplayName = "folder")]
    [DataRow('6', DisplayName = "pipe")]
    [DataRow('7', DisplayName = "contiguous file")]
    [DataRow('S', DisplayName = "sparse file")]
    [DataRow('x', DisplayName = "attributes")]
    public void Only_a_regular_file_is_taken_for_one_of_the_six(char type)
    {
        using var hostile = new HostileFile();
        byte[] record = Seeds.Records(0);
        var attempt = hostile.Try(Readers.Archive, Archive((TarHeader.Of("cifar-10-batches-bin/data_batch_1.bin", type, record.Length), record)));
        Assert.Contains($"data_batch_1.bin is no regular file but an entry of type '{type}'", attempt.Refusal!.Message);
    }

    [TestMethod]
    public void No_name_in_an_archive_leads_to_another_place()
    {
        string[] names =
        [
            "../owned", "../../owned", "/owned", "//owned", "C:\\owned", "..\\owned", "cifar-10-batches-bin/../owned", "cifar-10-batches-bin/../../owned", "cifar-10-batches-bin/data_batch_1.bin/../../../owned",
            "./../owned", "cifar-10-batches-bin/./data_batch_1.bin", "CIFAR-10-BATCHES-BIN/data_batch_1.bin", "cifar-10-batches-bin/data_batch_1.bin/", "cifar-10-batches-bin//data_batch_1.bin", "owned\n\u001b[2J", new string('o', 100), ".", "..", "", "~/owned", "%2e%2e/owned", "\u00FF\u00FE",
        ];
        foreach (string name in names)
        {
            using var temp = new TemporaryFolder();
            File.WriteAllBytes(temp["archive"], Archive([.. Enumerable.Range(0, 6).Select(f => (TarHeader.Of($"cifar-10-batches-bin/{Cifar10.AllFiles[f]}", '0', Seeds.Records(f).Length), Seeds.Records(f))), (TarHeader.Of(name, '0', 3), "bad"u8.ToArray())]));
            string folder = Directory.CreateDirectory(temp["a", "b", "out"]).FullName;
            ArchiveUnpack.Run(temp["archive"], folder, Readers.Records, default);
            CollectionAssert.AreEquivalent(Cifar10.AllFiles.Select(file => Path.Combine(folder, file)).Append(temp["archive"]).ToArray(), Directory.GetFiles(temp.Path, "*", SearchOption.AllDirectories), name);
            for (int f = 0; f < 6; f++) CollectionAssert.AreEqual(Seeds.Records(f), File.ReadAllBytes(Path.Combine(folder, Cifar10.AllFiles[f])));
        }
    }

    [TestMethod]
    public void Names_that_other_entries_announce_are_not_believed()
    {
        using var hostile = new HostileFile();
        byte[] record = Seeds.Records(0), name = "cifar-10-batches-bin/data_batch_1.bin\0"u8.ToArray(), attribute = "47 path=cifar-10-batches-bin/data_batch_1.bin\n"u8.ToArray();
        foreach (var (type, content) in ((char, byte[])[])[('L', name), ('x', attribute), ('g', attribute)])
            Assert.Contains("holds no data_batch_1.bin", hostile.Try(Readers.Archive, Archive((TarHeader.Of("././@LongLink", type, content.Length), content), (TarHeader.Of("other", '0', record.Length), record))).Refusal!.Message);
    }

    [TestMethod]
    [DataRow("last.state.tmp")]
    [DataRow("args.json.tmp")]
    [DataRow("summary.csv")]
    [DataRow("run.log")]
    [DataRow("lock")]
    [DataRow("last.safetensors")]
    public void A_run_folder_with_a_link_is_not_gone_on_with(string name)
    {
        using var temp = new TemporaryFolder();
        Directory.CreateDirectory(temp["run"]);
        File.WriteAllBytes(temp["run", "args.json"], Seeds.Args());
        File.WriteAllText(temp["precious"], "precious");
        File.CreateSymbolicLink(temp["run", name], temp["precious"]);
        Assert.Contains($"{name} is a link to", Assert.ThrowsExactly<RunFolderException>(() => RunFolder.Open(temp["run"])).Message);
    }

    [TestMethod]
    public void What_is_written_is_not_written_through_a_link()
    {
        using var temp = new TemporaryFolder();
        File.WriteAllText(temp["precious"], "precious");
        foreach (string name in (string[])["report.html.tmp", "report.html"]) File.CreateSymbolicLink(temp[name], temp["precious"]);
        AtomicFile.Write(temp["report.html"], stream => stream.Write("page"u8));
        Assert.AreEqual("precious", File.ReadAllText(temp["precious"]));
        Assert.AreEqual("page", File.ReadAllText(temp["report.html"]));
        Assert.IsNull(new FileInfo(temp["report.html"]).LinkTarget);
    }

    /// <summary>Entries, each filled up to whole blocks, and two empty blocks.</summary>
    private static byte[] Archive(params (byte[] Header, byte[] Content)[] entries)
    {
        using var file = new MemoryStream();
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var (header, content) in entries)
            {
                gzip.Write(header);
                gzip.Write(content);
                gzip.Write(new byte[(512 - content.Length % 512) % 512]);
            }
            gzip.Write(new byte[1024]);
        }
        return file.ToArray();
    }
}
