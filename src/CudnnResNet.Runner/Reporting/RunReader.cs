using CudnnResNet.Model;
using CudnnResNet.Training;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner.Reporting;

/// <summary>Finds runs: in a run folder, in a folder of run folders, or in a CSV file of the reference project's form.</summary>
internal static class RunReader
{
    private const string Summary = RunFolder.SummaryName, Args = RunFolder.ArgsName;

    // results/<recipe>/<run>, and no search of a whole disk where / was given.
    private static readonly EnumerationOptions Search = new() { RecurseSubdirectories = true, MaxRecursionDepth = 3 };

    /// <summary>Reads every run that the paths name, each once, in the order of the paths and of names below them.</summary>
    /// <exception cref="RunFileException">A path does not exist or holds no run, or a file is damaged.</exception>
    public static IReadOnlyList<ReportRun> Read(IEnumerable<string> paths)
    {
        var runs = paths.SelectMany(Find).DistinctBy(Path.GetFullPath).Select(path => Directory.Exists(path) ? ReadFolder(path) : ReadCsv(path));
        return [.. runs];
    }

    /// <summary>Reads a run folder; a run that goes on at the same time is not disturbed.</summary>
    /// <exception cref="RunFileException">A file is missing or damaged.</exception>
    public static ReportRun ReadFolder(string folder)
    {
        var options = ReadOptions(folder);
        if (options.Dataset != "auto" && !DataSet.IsBuiltIn(options.Dataset))
            throw new RunFileException($"{folder} is a run on the data set '{options.Dataset}' of an app's own; the report's figures are CIFAR-10's");
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        var summary = SummaryCsv.Read(Path.Combine(folder, Summary));
        bool synthetic = options.Dataset == Synthetic.Name || name.Contains(RunFolder.SyntheticMark, StringComparison.Ordinal);
        int trainImages = (synthetic ? Synthetic.DefaultTrainCount : Cifar10.TrainFiles.Length * Cifar10.RecordsPerFile) - options.Validation;
        try
        {
            var plan = TrainingPlan.Create(options, trainImages, synthetic);
            return new()
            {
                Name = name,
                Source = folder,
                Origin = RunOrigin.RunFolder,
                Architecture = options.Arch,
                Depth = options.Depth,
                Shortcut = options.Shortcut,
                Recipe = RunRecipe.Of(options, trainImages, synthetic),
                Seed = options.Seed,
                Epochs = summary.Epochs,
                PlannedEpochs = plan.Epochs,
                StepsPerEpoch = plan.StepsPerEpoch,
                PlannedSteps = plan.TotalSteps,
                IsSynthetic = synthetic,
                IsEmulated = summary.LacksSpeed || name.Contains(RunFolder.EmulatedMark, StringComparison.Ordinal),
                HasValidation = summary.HasValidation,
            };
        }
        catch (InvalidSettingException error)
        {
            throw new RunFileException($"{Path.Combine(folder, Args)}: {error.Message}", error);
        }
    }

    /// <summary>Reads a CSV file by itself; its name says which network it is.</summary>
    /// <exception cref="RunFileException">The file is damaged, or its name is of no network.</exception>
    public static ReportRun ReadCsv(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        var (architecture, depth) = NetworkOf(path, name);
        var summary = SummaryCsv.Read(path);
        if (summary.Epochs.Count == 0) throw RunFileException.At(path, 1, "no epoch follows the header");
        bool reference = ReferenceResults.AreOf(architecture, depth, summary.Epochs);
        return new()
        {
            Name = name,
            Source = path,
            Origin = reference ? RunOrigin.ReferenceProject : RunOrigin.CsvFile,
            Architecture = architecture,
            Depth = depth,
            Recipe = reference ? RunRecipe.Paper : RunRecipe.Unknown,
            Epochs = summary.Epochs,
            PlannedEpochs = summary.Epochs.Count,
            PlannedSteps = summary.Epochs.Count * (long)ReportRun.CifarStepsPerEpoch,
            IsSynthetic = name.Contains(RunFolder.SyntheticMark, StringComparison.Ordinal),
            IsEmulated = summary.LacksSpeed || name.Contains(RunFolder.EmulatedMark, StringComparison.Ordinal),
            HasValidation = summary.HasValidation,
        };
    }

    private static (Architecture, int) NetworkOf(string path, string name)
    {
        if (NetworkFileName.Read(name) is not var (architecture, depth)) throw new RunFileException($"{path}: the name says no network; a CSV file by itself is named as plainnet20.csv or resnet56.csv");
        try
        {
            _ = new ArchitectureSpec(architecture, depth);
            return (architecture, depth);
        }
        catch (InvalidSettingException error)
        {
            throw new RunFileException($"{path}: {error.Message}", error);
        }
    }

    private static IEnumerable<string> Find(string path)
    {
        if (File.Exists(path))
        {
            bool inRunFolder = Path.GetFileName(path) == Summary && File.Exists(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, Args));
            return [inRunFolder ? Path.GetDirectoryName(Path.GetFullPath(path))! : path];
        }
        if (!Directory.Exists(path)) throw new RunFileException($"{path} does not exist; report takes run folders, folders of them, and CSV files");
        if (File.Exists(Path.Combine(path, Args))) return [path];
        var found = Directory.EnumerateFiles(path, Args, Search).Select(file => Path.GetDirectoryName(file)!).Where(folder => File.Exists(Path.Combine(folder, Summary))).Order(StringComparer.Ordinal).ToList();
        return found.Count > 0 ? found : throw new RunFileException($"{path} holds no run: neither {Args} nor a folder with {Args} and {Summary}");
    }

    /// <summary>Reads the options of a run from its <c>args.json</c>.</summary>
    /// <exception cref="RunFileException">The file is missing or damaged.</exception>
    public static TrainOptions ReadOptions(string folder)
    {
        try
        {
            return RunFolder.ReadOptions(folder);
        }
        catch (RunFolderException error)
        {
            throw new RunFileException(error.Message, error);
        }
    }
}
