using System.Security.Cryptography;
using CudnnResNet.Model;

namespace CudnnResNet.Training.Data;

/// <summary>What one file of CIFAR-10 holds.</summary>
/// <param name="Name">Its name in the folder.</param>
/// <param name="Sha256">Its checksum, for information: copies with another order of the records are as good; null where the file cannot be read.</param>
/// <param name="PerClass">Images of each class; all 0 where the file cannot be read.</param>
/// <param name="Problem">What is wrong with it, or null.</param>
public sealed record Cifar10File(string Name, string? Sha256, IReadOnlyList<int> PerClass, string? Problem);

/// <summary>The result of checking a CIFAR-10 folder: the length and all labels of every file, and the number of images per class.</summary>
/// <param name="Folder">The folder that was checked.</param>
/// <param name="Files">All six files, also the missing ones.</param>
/// <param name="Problems">Everything that is wrong, one line each; empty where the data set is whole.</param>
public sealed record Cifar10Report(string Folder, IReadOnlyList<Cifar10File> Files, IReadOnlyList<string> Problems)
{
    /// <summary>True where nothing is wrong.</summary>
    public bool IsWhole => Problems.Count == 0;

    /// <summary>Checks a folder without stopping at the first damaged file.</summary>
    /// <param name="folder">The folder with the six files, or the one above it.</param>
    /// <exception cref="DataException">There is no CIFAR-10 in this folder at all.</exception>
    public static Cifar10Report Create(string folder) => Create(folder, Cifar10.RecordsPerFile);

    internal static Cifar10Report Create(string folder, int recordsPerFile)
    {
        string found = Cifar10.FindFolder(folder);
        Cifar10File[] files = [.. Cifar10.AllFiles.Select(name => Check(found, name, recordsPerFile))];
        List<string> problems = [.. files.Select(file => file.Problem).OfType<string>()];
        if (problems.Count == 0)
        {
            AddUneven(problems, "training", files[..^1], recordsPerFile);
            AddUneven(problems, "test", files[^1..], recordsPerFile);
        }
        return new Cifar10Report(found, files, problems);
    }

    private static Cifar10File Check(string folder, string name, int recordsPerFile)
    {
        var perClass = new int[ArchitectureSpec.Cifar10Classes];
        try
        {
            byte[] records = Cifar10.ReadFile(Path.Combine(folder, name), recordsPerFile);
            for (int r = 0; r < recordsPerFile; r++)
                perClass[records[r * Cifar10.RecordBytes]]++;
            return new Cifar10File(name, Convert.ToHexStringLower(SHA256.HashData(records)), perClass, null);
        }
        catch (DataException e)
        {
            return new Cifar10File(name, null, perClass, e.Message);
        }
    }

    private static void AddUneven(List<string> problems, string set, Cifar10File[] files, int recordsPerFile)
    {
        int expected = files.Length * recordsPerFile / ArchitectureSpec.Cifar10Classes;
        for (int k = 0; k < ArchitectureSpec.Cifar10Classes; k++)
        {
            int images = files.Sum(file => file.PerClass[k]);
            if (images != expected)
                problems.Add($"class {k} ({Cifar10.ClassNames[k]}) has {images} {set} images instead of {expected}");
        }
    }
}
