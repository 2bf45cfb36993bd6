using System.Reflection;
using CudnnResNet.Native.Sys;

namespace CudnnResNet.Native.Tests.Abi;

/// <summary>Every raw declaration of the engine says what the headers say.</summary>
[TestClass]
public sealed class DeclarationTests
{
    private static readonly AbiFacts Facts = AbiFacts.Read();
    private static readonly AbiChecker Checker = new(Facts);

    // Every type of the raw level, whatever its name: a new one cannot be forgotten here.
    private static readonly Type[] Raw =
        [.. typeof(Driver).Assembly.GetTypes().Where(type => type.Namespace == typeof(Driver).Namespace && type is { IsNested: false, Name: [not '<', ..] })];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Functions_are_those_of_the_headers()
    {
        Declaration[] declarations = [.. Raw.SelectMany(Declaration.ImportsOf)];
        Compare("functions", declarations, Checker.Function);
        CollectionAssert.AreEquivalent(
            new[] { "libcuda", "libcudnn", "libcublas", "libnvToolsExt" }, declarations.Select(declaration => declaration.Library).Distinct().ToArray());
        CollectionAssert.AllItemsAreUnique(declarations.Select(declaration => declaration.EntryPoint).ToArray());
    }

    [TestMethod]
    public void Enums_are_those_of_the_headers() => Compare("enums", [.. Raw.Where(type => type.IsEnum)], Checker.Enum);

    [TestMethod]
    public void Structs_are_those_of_the_headers() => Compare("structs", [.. Raw.Where(type => type is { IsValueType: true, IsEnum: false })], Checker.Struct);

    [TestMethod]
    public void The_README_counts_them_right()
    {
        int functions = Raw.SelectMany(Declaration.ImportsOf).Count(), enums = Raw.Count(type => type.IsEnum), structs = Raw.Count(type => type is { IsValueType: true, IsEnum: false });
        Assert.Contains($"all its {functions} functions, {enums} enums and {structs} structs", File.ReadAllText(Repository.At("README.md")));
    }

    [TestMethod]
    public void Nothing_raw_escapes_the_assembly()
    {
        string[] escaped = [.. Raw.Where(type => type.IsVisible).Select(type => type.Name)];
        Assert.IsEmpty(escaped, string.Join(", ", escaped));
    }

    [TestMethod]
    public void No_import_hides_outside_the_raw_level()
    {
        Type[] others = [.. typeof(Driver).Assembly.GetTypes().Except(Raw)];
        Assert.IsEmpty(others.SelectMany(Declaration.ImportsOf).Select(declaration => declaration.EntryPoint).ToArray());
    }

    private void Compare<T>(string what, T[] declarations, Func<T, IEnumerable<string>> check)
    {
        string[] findings = [.. declarations.SelectMany(check)];
        Assert.IsEmpty(findings, string.Join(Environment.NewLine, findings));
        Assert.IsNotEmpty(declarations);
        TestContext.WriteLine($"{declarations.Length} {what} compared with the headers' facts, no difference");
    }
}
