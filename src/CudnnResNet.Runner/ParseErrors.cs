using System.CommandLine;
using System.CommandLine.Parsing;

namespace CudnnResNet.Runner;

/// <summary>What the parser found wrong, in this program's words.</summary>
internal static class ParseErrors
{
    public static string Explain(ParseResult result)
    {
        var command = result.CommandResult.Command;
        var subcommands = command.Subcommands.Select(sub => sub.Name).ToList();
        if (result.UnmatchedTokens.Count > 0 && subcommands.Count > 0)
            return $"unknown command '{command.Name} {result.UnmatchedTokens[0]}'{NearestName.Hint(result.UnmatchedTokens[0], subcommands)}";
        if (result.UnmatchedTokens.Count > 0)
            return $"unexpected argument '{result.UnmatchedTokens[0]}'; options begin with --, and {command.Name} --help lists them";
        foreach (var option in result.CommandResult.Children.OfType<OptionResult>())
        {
            string hint = option.Option.HelpName is { } value ? $" ({value})" : "";
            if (option.IdentifierTokenCount > 1) return $"option {option.Option.Name} is given {option.IdentifierTokenCount} times";
            if (option.Tokens.Count < option.Option.Arity.MinimumNumberOfValues) return $"option {option.Option.Name} needs a value{hint}";
            if (option.Tokens.Count > option.Option.Arity.MaximumNumberOfValues) return $"option {option.Option.Name} takes no value";
        }
        foreach (var argument in command.Arguments)
        {
            if ((result.GetResult(argument)?.Tokens.Count ?? 0) < argument.Arity.MinimumNumberOfValues) return $"{command.Name} needs {argument.Name}; {command.Name} --help lists what it takes";
        }
        if (subcommands.Count > 0) return $"{command.Name} needs one of: {string.Join(", ", subcommands)}";
        return result.Errors.Count > 0 ? result.Errors[0].Message : $"{command.Name} cannot be run";
    }
}
