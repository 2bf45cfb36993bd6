using CudnnResNet.Peers.Worker;

namespace CudnnResNet.Peers;

/// <summary>Makes sides do without AVX-512, and makes sure that they do.</summary>
internal static class Instructions
{
    private const string OneDnnMark = "onednn_verbose,v1,info,";

    /// <summary>.NET's switch, libtorch's and oneDNN's; each library reads its own and ignores the others.</summary>
    public static IReadOnlyDictionary<string, string> Avx2Only { get; } = new Dictionary<string, string>
    {
        ["DOTNET_EnableAVX512"] = "0",
        ["ATEN_CPU_CAPABILITY"] = "avx2",
        ["ONEDNN_MAX_CPU_ISA"] = "AVX2",
    };

    /// <summary>Opens a side for a moment and asks what it computes with.</summary>
    /// <returns>What it says of itself, and what oneDNN says of its version and instructions inside it, which it does only while it talks about its work.</returns>
    /// <exception cref="PeerException">It cannot be opened.</exception>
    public static (Opened Opened, string OneDnn) Ask(Side side, Work work)
    {
        using var child = new Child(side.Program, side.Threads, new Dictionary<string, string>(side.Environment) { ["ONEDNN_VERBOSE"] = "1" });
        var opened = child.Ask(new(Command.Open) { Work = work }).Opened!;
        child.Ask(new(Command.Turn));
        var told = child.OtherLines.Where(line => line.StartsWith(OneDnnMark, StringComparison.Ordinal)).Select(line => line[OneDnnMark.Length..])
            .Where(line => line.StartsWith("oneDNN v", StringComparison.Ordinal) || line.StartsWith("cpu,isa:", StringComparison.Ordinal));
        return (opened, string.Concat(told.Select(line => $", {line.Split(" (commit")[0]}")));
    }

    /// <summary>Why a side that must do without AVX-512 is not believed; null where it is.</summary>
    public static string? Disbelief(Side side, Work work)
    {
        if (!side.Avx2Only) return null;
        var (opened, oneDnn) = Ask(side, work);
        string told = opened.Device + oneDnn;
        return told.Contains("AVX2", StringComparison.Ordinal) && !told.Contains("AVX512", StringComparison.Ordinal) && !told.Contains("AVX-512", StringComparison.Ordinal)
            ? null
            : $"told to do with AVX2, but it says: {told}";
    }
}
