using CudnnResNet.Model.Devices.Reference;
using CudnnResNet.Model.Tests;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Kernels.Tests.Conformance;

/// <summary>Tensors of some sizes three times over, as weights, gradients and velocities, in arenas with gaps between them.</summary>
internal sealed class ParameterArena
{
    private readonly KernelGpu gpu;
    private readonly int[] sizes;
    private readonly DeviceArena[] arenas;
    private readonly int[] first; // of each tensor, its first element's place in an arena

    public ParameterArena(KernelGpu gpu, params int[] sizes)
    {
        (this.gpu, this.sizes) = (gpu, sizes);
        arenas = [.. new[] { "weights", "gradients", "velocities" }.Select(name => gpu.Keep(new DeviceArena(gpu.Context, name)))];
        DeviceSlice[][] slices = Array.ConvertAll(arenas, arena => sizes.Select((size, i) => arena.Reserve($"tensor {i}", size * sizeof(float))).ToArray());
        foreach (var arena in arenas) arena.Allocate(gpu.Stream);
        Count = (int)arenas[0].Bytes / sizeof(float);
        first = Array.ConvertAll(slices[0], slice => (int)(slice.Pointer.Address - arenas[0].Pointer.Address) / sizeof(float));
        EndsOnHost = [.. sizes.Select((size, i) => first[i] + size)];
        Ends = gpu.Upload<int>(EndsOnHost);
    }

    /// <summary>Elements of an arena, gaps included.</summary>
    public int Count { get; }

    /// <summary>One past each tensor's last element.</summary>
    public DevicePointer Ends { get; }

    /// <inheritdoc cref="Ends"/>
    public int[] EndsOnHost { get; }

    public DevicePointer W => arenas[0].Pointer;

    public DevicePointer G => arenas[1].Pointer;

    public DevicePointer V => arenas[2].Pointer;

    /// <summary>Copies values to a tensor of <see cref="W"/>, <see cref="G"/> or <see cref="V"/>.</summary>
    public void Upload(DevicePointer arena, int tensor, double[] values) =>
        gpu.Stream.Upload<float>(Array.ConvertAll(values, value => (float)value), arena + (long)first[tensor] * sizeof(float));

    /// <summary>A tensor of what was read of a whole arena.</summary>
    public float[] Tensor(float[] arena, int tensor) => arena.AsSpan(first[tensor], sizes[tensor]).ToArray();

    /// <summary>The elements between the tensors, of what was read of a whole arena.</summary>
    public float[] Gaps(float[] arena)
    {
        var inTensor = new bool[arena.Length];
        for (int i = 0; i < sizes.Length; i++) inTensor.AsSpan(first[i], sizes[i]).Fill(true);
        return [.. arena.Where((_, i) => !inTensor[i])];
    }

    /// <summary>Parameters of these sizes with values that are exact in float.</summary>
    public static Parameter[] Random(int[] sizes) => [.. sizes.Select((size, i) =>
    {
        var parameter = new Parameter(size, training: true);
        TestData.Wide(TestData.Normal(size, $"w {i}")).CopyTo(parameter.Values, 0);
        TestData.Wide(TestData.Normal(size, $"v {i}", 0.1)).CopyTo(parameter.Velocity, 0);
        return parameter;
    })];
}
