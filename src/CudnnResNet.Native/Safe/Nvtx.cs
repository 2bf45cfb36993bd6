using CudnnResNet.Native.Loading;

namespace CudnnResNet.Native.Safe;

/// <summary>
/// Named ranges in the timeline of Nsight. Under a profiler that announces itself they go to it by NVTX 3's handshake, else to NVTX 2's
/// library where a toolkit has one, else nowhere, at the price of a comparison.
/// </summary>
public static class Nvtx
{
    private static readonly Lazy<(Way Way, string Description)> Chosen = new(Choose);

    private enum Way
    {
        Nowhere,
        Injection,
        Library,
    }

    /// <summary>Whether ranges go anywhere.</summary>
    public static bool IsActive => Chosen.Value.Way != Way.Nowhere;

    /// <summary>Where they go, and why, in one line.</summary>
    public static string Description => Chosen.Value.Description;

    /// <summary>Opens a range on this thread.</summary>
    public static void Push(string name)
    {
        switch (Chosen.Value.Way)
        {
            case Way.Injection: NvtxInjection.Push(name); break;
            case Way.Library: _ = Sys.Nvtx.nvtxRangePushA(name); break;
        }
    }

    /// <summary>Closes this thread's innermost range.</summary>
    public static void Pop()
    {
        switch (Chosen.Value.Way)
        {
            case Way.Injection: NvtxInjection.Pop(); break;
            case Way.Library: _ = Sys.Nvtx.nvtxRangePop(); break;
        }
    }

    /// <summary>Marks a moment.</summary>
    public static void Mark(string name)
    {
        switch (Chosen.Value.Way)
        {
            case Way.Injection: NvtxInjection.Mark(name); break;
            case Way.Library: Sys.Nvtx.nvtxMarkA(name); break;
        }
    }

    private static (Way Way, string Description) Choose()
    {
        string? refused = null;
        if (Environment.GetEnvironmentVariable(NvtxInjection.Variable) is { Length: > 0 } path)
        {
            if (NvtxInjection.TryAttach(path, out refused)) return (Way.Injection, $"the profiler {path}");
        }
        if (ImportResolver.Loader.TryLoad(NativeLibraryKind.NvToolsExt) != 0) return (Way.Library, "NVTX 2's library");
        return (Way.Nowhere, refused ?? $"no profiler ({NvtxInjection.Variable} is not set) and no NVTX library");
    }
}
