using System.Globalization;
using CudnnResNet.Fuzz;
using CudnnResNet.Model;

// Instrumented code needs its memory from the first statement on.
CoverageMemory.ForgetPlace();
if (args is ["--help" or "-h"])
{
    Console.WriteLine(FuzzOptions.Usage);
    return ExitCode.NothingFound;
}
try
{
    var options = FuzzOptions.Parse(args);
    if (options.FuzzHere) return Worker.Fuzz(options);
    if (options.ReplayHere) return Worker.Replay(options);
    using var campaign = new Campaign();
    Console.WriteLine(ResultTable.Head);
    int findings = campaign.Run(options, result => Console.WriteLine(ResultTable.Row(result)));
    Console.WriteLine(findings == 0 ? "nothing found" : string.Create(CultureInfo.InvariantCulture, $"found: {findings}; the files, and beside each what it shows, are in {options.Corpus}/TARGET/findings"));
    return findings == 0 ? ExitCode.NothingFound : ExitCode.Findings;
}
catch (InvalidSettingException error)
{
    Console.Error.WriteLine($"error: {error.Message}\n\n{FuzzOptions.Usage}");
    return ExitCode.Usage;
}
