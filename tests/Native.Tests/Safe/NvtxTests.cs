using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
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
        var nvtx = new FreshNvtx();
        Assert.AreEqual($"the profiler {library}", nvtx.Get("Description"));
        Assert.AreEqual(true, nvtx.Get("IsActive"));
        nvtx.Call("Push", "layer1.0.conv1 → forward");
        nvtx.Call("Mark", "here");
        nvtx.Call("Pop");
        using ((IDisposable)nvtx.Call("Range", "cudnnConvolutionForward")!) nvtx.Call("Push", "step →", 12_345_678_901L);
        string longest = new('→', 100);
        nvtx.Call("Push", longest, long.MinValue);
        Assert.Contains("101 letters is longer than 100", Assert.ThrowsExactly<ArgumentException>(() => nvtx.Call("Push", longest + "x", 1L)).Message);
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

    /// <summary>
    /// Nvtx looks for a profiler once in a process, and tests before this one may have made it look. This is a copy of its own, which has
    /// not looked yet.
    /// </summary>
    private sealed class FreshNvtx
    {
        private readonly Type type = new AssemblyLoadContext("fresh").LoadFromAssemblyPath(typeof(Nvtx).Assembly.Location).GetType(typeof(Nvtx).FullName!, throwOnError: true)!;

        public object? Get(string property) => type.GetProperty(property)!.GetValue(null);

        public object? Call(string method, params object[] arguments) =>
            type.GetMethod(method, [.. arguments.Select(argument => argument.GetType())])!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }
}
