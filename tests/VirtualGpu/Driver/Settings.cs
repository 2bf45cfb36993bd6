namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>When work given to a stream is done: both are what a GPU may do.</summary>
internal enum Order
{
    /// <summary>At once.</summary>
    Early,

    /// <summary>Not before somebody waits for it; what need not be done for that stays undone.</summary>
    Late,
}

/// <summary>What can be chosen about the emulator, once for a process.</summary>
/// <param name="Order">When work is done.</param>
/// <param name="TotalMemory">Bytes of each device.</param>
/// <param name="Devices">The devices that are visible, by their numbers.</param>
/// <param name="Capability">Their compute capability, ten times: 70 for 7.0.</param>
/// <param name="Unsupported">What cuDNN does not support, as <see cref="Interference"/> reads it.</param>
/// <param name="FailCall">The call that fails, from 1; 0 for none.</param>
internal sealed record Settings(Order Order, long TotalMemory, IReadOnlyList<int> Devices, int Capability, string Unsupported, long FailCall)
{
    public const string OrderVariable = "CUDNNRESNET_EMULATOR_ORDER";
    public const string MemoryVariable = "CUDNNRESNET_EMULATOR_MEMORY";
    public const string DevicesVariable = "CUDNNRESNET_EMULATOR_DEVICES";
    public const string ReportVariable = "CUDNNRESNET_EMULATOR_REPORT";
    public const string CapabilityVariable = "CUDNNRESNET_EMULATOR_CAPABILITY";
    public const string UnsupportedVariable = "CUDNNRESNET_EMULATOR_UNSUPPORTED";
    public const string FailCallVariable = "CUDNNRESNET_EMULATOR_FAIL_CALL";

    // The oldest that the engine supports, so that nothing newer is taken for granted.
    private const int OldestCapability = 70;
    private const string VisibleVariable = "CUDA_VISIBLE_DEVICES";

    private const long DefaultMemory = 4L << 30;

    /// <summary>Reads the environment; what is malformed there is a mistake that <c>cuInit</c> returns.</summary>
    /// <exception cref="DeviceFault">A value cannot be read.</exception>
    public static Settings FromEnvironment(Func<string, string?> variable)
    {
        Order order = variable(OrderVariable) switch
        {
            null or "" or "late" => Order.Late,
            "early" => Order.Early,
            var other => throw Malformed(OrderVariable, other, "early or late"),
        };
        long memory = Number(variable, MemoryVariable, DefaultMemory, "bytes, 1 or more");
        long devices = Number(variable, DevicesVariable, 1, "a number of devices, 1 or more");
        int capability = variable(CapabilityVariable) switch
        {
            null or "" => OldestCapability,
            [>= '7' and <= '9' and var major, '.', >= '0' and <= '9' and var minor] => (major - '0') * 10 + minor - '0',
            var other => throw Malformed(CapabilityVariable, other, "a compute capability from 7.0 to 9.9"),
        };
        long failCall = Number(variable, FailCallVariable, 0, "the number of a call, 1 or more");
        return new(order, memory, Visible(variable(VisibleVariable), (int)devices), capability, Names(variable(UnsupportedVariable)), failCall);
    }

    // As the driver reads it: numbers up to the first that is none of a device.
    private static int[] Visible(string? list, int devices) => list is null
        ? [.. Enumerable.Range(0, devices)]
        : [.. list.Split(',').Select(item => int.TryParse(item, out int number) ? number : -1).TakeWhile(number => number >= 0 && number < devices).Distinct()];

    // "cudnnAddTensor,CUDNN_CONVOLUTION_BWD_DATA_ALGO_1@2"
    private static string Names(string? list) => (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split('@')).All(IsName)
        ? list ?? ""
        : throw Malformed(UnsupportedVariable, list!, "C names of functions and algorithms with commas between, each with @n behind it or not");

    private static bool IsName(string[] parts) =>
        parts[0].Trim().StartsWith("cu", StringComparison.OrdinalIgnoreCase) && (parts.Length == 1 || parts.Length == 2 && long.TryParse(parts[1], out long at) && at >= 1);

    private static long Number(Func<string, string?> variable, string name, long unset, string allowed)
    {
        if (variable(name) is not { Length: > 0 } text) return unset;
        return long.TryParse(text, out long value) && value >= 1 ? value : throw Malformed(name, text, allowed);
    }

    private static DeviceFault Malformed(string name, string value, string allowed) =>
        new((int)CUresult.CUDA_ERROR_INVALID_VALUE, $"{name}={value}: allowed is {allowed}");
}
