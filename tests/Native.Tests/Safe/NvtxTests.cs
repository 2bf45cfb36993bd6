using System.Runtime.InteropServices;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Native.Tests.Safe;

/// <summary>Ranges reach a profiler that announces itself as Nsight does.</summary>
[TestClass]
public sealed class NvtxTests
{
    [TestMethod]
    public void Ranges_go_to_the_profiler_that_the_environment_names()
    {
        using var folder = new TemporaryFolder();
        string library = Build(folder, "ACCEPTS");
        Environment.SetEnvironmentVariable(NvtxInjection.Variable, library);
        Assert.AreEqual($"the profiler {library}", Nvtx.Description);
        Assert.IsTrue(Nvtx.IsActive);
        Nvtx.Push("layer1.0.conv1 → forward");
        Nvtx.Mark("here");
        Nvtx.Pop();
        using (Nvtx.Range("cudnnConvolutionForward")) Nvtx.Push("step →", 12_345_678_901);
        string longest = new('→', 100);
        Nvtx.Push(longest, long.MinValue);
        Assert.Contains("101 letters is longer than 100", Assert.ThrowsExactly<ArgumentException>(() => Nvtx.Push(longest + "x", 1)).Message);
        Assert.AreEqual(
            $"version 3\npush layer1.0.conv1 → forward\nmark here\npop\npush cudnnConvolutionForward\npush step → 12345678901\npop\npush {longest} {long.MinValue}\n", Calls(library));
    }

    [TestMethod]
    public void What_a_profiler_set_before_it_refused_is_not_called()
    {
        using var folder = new TemporaryFolder();
        string library = Build(folder, "REFUSES");
        Assert.IsFalse(NvtxInjection.TryAttach(library, out string? problem));
        Assert.AreEqual($"{library} refused", problem);
        NvtxInjection.Push("nobody");
        NvtxInjection.Pop();
        NvtxInjection.Mark("nobody");
        Assert.AreEqual("version 3\n", Calls(library));
    }

    [TestMethod]
    public void A_library_that_is_none_is_no_error()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["text"], "not a library");
        Assert.IsFalse(NvtxInjection.TryAttach(folder["text"], out string? problem));
        Assert.Contains("cannot be loaded", problem!);
    }

    private static string Build(TemporaryFolder folder, string macro)
    {
        string library = folder["injection.so"];
        CCompiler.Build(Path.Combine(AppContext.BaseDirectory, "Safe", "injection.c"), library, macro);
        return library;
    }

    private static unsafe string Calls(string library)
    {
        nint calls = NativeLibrary.GetExport(NativeLibrary.Load(library), "injection_calls");
        return Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)calls)())!;
    }
}
