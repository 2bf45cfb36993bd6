namespace CudnnResNet.Fuzz;

/// <summary>What this program's exit codes mean.</summary>
internal static class ExitCode
{
    public const int NothingFound = 0, Findings = 1, Usage = 2;
}
