using System.Runtime.InteropServices;
using System.Text;

namespace CudnnResNet.Tests;

/// <summary>When the emulator does work: both are what a GPU may do.</summary>
public enum EmulatorOrder
{
    /// <summary>At once.</summary>
    Early,

    /// <summary>Not before somebody waits for it.</summary>
    Late,
}

/// <summary>What the emulator counts, laid out as it exports it. Figures of an emulator, of no GPU.</summary>
internal record struct EmulatorCounters
{
    public long LaunchCalls;
    public long Kernels;
    public long LaneInstructions;
    public long GraphLaunches;
    public long UploadCopies;
    public long UploadBytes;
    public long DownloadCopies;
    public long DownloadBytes;
    public long DeviceCopies;
    public long DeviceCopyBytes;
    public long Fills;
    public long FillBytes;
    public long Allocations;
    public long AllocatedBytes;
    public long PinnedAllocations;
    public long PinnedBytes;
    public long Synchronizations;
    public long Queries;
    public long ProfilerStarts;
    public long ProfilerStops;
    public long EventRecords;
    public long StreamWaits;
    public long Captures;
    public long LibraryCalls;
    public long LibraryOperations;
    public long Calls;
    public long InjectedFailures;
}

/// <summary>
/// The GPU that is none: the library that tests/VirtualGpu builds, in this process. The program under test finds it as it finds a driver,
/// through <c>CUDNNRESNET_CUDA_PATH</c>. Its state belongs to the process, so tests that use it run one at a time.
/// </summary>
internal static unsafe class Emulator
{
    private const string PathVariable = "CUDNNRESNET_CUDA_PATH";

    private static readonly string? Found = Find();
    private static nint library;

    /// <summary>Whether it is built.</summary>
    public static bool IsBuilt => Found is not null;

    /// <summary>The folder of the library; the test is skipped, saying so, where it could not be built.</summary>
    public static string Folder
    {
        get
        {
            if (Found is null) Assert.Inconclusive("skipped: the emulator is not built: 'dotnet test' builds it on Linux x64 with gcc or clang");
            return Found;
        }
    }

    /// <summary>What was counted since the last <see cref="Start"/>.</summary>
    public static EmulatorCounters Counters
    {
        get
        {
            EmulatorCounters counters;
            int status = ((delegate* unmanaged<EmulatorCounters*, nuint, int>)Export("cudnnresnet_emulator_counters"))(&counters, (nuint)sizeof(EmulatorCounters));
            Assert.AreEqual(0, status, "the emulator's counters are not those that are declared here");
            return counters;
        }
    }

    /// <summary>The mistakes that were caught, leaks at the end of a context among them.</summary>
    public static string[] Mistakes => Lines("mistake: ");

    /// <summary>What the program has made and not given back, at this moment.</summary>
    public static string[] Leaks => Lines("leak: ");

    /// <summary>Makes this process find the emulator, unless it was told where CUDA is.</summary>
    public static void Offer()
    {
        if (Found is not null && Environment.GetEnvironmentVariable(PathVariable) is null) Environment.SetEnvironmentVariable(PathVariable, Found);
    }

    /// <summary>Makes this process find the emulator, and begins with a fresh one. What the one before made must not be used any more.</summary>
    /// <param name="order">When it does work.</param>
    /// <param name="memory">Bytes of the device; 0 for the usual.</param>
    /// <param name="capability">Its compute capability, ten times; 0 for the usual. From 80 on it has TF32.</param>
    public static void Start(EmulatorOrder order = EmulatorOrder.Late, long memory = 0, int capability = 0)
    {
        Environment.SetEnvironmentVariable(PathVariable, Folder);
        int status = ((delegate* unmanaged<int, long, int, int>)Export("cudnnresnet_emulator_reset"))((int)order, memory, capability);
        Assert.AreEqual(0, status, "the emulator refused to start");
    }

    /// <summary>
    /// Makes things go wrong from here on, until the next call of this or of <see cref="Start"/>. A call that fails does nothing, but gives
    /// back what it is to give back; that is no mistake, and leaves no trace in <see cref="Mistakes"/>.
    /// </summary>
    /// <param name="unsupported">Functions and convolution algorithms of cuDNN, by their C names, that answer NOT_SUPPORTED when they are to run; "name@n" only the n-th time.</param>
    /// <param name="failCall">The call of driver, cuDNN or cuBLAS that fails, counted from 1 from here on; 0 for none.</param>
    /// <param name="breaks">
    /// Whether that call meets an illegal address, after which all others fail too, until <see cref="Start"/>. Then nothing can be given back
    /// one by one; it goes with the context, which stays among the <see cref="Leaks"/> until the last of its objects was disposed of.
    /// </param>
    public static void Interfere(IEnumerable<string>? unsupported = null, long failCall = 0, bool breaks = false)
    {
        fixed (byte* names = Encoding.UTF8.GetBytes($"{string.Join(',', unsupported ?? [])}\0"))
        {
            int status = ((delegate* unmanaged<byte*, long, int, int>)Export("cudnnresnet_emulator_interfere"))(names, failCall, breaks ? 1 : 0);
            Assert.AreEqual(0, status, "the emulator refused to interfere");
        }
    }

    private static string[] Lines(string mark)
    {
        var read = (delegate* unmanaged<byte*, nuint, nuint>)Export("cudnnresnet_emulator_report");
        byte[] text = new byte[read(null, 0)];
        fixed (byte* first = text) read(first, (nuint)text.Length);
        return [.. Encoding.UTF8.GetString(text).Split('\n').Where(line => line.StartsWith(mark, StringComparison.Ordinal)).Select(line => line[mark.Length..])];
    }

    private static nint Export(string name)
    {
        if (library == 0) library = NativeLibrary.Load(Path.Combine(Folder, "libcuda.so.1"));
        return NativeLibrary.GetExport(library, name);
    }

    // Test assemblies lie below artifacts/, as the library does.
    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "virtual-gpu");
            if (File.Exists(Path.Combine(candidate, "libcuda.so.1"))) return candidate;
        }
        return null;
    }
}
