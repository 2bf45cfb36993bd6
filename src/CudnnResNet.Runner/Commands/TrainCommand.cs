using CudnnResNet.Model;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Settings;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Commands;

/// <summary>Trains a network, or goes on with a run.</summary>
internal sealed class TrainCommand() : RunnerCommand("train", "Train a network (the default command)",
    """
    --depth 32
    train --model plain20 --recipe paper --seed 2
    train --dataset synthetic --epochs 1
    train --resume
    train --resume runs/NAME --threads 4
    train --trace timeline.json
    """,
    TrainSettings.All)
{
    protected override int Run(SettingReader settings, Report report) => TraceFile.Run(settings, report, trace => Train(settings, report, trace));

    private static int Train(SettingReader settings, Report report, TraceRecorder? trace)
    {
        using var folder = settings.Given(TrainSettings.Resume) ? FindRun(settings) : null;
        TrainOptions options;
        if (folder is null)
        {
            options = TrainSettings.Read(settings);
            options.Check();
        }
        else
        {
            options = TrainSettings.ReadForResume(settings, ReadOptions(folder));
            options.Check();
        }
        // On a terminal a line that is redrawn every few seconds looks stuck; what is computed does not depend on it.
        if (Terminal.IsInteractive && !settings.Given(TrainSettings.LogInterval)) options = options with { LogInterval = 10 };
        options = options with { Trace = trace, CudaProfilerRange = CommonSettings.CapturedSteps(settings) };

        DeviceLine.Write(options.ToDevice() with { Autotune = options.Autotune && folder is null }, report, options.CudaProfilerRange);
        var data = DataSource.Load(options.Dataset, options.Data, options.Offline, report);
        using var trainer = folder is null ? Trainer.Start(options, data) : Trainer.Resume(folder, options, data);
        return TrainingRun.Show(trainer, options, data, report);
    }

    private static TrainOptions ReadOptions(RunFolder folder)
    {
        try
        {
            return folder.ReadOptions();
        }
        catch (RunFolderException error)
        {
            // Whatever else RunFolderException stands for, here a file that a run goes on from is damaged.
            throw new WeightsException(error.Message, error);
        }
    }

    /// <summary>The run that <c>--resume</c> means: a folder, a name below <c>--output</c>, or without a value the newest that can go on.</summary>
    private static RunFolder FindRun(SettingReader settings)
    {
        string output = settings.Get(TrainSettings.Output, new TrainOptions().Output);
        if (settings.Text(TrainSettings.Resume) is not { } named)
            return RunFolder.Open(RunFolder.Latest(output) ?? throw new InvalidSettingException($"--resume: no run in {output} has a checkpoint; name one, or start a new run without --resume"));
        string below = Path.Combine(output, named);
        if (!Path.Exists(named) && !Path.Exists(below))
            throw new InvalidSettingException($"--resume {named}: there is neither a folder {named} nor {below}{NearestName.Hint(named, Directory.Exists(output) ? Directory.GetDirectories(output).Select(path => Path.GetFileName(path)) : [])}");
        return RunFolder.Open(Path.Exists(named) ? named : below);
    }
}
