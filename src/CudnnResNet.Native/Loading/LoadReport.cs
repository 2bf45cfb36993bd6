using System.Text;

namespace CudnnResNet.Native.Loading;

/// <summary>One path that was tried for a library.</summary>
/// <param name="Library">Which library.</param>
/// <param name="Path">The file, or a bare name for the system's own search.</param>
/// <param name="Reason">Why there: the variable that named the folder, "usual place", or "system search".</param>
/// <param name="Loaded">Whether this file is the one in use.</param>
/// <param name="Problem">What the system said, where it could not be loaded.</param>
public sealed record LoadAttempt(NativeLibraryKind Library, string Path, string Reason, bool Loaded, string? Problem)
{
    /// <summary>Whether this is not the library itself but a file that belongs to it.</summary>
    public bool IsCompanion { get; init; }

    /// <summary>One line.</summary>
    public override string ToString() => $"{Path} ({Reason}): {(Loaded ? "loaded" : Problem)}";
}

/// <summary>Every path that was tried so far, in order, and what came of it.</summary>
public sealed class LoadReport
{
    internal LoadReport(IReadOnlyList<LoadAttempt> attempts) => Attempts = attempts;

    /// <summary>The paths, in the order in which they were tried.</summary>
    public IReadOnlyList<LoadAttempt> Attempts { get; }

    /// <summary>The paths of one library.</summary>
    public IEnumerable<LoadAttempt> Of(NativeLibraryKind library) => Attempts.Where(attempt => attempt.Library == library);

    /// <summary>The file that is in use for a library; null where there is none.</summary>
    public string? FileOf(NativeLibraryKind library) => Of(library).LastOrDefault(attempt => attempt is { Loaded: true, IsCompanion: false })?.Path;

    /// <summary>The attempts, a line each.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (LoadAttempt attempt in Attempts) text.AppendLine(attempt.ToString());
        return text.ToString();
    }
}
