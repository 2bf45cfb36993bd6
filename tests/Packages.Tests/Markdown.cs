using System.Text.RegularExpressions;

namespace CudnnResNet.Packages.Tests;

/// <summary>The C# in the pages.</summary>
internal static partial class Markdown
{
    /// <summary>The blocks of a page that are C#, in order.</summary>
    public static IReadOnlyList<string> CSharp(string path) => [.. Block().Matches(File.ReadAllText(path)).Select(match => match.Groups["code"].Value)];

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
