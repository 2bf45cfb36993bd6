using System.Runtime.InteropServices;
using CudnnResNet.Native.Tests.Abi;
using CudnnResNet.VirtualGpu.Driver;
using CudnnResNet.VirtualGpu.Exports;

namespace CudnnResNet.VirtualGpu.Tests.Driver;

/// <summary>Every function that the emulator exports says what the headers say, and every one that the engine declares is there.</summary>
[TestClass]
public sealed class ExportTests
{
    private static readonly AbiFacts Facts = AbiFacts.Read();

    private static readonly Declaration[] Exports =
        [.. typeof(Call).Assembly.GetTypes().SelectMany(Declaration.ExportsOf).Where(export => !export.EntryPoint.StartsWith("cudnnresnet_", StringComparison.Ordinal))];


    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Exports_are_those_of_the_headers()
    {
        var checker = new AbiChecker(Facts);
        string[] findings = [.. Exports.SelectMany(checker.Function)];
        Assert.IsEmpty(findings, string.Join(Environment.NewLine, findings));
        Assert.IsNotEmpty(Exports);
        TestContext.WriteLine($"{Exports.Length} exports compared with the headers' facts, no difference");
    }

    [TestMethod]
    public void Enums_have_the_numbers_of_the_headers()
    {
        var checker = new AbiChecker(Facts);
        // Enums of C keep their names; what is the emulator's own is named as C# names it.
        Type[] enums = [.. typeof(Call).Assembly.GetTypes().Where(type => type.IsEnum && (type.Name.EndsWith("_t", StringComparison.Ordinal) || type.Name == nameof(CUresult)))];
        string[] findings = [.. enums.SelectMany(checker.Enum)];
        Assert.HasCount(16, enums);
        Assert.IsEmpty(findings, string.Join(Environment.NewLine, findings));
    }

    [TestMethod]
    public void What_the_engine_declares_is_exported_and_nothing_else()
    {
        string[] declared = [.. new[] { typeof(Native.Sys.Driver), typeof(Native.Sys.Cudnn), typeof(Native.Sys.Cublas) }.SelectMany(Declaration.ImportsOf).Select(import => import.EntryPoint)];
        CollectionAssert.AreEquivalent(declared, Exports.Select(export => export.EntryPoint).ToArray());
    }

    [TestMethod]
    public void The_library_has_them_under_all_its_names()
    {
        nint library = NativeLibrary.Load(Path.Combine(Emulator.Folder, "libcuda.so.1"));
        // One library with three names: one memory for the three.
        foreach (string name in new[] { "libcudnn.so.9", "libcublas.so.12" }) Assert.AreEqual(library, NativeLibrary.Load(Path.Combine(Emulator.Folder, name)));
        foreach (Declaration export in Exports) Assert.IsTrue(NativeLibrary.TryGetExport(library, export.EntryPoint, out _), export.EntryPoint);
    }
}
