using CudnnResNet.Model;

namespace CudnnResNet.Runner.Reporting;

/// <summary>A run or a CSV file for a report is missing or damaged; the message names the file, the line, and what was expected.</summary>
internal sealed class RunFileException(string message, Exception? inner = null) : EngineException(message, inner)
{
    /// <summary>A line of a file that cannot be read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="line">1-based; the header is line 1.</param>
    /// <param name="what">What is wrong with it.</param>
    public static RunFileException At(string path, int line, string what) => new($"{path}, line {line}: {what}");
}
