using System.Diagnostics;

namespace CudnnResNet.Kernels.Tests.Ptx;

/// <summary><c>make ptx</c> and its siblings on a machine of which nothing is known but the usual small tools.</summary>
[TestClass]
public sealed class PtxScriptTests : IDisposable
{
    private static readonly string[] smallTools =
        ["sh", "awk", "basename", "cat", "cmp", "cut", "diff", "dirname", "grep", "mkdir", "mktemp", "mv", "rm", "sed", "sha256sum", "sort", "tr", "wc"];

    private readonly TemporaryFolder folder = new();

    [TestInitialize]
    public void CopyKernels()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("skipped: make ptx is a shell script");
        foreach (string part in new[] { "kernels", "kernels/ptx", "tools", "bin" }) Directory.CreateDirectory(folder[part]);
        foreach (string file in new[] { "*.cu", "*.h", "ptx/*.ptx" }.SelectMany(Kernels)) File.Copy(file, folder["kernels", Path.GetRelativePath(Repository.At("kernels"), file)]);
        File.Copy(Repository.At("tools", "ptx.sh"), folder["tools", "ptx.sh"]);
        foreach (string tool in smallTools) AddTool(tool);
    }

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void Without_a_compiler_the_checked_in_ptx_serves()
    {
        var (status, output) = Run("build");
        Assert.AreEqual(0, status, output);
        StringAssert.Contains(output, "checked-in files in kernels/ptx are of this source");
        Assert.IsFalse(Directory.Exists(folder["artifacts"]) && Directory.Exists(folder["artifacts", "ptx"]));
    }

    [TestMethod]
    public void Without_a_compiler_what_an_earlier_build_left_is_removed()
    {
        Directory.CreateDirectory(folder["artifacts", "ptx"]);
        File.WriteAllText(folder["artifacts", "ptx", "sgd.ptx"], "old");
        Assert.AreEqual(0, Run("build").Status);
        Assert.IsFalse(Directory.Exists(folder["artifacts", "ptx"]));
    }

    [TestMethod]
    [DataRow("sgd.cu")]
    [DataRow("philox.h")]
    public void Without_a_compiler_stale_ptx_is_an_error_that_names_the_package(string changed)
    {
        File.AppendAllText(folder["kernels", changed], "// changed\n");
        foreach (string command in new[] { "build", "check" })
        {
            var (status, output) = Run(command);
            Assert.AreEqual(1, status, output);
            StringAssert.Contains(output, "sgd");
            StringAssert.Contains(output, command == "build" ? "apt-get install --no-install-recommends clang-19" : "make ptx-update");
        }
    }

    [TestMethod]
    public void A_missing_ptx_file_is_stale()
    {
        File.Delete(folder["kernels", "ptx", "join.ptx"]);
        var (status, output) = Run("build");
        Assert.AreEqual(1, status, output);
        StringAssert.Contains(output, "(join)");
    }

    [TestMethod]
    public void Without_clang_check_says_that_it_only_compared_hashes_and_update_names_the_package()
    {
        StringAssert.Contains(Run("check").Output, "only the source hashes");
        var (status, output) = Run("update");
        Assert.AreEqual(1, status, output);
        StringAssert.Contains(output, "apt-get install --no-install-recommends clang-19");
    }

    [TestMethod]
    public void A_compiler_that_fails_does_not_stop_the_first_command()
    {
        AddProgram("nvcc", "case $1 in --list-gpu-arch) echo compute_75;; *) echo 'no host compiler' >&2; exit 1;; esac");
        var (status, output) = Run("build");
        Assert.AreEqual(0, status, output);
        StringAssert.Contains(output, "no host compiler");
        StringAssert.Contains(output, "checked-in files");
    }

    [TestMethod]
    public void Nvcc_comes_first_and_takes_the_oldest_gpu_it_knows()
    {
        AddProgram("nvcc", """
            case $1 in
                --list-gpu-arch) echo compute_75; echo compute_80;;
                --version) echo 'Cuda compilation tools, release 13.0, V13.0.48';;
                *) while [ $# -gt 0 ]; do case $1 in -arch=*) arch=$1;; -o) out=$2;; esac; shift; done
                   printf '.version 9.0\n.target sm_75\n// %s\n' "$arch" >"$out";;
            esac
            """);
        var (status, output) = Run("build");
        Assert.AreEqual(0, status, output);
        StringAssert.Contains(output, "release 13.0, V13.0.48 for compute_75");
        string ptx = File.ReadAllText(folder["artifacts", "ptx", "sgd.ptx"]);
        StringAssert.Contains(ptx, "// compiler: nvcc, release 13.0, V13.0.48\n// isa: PTX 9.0 for sm_75\n");
        StringAssert.Contains(ptx, "-arch=compute_75");
    }

    [TestMethod]
    public void Clang_makes_the_checked_in_ptx()
    {
        if (!AddTool("clang-19")) Assert.Inconclusive("skipped: clang-19 is not here");
        var (status, output) = Run("check");
        Assert.AreEqual(0, status, output);
        if (output.Contains("only the source hashes", StringComparison.Ordinal)) Assert.Inconclusive($"skipped: {output}");

        // A change that leaves the hash alone, as an edit by hand would.
        File.AppendAllText(folder["kernels", "ptx", "sgd.ptx"], "\n");
        (status, output) = Run("check");
        Assert.AreEqual(1, status, output);
        StringAssert.Contains(output, "stale");
        Assert.AreEqual(0, Run("update").Status);
        Assert.AreEqual(0, Run("check").Status);
    }

    [TestMethod]
    public void A_mistake_in_the_source_is_not_called_a_missing_package()
    {
        AddProgram("clang-19", "case $1 in --version) echo 'Debian clang version 19.1.7';; *) echo 'join.cu:15: error: unknown type name' >&2; exit 1;; esac");
        File.AppendAllText(folder["kernels", "join.cu"], "flaot x;\n");
        foreach (string command in new[] { "build", "update" })
        {
            var (status, output) = Run(command);
            Assert.AreEqual(1, status, output);
            StringAssert.Contains(output, "join.cu:15: error: unknown type name");
            Assert.DoesNotContain("apt-get", output);
        }
        StringAssert.Contains(Run("build").Output, "(join), and clang does not compile them: its message is above");
        Assert.AreEqual(1, Run("check").Status);
    }

    [TestMethod]
    public void Without_ptxas_verify_says_so()
    {
        var (status, output) = Run("verify");
        Assert.AreEqual(0, status, output);
        StringAssert.Contains(output, "ptxas is not here");
    }

    [TestMethod]
    public void Verify_prints_registers_and_spills()
    {
        // The lines of a real ptxas, for one kernel and one GPU.
        AddProgram("ptxas", """
            case "$*" in
                --version) echo 'Cuda compilation tools, release 12.4, V12.4.131';;
                *sm_80*) echo "ptxas info    : Compiling entry function 'sgd_update' for 'sm_80'
            ptxas info    : Function properties for sgd_update
                0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
            ptxas info    : Used 26 registers, 432 bytes cmem[0]" >&2;;
                *) echo "ptxas fatal   : Value 'sm_x' is not defined for option 'gpu-name'" >&2; exit 255;;
            esac
            """);
        var (status, output) = Run("verify");
        Assert.AreEqual(0, status, output);
        StringAssert.Contains(output, "ptxas release 12.4, V12.4.131, kernels/ptx");
        StringAssert.Matches(output, new("sm_80 +sgd_update +26 registers.*0 bytes spill stores, 0 bytes spill loads"));
    }

    private (int Status, string Output) Run(string command)
    {
        var start = new ProcessStartInfo(folder["bin", "sh"], ["-c", "exec tools/ptx.sh \"$0\" 2>&1", command])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            Environment = { ["PATH"] = folder["bin"] },
        };
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    private bool AddTool(string name)
    {
        string? path = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Select(part => Path.Combine(part, name)).FirstOrDefault(File.Exists);
        if (path is not null) File.CreateSymbolicLink(folder["bin", name], path);
        return path is not null;
    }

    private void AddProgram(string name, string script)
    {
        string path = folder["bin", name];
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string[] Kernels(string pattern) =>
        Directory.GetFiles(Path.GetDirectoryName(Repository.At("kernels", pattern))!, Path.GetFileName(pattern));
}
