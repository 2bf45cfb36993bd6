using CudnnResNet.Training;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace CudnnResNet.Packages.Tests;

/// <summary>Every block of C# in the pages for embedders is a program that compiles.</summary>
[TestClass]
public sealed class PageTests
{
    // What <ImplicitUsings> gives a new project.
    private const string ImplicitUsings = "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    public static IEnumerable<object[]> Programs =>
        from page in new[] { "docs/embedding.md", "README.md", "src/CudnnResNet.Native/README.md", "src/CudnnResNet.Model/README.md", "src/CudnnResNet.Training/README.md" }
        from number in Enumerable.Range(0, Markdown.CSharp(Repository.At(page)).Count)
        select new object[] { page, number };

    [TestMethod]
    [DynamicData(nameof(Programs))]
    public void The_code_compiles_without_a_warning(string page, int number)
    {
        string[] problems = Problems(Markdown.CSharp(Repository.At(page))[number]);
        Assert.IsEmpty(problems, string.Join('\n', problems));
    }

    [TestMethod]
    public void Code_that_is_wrong_does_not() => Assert.IsNotEmpty(Problems("using CudnnResNet.Training;\nnew Trainer();\n"));

    private static string[] Problems(string code)
    {
        string[] assemblies = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create("page",
            [CSharpSyntaxTree.ParseText(ImplicitUsings), CSharpSyntaxTree.ParseText(code)],
            assemblies.Append(typeof(Trainer).Assembly.Location).Distinct().Select(path => MetadataReference.CreateFromFile(path)),
            new(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        return [.. compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning).Select(diagnostic => diagnostic.ToString())];
    }
}
