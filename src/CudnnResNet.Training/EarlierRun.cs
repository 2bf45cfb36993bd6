using CudnnResNet.Model;

namespace CudnnResNet.Training;

/// <summary>A run that was started before with the same options.</summary>
/// <param name="Folder">Full path.</param>
/// <param name="StepsDone">Steps its newest checkpoint has.</param>
/// <param name="ElapsedSeconds">Time they took, evaluations included.</param>
internal sealed record EarlierRun(string Folder, long StepsDone, double ElapsedSeconds)
{
    /// <summary>Looks through the folders of an output folder for the run that has come furthest, whatever its name.</summary>
    /// <param name="output">Where run folders are; need not exist.</param>
    /// <param name="options">
    /// Effective ones (<see cref="TrainingPlan.Effective"/>), with the data set that was found. What does not change the result may differ.
    /// </param>
    /// <param name="emulated">Whether a run on an emulator is looked for; one on hardware is not the same.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="WeightsException">There is one, and its checkpoints are damaged.</exception>
    public static EarlierRun? Find(string output, TrainOptions options, bool emulated) => !Directory.Exists(output) ? null :
        Directory.GetDirectories(output).Order(StringComparer.Ordinal)
            .Where(folder => Path.GetFileName(folder).Contains(RunFolder.EmulatedMark, StringComparison.Ordinal) == emulated && IsOf(folder, options))
            .Select(Read).OfType<EarlierRun>()
            .MaxBy(run => run.StepsDone);

    private static bool IsOf(string folder, TrainOptions options)
    {
        try
        {
            return RunFolder.ReadOptions(folder).ResultDifferences(options).Count == 0;
        }
        catch (RunFolderException)
        {
            return false;
        }
    }

    private static EarlierRun? Read(string folder)
    {
        string path = Path.Combine(folder, RunFolder.CheckpointName);
        // A process that was killed before it saved anything has left nothing to go on from.
        if (!File.Exists(path) && !File.Exists(Checkpoint.PreviousPath(path))) return null;
        var checkpoint = Checkpoint.LoadNewest(path, out _);
        return new(Path.GetFullPath(folder), checkpoint.Step, checkpoint.ElapsedSeconds);
    }
}
