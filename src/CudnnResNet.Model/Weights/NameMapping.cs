using System.Globalization;
using System.Text.RegularExpressions;

namespace CudnnResNet.Model;

/// <summary>Whose names a weights file uses.</summary>
public enum NamingScheme
{
    /// <summary>This engine's: <c>conv1</c>, <c>bn1</c>, <c>layer1.0.conv1</c>, <c>fc</c>.</summary>
    Own,

    /// <summary>The reference PyTorch project's: <c>convIn</c>, <c>bnIn</c>, <c>stack1.N</c>, <c>stack2a</c>, <c>stack2b.N</c>, <c>fcOut</c>.</summary>
    ReferenceProject,

    /// <summary>The common one of other PyTorch implementations: as this engine's, but <c>linear</c> for <c>fc</c>.</summary>
    Common,
}

/// <summary>The names of a weights file and what they are called here.</summary>
/// <param name="Scheme">Whose names they are.</param>
/// <param name="Theirs">From a name here to the name in the file.</param>
/// <param name="Unknown">Names in the file that the scheme does not have.</param>
internal sealed partial record NameMapping(NamingScheme Scheme, IReadOnlyDictionary<string, string> Theirs, IReadOnlyList<string> Unknown)
{
    // No scheme has a name half as long; what is longer is not looked at.
    private const int LongestName = 64;

    // torch.nn.DataParallel puts this before every name.
    private const string Module = "module.";

    /// <summary>Recognises the scheme and maps the names; <c>num_batches_tracked</c> is left out.</summary>
    /// <exception cref="WeightsException">Two names mean the same tensor.</exception>
    public static NameMapping Of(IEnumerable<string> names)
    {
        var wanted = names.Where(name => !SafeTensorsHeader.IsCounter(name)).ToList();
        var scheme = SchemeOf(wanted.ConvertAll(Bare));
        var theirs = new Dictionary<string, string>(StringComparer.Ordinal);
        var unknown = new List<string>();
        foreach (string name in wanted)
        {
            string? ours = scheme == NamingScheme.ReferenceProject ? FromReferenceProject(Bare(name)) : FromCommon(Bare(name), scheme);
            if (ours == null) unknown.Add(name);
            else if (!theirs.TryAdd(ours, name)) throw new WeightsException($"{PrintableText.Quoted(theirs[ours])} and {PrintableText.Quoted(name)} are both {ours}");
        }
        return new(scheme, theirs, unknown);
    }

    /// <summary>What a scheme calls one of our names; the inverse of what <see cref="Of"/> does, without a prefix.</summary>
    public static string NameIn(NamingScheme scheme, string ours)
    {
        var parts = ours.Split('.', 3);
        return scheme switch
        {
            NamingScheme.Own => ours,
            NamingScheme.Common => parts[0] == "fc" ? $"linear.{parts[1]}" : ours,
            _ => parts[0] switch
            {
                "conv1" => $"convIn.{parts[1]}",
                "bn1" => $"bnIn.{parts[1]}",
                "fc" => $"fcOut.{parts[1]}",
                "layer1" => $"stack1.{parts[1]}.{parts[2]}",
                var stage when parts[1] == "0" => $"stack{stage[^1]}a.{parts[2]}",
                var stage => $"stack{stage[^1]}b.{int.Parse(parts[1], CultureInfo.InvariantCulture) - 1}.{parts[2]}",
            },
        };
    }

    /// <summary>The depth of the network that has these names (ours), from its largest block number; null where there is no block.</summary>
    public static int? DepthOf(IEnumerable<string> names)
    {
        int blocks = names.Where(name => name.Length <= LongestName).Select(name => Tensor().Match(name)).Where(match => match.Groups["block"].Success)
            .Select(match => int.Parse(match.Groups["block"].ValueSpan) + 1).DefaultIfEmpty(0).Max();
        return blocks == 0 ? null : 6 * blocks + 2;
    }

    private static string Bare(string name) => name.StartsWith(Module, StringComparison.Ordinal) ? name[Module.Length..] : name;

    private static NamingScheme SchemeOf(List<string> names)
    {
        if (names.Exists(name => FromReferenceProject(name) != null)) return NamingScheme.ReferenceProject;
        return names.Exists(name => name.StartsWith("linear.", StringComparison.Ordinal)) ? NamingScheme.Common : NamingScheme.Own;
    }

    private static string? FromCommon(string name, NamingScheme scheme)
    {
        if (name.Length > LongestName) return null;
        if (scheme == NamingScheme.Common)
        {
            if (name.StartsWith("fc.", StringComparison.Ordinal)) return null;
            if (name.StartsWith("linear.", StringComparison.Ordinal)) name = "fc." + name["linear.".Length..];
        }
        return Tensor().IsMatch(name) ? name : null;
    }

    // The first block of its stages 2 and 3 stands alone (stack2a), the others follow (stack2b.0 is our layer2.1).
    private static string? FromReferenceProject(string name)
    {
        if (name.Length > LongestName || ReferenceTensor().Match(name) is not { Success: true } match) return null;
        string? ours = (match.Groups["top"].Value, match.Groups["part"].Value) switch
        {
            ("convIn", _) => "conv1",
            ("bnIn", _) => "bn1",
            ("fcOut", _) => "fc",
            (_, "a") => $"layer{match.Groups["stage"].Value}.0",
            (_, "b") => $"layer{match.Groups["stage"].Value}.{int.Parse(match.Groups["block"].ValueSpan) + 1}",
            _ => $"layer1.{match.Groups["block"].Value}",
        } + match.Groups["rest"].Value;
        return Tensor().IsMatch(ours) ? ours : null;
    }

    // Block numbers without leading zeros, up to the 199 of depth 1202, so that a name cannot ask for an absurd depth.
    [GeneratedRegex(@"^(?:conv1\.weight|fc\.(?:weight|bias)|bn1\.(?:weight|bias|running_mean|running_var)|layer[123]\.(?<block>0|1[0-9]{0,2}|[2-9][0-9]?)\.(?:conv[12]\.weight|bn[12]\.(?:weight|bias|running_mean|running_var)))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Tensor();

    [GeneratedRegex(@"^(?:(?<top>convIn|bnIn|fcOut)|stack1\.(?<block>0|1[0-9]{0,2}|[2-9][0-9]?)|stack(?<stage>[23])(?:(?<part>a)|(?<part>b)\.(?<block>0|1[0-9]{0,2}|[2-9][0-9]?)))(?<rest>\..+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex ReferenceTensor();
}
