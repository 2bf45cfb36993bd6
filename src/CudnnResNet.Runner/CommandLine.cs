using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using CudnnResNet.Model;
using CudnnResNet.Runner.Commands;
using CudnnResNet.Runner.Settings;

namespace CudnnResNet.Runner;

/// <summary>From the words typed to a command, and from any error to one line and the documented exit code.</summary>
internal static class CommandLine
{
    private const string DefaultCommand = "train";

    /// <summary>Runs what was typed.</summary>
    public static int Run(string[] args) => Run(args, Commands, DefaultCommand);

    /// <summary>The same for a program with other commands.</summary>
    /// <param name="args">What was typed.</param>
    /// <param name="commands">Makes the commands.</param>
    /// <param name="defaultCommand">What no command means.</param>
    public static int Run(string[] args, Func<RootCommand> commands, string defaultCommand)
    {
        try
        {
            var root = commands();
            string[] words = WithCommand(root, args, defaultCommand);
            if (!AsksForHelp(words)) OptionNames.Check(root, words);
            // No response files: a value may begin with @.
            var result = root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (!AsksForHelp(words) && (result.Errors.Count > 0 || result.Action is null))
                throw new InvalidSettingException(ParseErrors.Explain(result));
            // Signals are this program's business: the library would end a save after 2 seconds.
            return result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception error)
        {
            return ErrorReport.Write(error, args);
        }
    }

    private static RootCommand Commands()
    {
        var root = new RootCommand("Trains the CIFAR-10 plain and residual networks of He et al. 2015 (section 4.2). No command means train.") { HelpName = "dotnet run --project Runner --" };
        root.Add(new TrainCommand());
        root.Add(new ReproduceCommand());
        root.Add(new EvalCommand());
        root.Add(new PredictCommand());
        root.Add(new CompareCommand());
        root.Add(new ImportCommand());
        root.Add(new ExportCommand());
        root.Add(new SummaryCommand());
        root.Add(new ReportCommand());
        root.Add(new DataCommand());
        root.Add(new BenchCommand());
        root.Add(new DoctorCommand());
        root.Options.OfType<HelpOption>().Single().Action = new HelpWithExamples();
        return root;
    }

    private static string[] WithCommand(RootCommand root, string[] args, string defaultCommand)
    {
        string? first = args.FirstOrDefault();
        if (first is not null && !first.StartsWith('-'))
        {
            if (root.Subcommands.Any(command => command.Name == first)) return args;
            throw new InvalidSettingException($"unknown command '{first}'{NearestName.Hint(first, root.Subcommands.Select(command => command.Name))}");
        }
        return args is ["--version"] || (args.Length == 1 && AsksForHelp(args)) ? args : [defaultCommand, .. args];
    }

    private static bool AsksForHelp(string[] words) => words.Any(word => word is "--help" or "-h" or "-?" or "/?");
}
