namespace CudnnResNet.Model.Devices.Profiling;

/// <summary>A device that can tell a profiler when to begin and to stop recording: cuda, by cuProfilerStart and cuProfilerStop.</summary>
internal interface IProfilerSwitch
{
    /// <summary>Recording begins, after what was given to the device so far.</summary>
    void StartProfiler();

    /// <summary>Recording stops, once what was given to the device is done.</summary>
    void StopProfiler();
}
