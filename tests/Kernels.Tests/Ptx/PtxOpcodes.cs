using System.Text.RegularExpressions;

namespace CudnnResNet.Kernels.Tests.Ptx;

/// <summary>The instructions of a PTX text.</summary>
internal static partial class PtxOpcodes
{
    /// <summary>Every distinct spelling, with its types and modifiers: <c>ld.global.nc.v4.f32</c>.</summary>
    public static SortedSet<string> Of(string ptx) => new(Instruction().Matches(ptx).Select(match => match.Groups[1].Value), StringComparer.Ordinal);

    // An instruction may be guarded by a predicate, and ends with its first operand or at once. Directives begin with a dot, labels with a
    // dollar sign; the parameters of a function have no semicolon.
    [GeneratedRegex(@"^\s*(?:@!?%\w+\s+)?([a-z]\w*(?:\.\w+)*)\b[^;\n]*;", RegexOptions.Multiline)]
    private static partial Regex Instruction();
}
