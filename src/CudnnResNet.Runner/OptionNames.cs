using System.CommandLine;
using CudnnResNet.Model;

namespace CudnnResNet.Runner;

/// <summary>
/// Refuses names that a command does not have before the parser sees them: the parser would take a mistyped name for the value of the
/// option before it (<c>--resume --epochz 5</c>).
/// </summary>
internal static class OptionNames
{
    /// <summary>Checks every word that looks like an option.</summary>
    /// <exception cref="InvalidSettingException">The command has no option of that name; the message holds the nearest.</exception>
    public static void Check(RootCommand root, IReadOnlyList<string> words)
    {
        Command command = root;
        foreach (string word in words)
        {
            if (command.Subcommands.FirstOrDefault(sub => sub.Name == word) is { } sub) command = sub;
            else break;
        }
        var names = command.Options.SelectMany(option => option.Aliases.Prepend(option.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (string word in words)
        {
            string name = word.Split('=', ':')[0];
            if (!LooksLikeOption(name) || names.Contains(name)) continue;
            // -b128 and -j8: a value that follows a one-letter name at once.
            if (name[1] != '-' && names.Contains(name[..2])) continue;
            throw new InvalidSettingException($"unknown option {name}{NearestName.Hint(name, names.Where(known => known.StartsWith("--", StringComparison.Ordinal)))}");
        }
    }

    /// <summary>Whether a word is an option's name; -5 is a number.</summary>
    private static bool LooksLikeOption(string word) => word.Length >= 2 && word[0] == '-' && (word[1] == '-' ? word.Length > 2 : char.IsAsciiLetter(word[1]));
}
