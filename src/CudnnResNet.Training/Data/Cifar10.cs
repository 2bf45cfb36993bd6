using CudnnResNet.Model;

namespace CudnnResNet.Training.Data;

/// <summary>
/// CIFAR-10 (Krizhevsky 2009) in its official binary form: six files of 10,000 records, each record one label byte and 3,072
/// pixel bytes (1,024 red, 1,024 green, 1,024 blue, row by row).
/// </summary>
public static class Cifar10
{
    /// <summary>The data set's name on the command line and in run folders.</summary>
    public const string Name = "cifar10";

    /// <summary>The folder inside the official archive.</summary>
    public const string FolderName = "cifar-10-batches-bin";

    internal const string PythonFolderName = "cifar-10-batches-py";
    internal const string TestFile = "test_batch.bin";
    internal const int RecordBytes = 1 + LabelledImages.ImageBytes;
    internal const int RecordsPerFile = 10_000;

    internal static readonly string[] TrainFiles =
        ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"];

    internal static readonly string[] AllFiles = [.. TrainFiles, TestFile];

    /// <summary>The names of labels 0 to 9.</summary>
    public static IReadOnlyList<string> ClassNames => Model.ClassNames.Cifar10;

    /// <summary>Reads all 60,000 images.</summary>
    /// <param name="folder">The folder with the six files, or the one above it.</param>
    /// <exception cref="DataException">No such folder, a file that is missing or of another length, or a label of 10 or more.</exception>
    public static DataSet Read(string folder) => Read(folder, RecordsPerFile);

    internal static DataSet Read(string folder, int recordsPerFile)
    {
        string found = FindFolder(folder);
        CheckLengths(found, recordsPerFile); // before memory is taken for 60,000 images
        return DataSet.BuiltIn(Name, ReadFiles(found, TrainFiles, recordsPerFile), ReadFiles(found, [TestFile], recordsPerFile), found, ClassNames);
    }

    /// <summary>The folder that holds the six files: the given one or the one below it that the official archive makes.</summary>
    /// <exception cref="DataException">Neither holds them; the message says what is there instead.</exception>
    internal static string FindFolder(string folder)
    {
        if (File.Exists(folder))
            throw new DataException($"{folder} is a file; wanted is the folder that holds {TrainFiles[0]}");
        if (!Directory.Exists(folder))
            throw new DataException($"{folder} does not exist");
        foreach (string candidate in (string[])[folder, Path.Combine(folder, FolderName)])
            if (AllFiles.Any(file => File.Exists(Path.Combine(candidate, file))))
                return candidate;

        if (Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))) == PythonFolderName || File.Exists(Path.Combine(folder, "batches.meta")))
            throw new DataException(PythonMessage(folder));
        if (Directory.Exists(Path.Combine(folder, PythonFolderName)))
            throw new DataException(PythonMessage(Path.Combine(folder, PythonFolderName)));
        throw new DataException(IsEmpty(folder)
            ? $"{folder} is empty; wanted are {TrainFiles[0]} to {TrainFiles[^1]} and {TestFile}"
            : $"{folder} holds neither {TrainFiles[0]} nor a folder {FolderName}");
    }

    private static bool IsEmpty(string folder)
    {
        try
        {
            return !Directory.EnumerateFileSystemEntries(folder).Any();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{folder} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Looks at the lengths of the six files without reading them.</summary>
    /// <exception cref="DataException">A file is missing or of another length.</exception>
    internal static void CheckLengths(string folder, int recordsPerFile)
    {
        foreach (string name in AllFiles)
        {
            var file = new FileInfo(Path.Combine(folder, name));
            if (!file.Exists)
                throw new DataException($"{file.FullName} is missing");
            CheckLength(file.FullName, file.Length, recordsPerFile);
        }
    }

    private static void CheckLength(string path, long length, int recordsPerFile)
    {
        long expected = (long)recordsPerFile * RecordBytes;
        if (length != expected)
            throw new DataException($"{path} is {(length < expected ? "truncated" : "oversized")}: {length} bytes instead of {expected}");
    }

    private static string PythonMessage(string folder) =>
        $"{folder} is CIFAR-10 in its Python form, which is not read because unpickling runs code; get the binary form with: data download";

    private static LabelledImages ReadFiles(string folder, string[] files, int recordsPerFile)
    {
        var pixels = new byte[files.Length * recordsPerFile * LabelledImages.ImageBytes];
        var labels = new byte[files.Length * recordsPerFile];
        for (int f = 0; f < files.Length; f++)
        {
            byte[] records = ReadFile(Path.Combine(folder, files[f]), recordsPerFile);
            for (int r = 0; r < recordsPerFile; r++)
            {
                int image = f * recordsPerFile + r;
                var record = records.AsSpan(r * RecordBytes, RecordBytes);
                labels[image] = record[0];
                record[1..].CopyTo(pixels.AsSpan(image * LabelledImages.ImageBytes));
            }
        }
        return new LabelledImages(pixels, labels);
    }

    /// <summary>Reads the records of one file and checks their number and every label.</summary>
    internal static byte[] ReadFile(string path, int recordsPerFile)
    {
        byte[] records;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            CheckLength(path, stream.Length, recordsPerFile);
            records = new byte[recordsPerFile * RecordBytes];
            stream.ReadExactly(records);
        }
        catch (FileNotFoundException e)
        {
            throw new DataException($"{path} is missing", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path} cannot be read: {e.Message}", e);
        }

        for (int r = 0; r < recordsPerFile; r++)
            if (records[r * RecordBytes] >= ArchitectureSpec.Cifar10Classes)
                throw new DataException($"{path}: record {r} has label {records[r * RecordBytes]}, allowed are 0 to {ArchitectureSpec.Cifar10Classes - 1}");
        return records;
    }
}
