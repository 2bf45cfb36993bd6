using System.Globalization;
using System.Text.RegularExpressions;
using CudnnResNet.Model;

namespace CudnnResNet.Runner.Reporting;

/// <summary>The network that a CSV file's name begins with: <c>plainnet20</c>, <c>resnet56</c>, <c>plain-32-seed2</c>.</summary>
internal static partial class NetworkFileName
{
    /// <summary>Reads a name without its folder and ending; null where it names no network.</summary>
    public static (Architecture Architecture, int Depth)? Read(string name) => Form().Match(name) is { Success: true } match
        ? (match.Groups[1].Value.StartsWith('p') ? Architecture.Plain : Architecture.ResNet, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))
        : null;

    [GeneratedRegex(@"^(plain(?:net)?|resnet)-?(\d{1,4})(?!\d)", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
