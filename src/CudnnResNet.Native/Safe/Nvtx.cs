using System.Runtime.InteropServices.Marshalling;
using System.Text.Unicode;
using CudnnResNet.Native.Loading;

namespace CudnnResNet.Native.Safe;

/// <summary>
/// Named ranges in the timeline of Nsight. Under a profiler that announces itself they go to it by NVTX 3's handshake, else to NVTX 2's
/// library where a toolkit has one, else nowhere, at the price of a comparison.
/// </summary>
public static class Nvtx
{
    private const int MaxName = 100;

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
            case Way.Library: PushToLibrary(name); break;
        }
    }

    /// <summary>Opens the range <c>NAME NUMBER</c> on this thread; the text is made on the stack.</summary>
    /// <param name="name">At most 100 letters.</param>
    /// <param name="number">Which one of its kind, such as the step.</param>
    /// <exception cref="ArgumentException">The name is longer.</exception>
    public static unsafe void Push(string name, long number)
    {
        if (!IsActive) return;
        if (name.Length > MaxName) throw new ArgumentException($"a range's name of {name.Length} letters is longer than {MaxName}", nameof(name));
        // At most three bytes a letter, and a number of 20 digits.
        Span<byte> text = stackalloc byte[3 * MaxName + 22];
        Utf8.TryWrite(text, $"{name} {number}\0", out _);
        fixed (byte* message = text)
        {
            if (Chosen.Value.Way == Way.Injection) NvtxInjection.Push(message);
            else _ = Sys.Nvtx.nvtxRangePushA(message);
        }
    }

    /// <summary>A range of this thread from here to the result's disposal: <c>using (Nvtx.Range("cudnnConvolutionForward")) …</c></summary>
    public static NvtxRange Range(string name)
    {
        Push(name);
        return default;
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

    private static unsafe void PushToLibrary(string name)
    {
        byte* text = Utf8StringMarshaller.ConvertToUnmanaged(name);
        _ = Sys.Nvtx.nvtxRangePushA(text);
        Utf8StringMarshaller.Free(text);
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

/// <summary>An open range of the calling thread, which disposal closes; to be made by <see cref="Nvtx.Range"/>.</summary>
public readonly record struct NvtxRange : IDisposable
{
    /// <summary>Closes it.</summary>
    public void Dispose() => Nvtx.Pop();
}
