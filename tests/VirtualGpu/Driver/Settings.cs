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
internal sealed record Settings(Order Order, long TotalMemory, IReadOnlyList<int> Devices)
{
    public const string OrderVariable = "CUDNNRESNET_EMULATOR_ORDER";
    public const string MemoryVariable = "CUDNNRESNET_EMULATOR_MEMORY";
    public const string DevicesVariable = "CUDNNRESNET_EMULATOR_DEVICES";
    public const string ReportVariable = "CUDNNRESNET_EMULATOR_REPORT";
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
        return new(order, memory, Visible(variable(VisibleVariable), (int)devices));
    }

    // As the driver reads it: numbers up to the first that is none of a device.
    private static int[] Visible(string? list, int devices) => list is null
        ? [.. Enumerable.Range(0, devices)]
        : [.. list.Split(',').Select(item => int.TryParse(item, out int number) ? number : -1).TakeWhile(number => number >= 0 && number < devices).Distinct()];

    private static long Number(Func<string, string?> variable, string name, long unset, string allowed)
    {
        if (variable(name) is not { Length: > 0 } text) return unset;
        return long.TryParse(text, out long value) && value >= 1 ? value : throw Malformed(name, text, allowed);
    }

    private static DeviceFault Malformed(string name, string value, string allowed) =>
        new((int)CUresult.CUDA_ERROR_INVALID_VALUE, $"{name}={value}: allowed is {allowed}");
}
