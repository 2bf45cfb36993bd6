using CudnnResNet.GpuCheck;
using CudnnResNet.Model;

try
{
    var options = CheckOptions.Parse(args);
    return options.Mode switch
    {
        CheckMode.Stage => StageProcess.RunHere(options),
        CheckMode.Steps => TrainingSteps.RunHere(options),
        _ => new CheckRun(options).Run(),
    };
}
catch (InvalidSettingException error)
{
    Console.Error.WriteLine($"error: {error.Message}");
    return ExitCode.Usage;
}
