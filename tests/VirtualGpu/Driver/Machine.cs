namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>All that the emulator knows. There is one at a time; a reset begins another.</summary>
internal sealed class Machine
{
    private readonly Settings? settings;
    private readonly DeviceFault? settingsProblem;
    private readonly GpuDevice[] devices = [];

    private Machine(Settings settings)
    {
        this.settings = settings;
        Interference = new(settings.Unsupported, settings.FailCall);
        devices = [.. settings.Devices.Select(number => new GpuDevice(this, number, settings.TotalMemory, settings.Capability))];
    }

    private Machine(DeviceFault settingsProblem) => this.settingsProblem = settingsProblem;

    /// <summary>Held by every call: the driver is thread-safe, and here one call runs at a time.</summary>
    public static Lock Gate { get; } = new();

    /// <summary>The present one.</summary>
    public static Machine Current { get; private set; } = FromEnvironment();

    public Order Order => settings!.Order;

    public IReadOnlyList<GpuDevice> Devices => devices;

    public HandleTable Handles { get; } = new();

    public Report Report { get; } = new();

    /// <summary>What goes wrong because a test wants it to.</summary>
    public Interference Interference { get; set; } = new("", 0);

    /// <summary>The captures under way.</summary>
    public List<Capture> Captures { get; } = [];

    /// <summary>What has been counted.</summary>
    public Counters Counters;

    /// <summary>The time that work took: instructions of kernels, products and values of the libraries; no seconds.</summary>
    public long Time { get; set; }

    /// <summary>Whether cuInit was called.</summary>
    public bool IsInitialized { get; private set; }

    /// <summary>The fault of some work, which every later call returns: as with a GPU, only a new process is free of it.</summary>
    public CUresult Broken { get; private set; }

    public bool IsBroken => Broken != CUresult.CUDA_SUCCESS;

    /// <summary>Forgets everything and begins anew.</summary>
    /// <param name="order">When work is done.</param>
    /// <param name="totalMemory">Bytes of each device; 0 for what the environment says.</param>
    /// <param name="capability">Their compute capability, ten times; 0 for what the environment says.</param>
    public static void Reset(Order order, long totalMemory, int capability)
    {
        Settings old = Settings.FromEnvironment(Environment.GetEnvironmentVariable);
        foreach (GpuDevice device in Current.devices) device.Context?.Discard();
        Current = new(old with { Order = order, TotalMemory = totalMemory > 0 ? totalMemory : old.TotalMemory, Capability = capability > 0 ? capability : old.Capability });
    }

    /// <summary>cuInit.</summary>
    public CUresult Initialize()
    {
        if (settingsProblem is not null) throw settingsProblem;
        if (devices.Length == 0) return CUresult.CUDA_ERROR_NO_DEVICE;
        if (!IsInitialized) ExitReport.Arm();
        IsInitialized = true;
        return CUresult.CUDA_SUCCESS;
    }

    /// <summary>Work failed: nothing is done from here on.</summary>
    /// <param name="result">What every later call returns.</param>
    /// <param name="text">Why.</param>
    /// <param name="isMistake">Whether it is one of the program's.</param>
    public void Break(CUresult result, string text, bool isMistake = true)
    {
        if (isMistake) Report.Add(result, text);
        else Report.Note(result, text);
        Broken = result;
    }

    /// <summary>The device of a number.</summary>
    public GpuDevice? Device(int ordinal) => ordinal >= 0 && ordinal < devices.Length ? devices[ordinal] : null;

    /// <summary>What the program still holds: a line each.</summary>
    public IEnumerable<string> Leaks() => devices
        .SelectMany(device => device.Context is { } context ? context.Leaks().Prepend($"{context} of {device} is still retained") : [])
        .Concat(Handles.Live<GpuObject>().Where(item => item.Owner is null && item is not GpuContext).Select(item => $"{item}"));

    private static Machine FromEnvironment()
    {
        try
        {
            return new(Settings.FromEnvironment(Environment.GetEnvironmentVariable));
        }
        catch (DeviceFault problem)
        {
            return new(problem);
        }
    }
}
