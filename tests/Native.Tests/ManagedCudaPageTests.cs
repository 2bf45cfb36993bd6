using System.Reflection;
using System.Text.RegularExpressions;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Native.Tests;

/// <summary>docs/managedcuda.md sends nobody to a member that is not there.</summary>
[TestClass]
public sealed partial class ManagedCudaPageTests
{
    // Names that the page's examples take from their reader's program or from .NET.
    private static readonly string[] OfOthers = ["float", "byte", "using", "new", "true"];

    [TestMethod]
    public void Every_type_and_member_that_it_names_is_public()
    {
        Type[] types = typeof(CudaDriver).Assembly.GetExportedTypes();
        HashSet<string> members = [.. types.SelectMany(type => type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)).Select(member => member.Name)];
        string[] named = [.. Ours().SelectMany(code => PascalCase().Matches(code).Select(match => match.Value)).Except(OfOthers).Distinct()];
        Assert.IsGreaterThan(40, named.Length, string.Join(" ", named));
        string[] unknown = [.. named.Where(name => !members.Contains(name) && !types.Any(type => type.Name.Split('`')[0] == name))];
        Assert.IsEmpty(unknown, $"not in CudnnResNet.Native: {string.Join(", ", unknown)}");
    }

    // Whoever comes from ManagedCuda finds only what has a line on the page.
    [TestMethod]
    public void Every_type_that_owns_something_is_on_it()
    {
        string text = string.Join(" ", Ours());
        string[] forgotten = [.. typeof(CudaDriver).Assembly.GetExportedTypes().Where(type => type is { IsAbstract: false } && type.IsAssignableTo(typeof(CudaObject)))
            .Select(type => type.Name).Where(name => !Regex.IsMatch(text, $@"\b{name}\b"))];
        Assert.IsEmpty(forgotten, string.Join(", ", forgotten));
    }

    // The second column of the table: what stands between backticks in it.
    private static IEnumerable<string> Ours() =>
        File.ReadLines(Repository.At("docs", "managedcuda.md")).Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
        .SelectMany(line => Code().Matches(line.Split(" | ")[1]).Select(match => match.Groups[1].Value));

    [GeneratedRegex("`([^`]*)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"(?<![""\w])[A-Z]\w*")]
    private static partial Regex PascalCase();
}
