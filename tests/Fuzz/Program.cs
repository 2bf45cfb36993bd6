using System.Globalization;
using CudnnResNet.Fuzz;
using CudnnResNet.Model;

// Instrumented code needs its memory from the first statement on.
CoverageMemory.ForgetPlace();
try
{
    var options = FuzzOptions.Parse(args);
    var campaign = new Campaign(options);
    if (options.FuzzHere) return campaign.FuzzHere();
    if (options.ReplayHere) return campaign.ReplayHere();
    Console.WriteLine(ResultTable.Head);
    int findings = campaign.Run(result => Console.WriteLine(ResultTable.Row(result)));
    Console.WriteLine(findings == 0 ? "nothing found" : string.Create(CultureInfo.InvariantCulture, $"{findings} findings in {options.Corpus}/TARGET/findings: a file each, and beside it what it shows"));
    return findings == 0 ? ExitCode.NothingFound : ExitCode.Findings;
}
catch (InvalidSettingException error)
{
    Console.Error.WriteLine($"error: {error.Message}");
    return ExitCode.Usage;
}
