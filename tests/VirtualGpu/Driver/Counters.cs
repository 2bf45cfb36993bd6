namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>What the emulator counts; exported in this order. Kernels, copies and fills of graphs count each time they are done.</summary>
internal struct Counters
{
    /// <summary>Calls of cuLaunchKernel, also those that were captured.</summary>
    public long LaunchCalls;

    /// <summary>Kernels done.</summary>
    public long Kernels;

    /// <summary>Instructions done, each counted for every lane that did it.</summary>
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

    /// <summary>Allocations in device memory by the program.</summary>
    public long Allocations;

    public long AllocatedBytes;
    public long PinnedAllocations;
    public long PinnedBytes;

    /// <summary>Calls that waited for a stream, an event or a context, pageable downloads included.</summary>
    public long Synchronizations;

    /// <summary>Questions whether a stream or an event is done.</summary>
    public long Queries;

    /// <summary>Calls of cuProfilerStart.</summary>
    public long ProfilerStarts;

    /// <summary>Calls of cuProfilerStop.</summary>
    public long ProfilerStops;

    public long EventRecords;
    public long StreamWaits;
    public long Captures;

    /// <summary>Calls of cuDNN and cuBLAS that give work to a stream, also those that were captured.</summary>
    public long LibraryCalls;

    /// <summary>Work of cuDNN and cuBLAS done; of graphs each time.</summary>
    public long LibraryOperations;

    /// <summary>Calls that a test may make fail, in all three libraries.</summary>
    public long Calls;

    /// <summary>Calls that a test has made fail.</summary>
    public long InjectedFailures;

    /// <summary>The main ones, for a reader.</summary>
    public override readonly string ToString() =>
        $"{Kernels} kernels, {LibraryOperations} library operations, {LaneInstructions} lane instructions, {GraphLaunches} graph launches, {UploadBytes} bytes up, {DownloadBytes} bytes down, {Allocations} allocations, {PinnedAllocations} pinned, {Synchronizations} synchronisations";
}
