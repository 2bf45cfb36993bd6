using System.Text;
using CudnnResNet.Model;
using CudnnResNet.Runner.Reporting.Figures;
using CudnnResNet.Training;

namespace CudnnResNet.Runner.Reporting;

/// <summary>Writes a report's files into a folder, each of them whole or not at all.</summary>
internal static class ReportFiles
{
    private const int LongestPart = 100;

    /// <summary>Writes figures, as SVG and as PNG, the Markdown, the page, and pictures of what networks see.</summary>
    /// <param name="runs">At least one with an epoch.</param>
    /// <param name="table">Made of them.</param>
    /// <param name="networks">Networks that were looked into.</param>
    /// <param name="notes">What could not be looked into, and why.</param>
    /// <param name="folder">Made if it does not exist; files of the same names are replaced.</param>
    /// <returns>The names of what was written.</returns>
    /// <exception cref="RunFolderException">The folder cannot be made or written.</exception>
    public static IReadOnlyList<string> Write(IReadOnlyList<ReportRun> runs, ResultTable table, IReadOnlyList<InspectedNetwork> networks, IReadOnlyList<string> notes, string folder)
    {
        var figures = RunFigures.All([.. runs.Where(run => run.Epochs.Count > 0)]);
        var files = new List<(string Name, byte[] Content)>();
        foreach (var figure in figures)
        {
            files.Add(($"{figure.Id}.svg", Encoding.UTF8.GetBytes(SvgFigure.Document(figure))));
            files.Add(($"{figure.Id}.png", PngFigure.Write(figure)));
        }
        files.Add(("report.md", Encoding.UTF8.GetBytes(MarkdownReport.Write(runs, table, figures))));
        files.Add((ReportPage.FileName, ReportPage.Bytes(new() { Runs = runs, Networks = networks, Notes = notes })));
        for (int i = 0; i < networks.Count; i++)
        {
            string prefix = networks.Count == 1 ? "" : $"{i + 1}-{FilePart(networks[i].Name)}-";
            files.AddRange(InspectionFiles.Of(networks[i]).Select(file => (prefix + file.Name, file.Content)));
        }
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var (name, content) in files) AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(content));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RunFolderException($"cannot write to {folder}: {error.Message}; choose another folder with --output", error);
        }
        return [.. files.Select(file => file.Name)];
    }

    // A run's name may be as long as a file's name can be, and hold what no shell likes.
    private static string FilePart(string name) =>
        string.Concat((name.Length > LongestPart ? name[..LongestPart] : name).Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '+' ? letter : '_'));
}
