using System.Globalization;
using CudnnResNet.Model;

namespace CudnnResNet.Runner.Reporting;

/// <summary>Reads the epochs of a <c>summary.csv</c>, ours or the reference project's; the header names the columns, in any order.</summary>
internal sealed class SummaryCsv
{
    // A row of ours has 150 characters, and the epochs of a run are counted to 100,000.
    private const int LongestFile = 1 << 24, LongestLine = 4096, MostRows = 100_000;

    private readonly string path;
    private readonly string[] names;

    private SummaryCsv(string path, string[] names)
    {
        this.path = path;
        this.names = names;
    }

    /// <summary>The rows.</summary>
    public required IReadOnlyList<ReportEpoch> Epochs { get; init; }

    /// <summary>Whether the errors were counted on training images held back.</summary>
    public required bool HasValidation { get; init; }

    /// <summary>Whether a speed is among the columns and empty: an emulator's run.</summary>
    public required bool LacksSpeed { get; init; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="RunFileException">It cannot be read; the message holds the line.</exception>
    public static SummaryCsv Read(string path)
    {
        string text;
        try
        {
            text = TextFile.Read(path, LongestFile);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RunFileException($"{path} cannot be read: {error.Message}", error);
        }
        var lines = new List<string>();
        foreach (var line in text.AsSpan().EnumerateLines()) lines.Add(Checked(line, path, lines.Count + 1));
        string[] names = lines[0].Split(',');
        var reader = new SummaryCsv(path, names) { Epochs = [], HasValidation = false, LacksSpeed = false };
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice) throw RunFileException.At(path, 1, $"there are two columns {PrintableText.Quoted(twice.Key)}");
        bool validation = names.Contains("val_err");
        foreach (string column in (string[])["epoch", "train_err", validation ? "val_err" : "test_err"])
        {
            if (!names.Contains(column)) throw RunFileException.At(path, 1, $"there is no column '{column}'; a header is epoch,train_loss,train_err,test_err, with or without further columns");
        }
        // Rows of ours end with a line end; what comes after the last one is a row being written.
        bool ours = names.Contains("weights_sha256");
        if (ours && lines.Count > 1) lines.RemoveAt(lines.Count - 1);
        while (lines.Count > 1 && lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
        var epochs = lines.Skip(1).Select((line, epoch) => reader.Row(line, number: epoch + 2, epoch, validation)).ToList();
        return new(path, names)
        {
            Epochs = epochs,
            HasValidation = validation,
            LacksSpeed = names.Contains("images_per_second") && epochs.Any(epoch => epoch.ImagesPerSecond is null),
        };
    }

    private static string Checked(ReadOnlySpan<char> line, string path, int number)
    {
        if (number > MostRows + 2) throw RunFileException.At(path, number, $"a run has at most {MostRows} epochs");
        return line.Length <= LongestLine ? line.ToString() : throw RunFileException.At(path, number, $"{line.Length} characters, more than the {LongestLine} allowed");
    }

    private ReportEpoch Row(string line, int number, int epoch, bool validation)
    {
        string[] cells = line.Split(',');
        if (cells.Length != names.Length) throw RunFileException.At(path, number, $"{cells.Length} cells, the header has {names.Length}");
        if (Cell("epoch") != epoch.ToString(CultureInfo.InvariantCulture)) throw RunFileException.At(path, number, $"epoch {PrintableText.Quoted(Cell("epoch")!)} is not {epoch}; epochs count from 0");
        return new(epoch, Fraction("train_err"), Fraction(validation ? "val_err" : "test_err"), Number("train_loss"), Number(validation ? "val_loss" : "test_loss"), Number("lr"), Number("images_per_second"));

        string? Cell(string name) => Array.IndexOf(names, name) is >= 0 and var column ? cells[column] : null;

        double? Number(string name) => Cell(name) is not { Length: > 0 } cell ? null
            : double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value
            : throw RunFileException.At(path, number, $"{name} {PrintableText.Quoted(cell)} is not a number");

        double Fraction(string name) => Number(name) is { } value and >= 0 and <= 1 ? value : throw RunFileException.At(path, number, $"{name} {PrintableText.Quoted(Cell(name) ?? "")} is not a fraction within 0..1");
    }
}
