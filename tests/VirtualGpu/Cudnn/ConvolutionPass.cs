using CudnnResNet.VirtualGpu.Driver;
using CudnnResNet.VirtualGpu.Libraries;
using CudnnResNet.VirtualGpu.Memory;

namespace CudnnResNet.VirtualGpu.Cudnn;

/// <summary>One of a convolution's three passes: its algorithms, what they need, and its execution.</summary>
/// <param name="algorithms">In the order in which the heuristics prefer them.</param>
/// <param name="compute">The result, of two operands.</param>
internal sealed unsafe class ConvolutionPass(ConvolutionAlgorithm[] algorithms, ConvolutionPass.Compute compute)
{
    public delegate float[] Compute(ConvolutionMath math, ReadOnlySpan<float> a, ReadOnlySpan<float> b);

    public static readonly ConvolutionPass Forward = new(ConvolutionAlgorithms.Forward, (math, x, w) => math.Forward(x, w));

    public static readonly ConvolutionPass BackwardData = new(ConvolutionAlgorithms.BackwardData, (math, w, dy) => math.BackwardData(w, dy));

    public static readonly ConvolutionPass BackwardFilter = new(ConvolutionAlgorithms.BackwardFilter, (math, x, dy) => math.BackwardFilter(x, dy));

    /// <summary>Bytes that an algorithm needs.</summary>
    public long Workspace(GpuDevice device, ConvolutionShape shape, cudnnMathType_t math, uint algo)
    {
        ConvolutionAlgorithm algorithm = Algorithm(algo);
        return algorithm.Workspace(device, shape, math) ?? throw Expect.NotSupported($"{algorithm.Name} cannot compute {shape}");
    }

    /// <summary>The heuristics' answer: best first, those that cannot be used last.</summary>
    /// <param name="device">The device.</param>
    /// <param name="shape">The convolution.</param>
    /// <param name="math">What it may compute with.</param>
    public AlgorithmPerformance[] Heuristics(GpuDevice device, ConvolutionShape shape, cudnnMathType_t math)
    {
        var usable = algorithms.Where(algorithm => algorithm.Needs(shape) is not null).ToArray();
        var tensorCores = usable.Where(algorithm => algorithm.UsesTf32(device, math));
        return [
            .. tensorCores.Select(algorithm => Performance(algorithm, device, shape, cudnnMathType_t.CUDNN_TENSOR_OP_MATH)),
            .. usable.Select(algorithm => Performance(algorithm, device, shape, cudnnMathType_t.CUDNN_FMA_MATH)),
            .. algorithms.Except(usable).Select(algorithm => Performance(algorithm, device, shape, cudnnMathType_t.CUDNN_FMA_MATH))];
    }

    /// <summary>
    /// Find's answer: as if each had been run, in another order than the heuristics', so that one can tell which of the two was asked. The
    /// times are made up.
    /// </summary>
    /// <param name="context">The context.</param>
    /// <param name="shape">The convolution.</param>
    /// <param name="math">What it may compute with.</param>
    /// <param name="workspaceBytes">What may be used; who needs more is not run.</param>
    public AlgorithmPerformance[] Measured(GpuContext context, ConvolutionShape shape, cudnnMathType_t math, long workspaceBytes)
    {
        AlgorithmPerformance[] found = Heuristics(context.Device, shape, math);
        float time = 0;
        foreach (ref AlgorithmPerformance entry in found.AsSpan())
        {
            if (entry.Status == cudnnStatus_t.CUDNN_STATUS_SUCCESS && (long)entry.Memory > workspaceBytes) entry.Status = cudnnStatus_t.CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED;
            if (entry.Status == cudnnStatus_t.CUDNN_STATUS_SUCCESS && context.Machine.Interference.IsUnsupported(Algorithm(entry.Algorithm).Name)) entry.Status = cudnnStatus_t.CUDNN_STATUS_NOT_SUPPORTED;
        }
        AlgorithmPerformance[] run = [.. found.Where(entry => entry.Status == cudnnStatus_t.CUDNN_STATUS_SUCCESS).Reverse()];
        foreach (ref AlgorithmPerformance entry in run.AsSpan()) entry.Time = time += 0.1f;
        return [.. run, .. found.Where(entry => entry.Status != cudnnStatus_t.CUDNN_STATUS_SUCCESS)];
    }

    /// <summary>Gives a pass to the handle's stream.</summary>
    /// <param name="handle">The handle.</param>
    /// <param name="name">The function.</param>
    /// <param name="shape">The convolution.</param>
    /// <param name="math">What it may compute with.</param>
    /// <param name="algo">The algorithm.</param>
    /// <param name="operands">The two operands.</param>
    /// <param name="workspace">Memory for the algorithm.</param>
    /// <param name="blend">How the result is stored.</param>
    /// <param name="result">Where to.</param>
    public void Give(
        CudnnHandle handle, string name, ConvolutionShape shape, cudnnMathType_t math, uint algo, (DeviceTensor A, DeviceTensor B) operands, (ulong Address, nuint Bytes) workspace, Blend blend, DeviceTensor result)
    {
        ConvolutionAlgorithm algorithm = Algorithm(algo);
        long needed = Workspace(handle.Context.Device, shape, math, algo);
        if (handle.Context.Machine.Interference.IsUnsupported(algorithm.Name)) throw Expect.NotSupported($"{algorithm.Name} was made to answer so");
        Expect.That(workspace.Bytes >= (nuint)needed, $"{algorithm.Name} needs a workspace of {needed} bytes for {shape} with {math}, and gets {workspace.Bytes}");
        Expect.That(needed == 0 || workspace.Address != 0, $"{algorithm.Name} needs a workspace of {needed} bytes for {shape}, and gets a null pointer");
        var scratch = new DeviceTensor(new(1, 1, 1, (int)(needed / sizeof(float))), workspace.Address);
        Expect.Apart(result, inPlace: false, operands.A, operands.B);
        if (needed > 0) Expect.Apart(scratch, inPlace: false, operands.A, operands.B, result);
        var arithmetic = new ConvolutionMath(shape, algorithm.UsesTf32(handle.Context.Device, math), algorithm.Backwards);
        handle.Give($"{name}, {algorithm.Name}, {shape}", shape.Products, memory => Run(memory, arithmetic, operands, workspace.Address, needed, blend, result));
    }

    private void Run(DeviceMemory memory, ConvolutionMath arithmetic, (DeviceTensor A, DeviceTensor B) operands, ulong workspace, long needed, Blend blend, DeviceTensor result)
    {
        memory.Scribble(workspace, needed);
        ReadOnlySpan<float> a = memory.Floats(operands.A.Address, operands.A.Shape.Elements), b = memory.Floats(operands.B.Address, operands.B.Shape.Elements);
        blend.Store(memory, result.Address, compute(arithmetic, a, b));
    }

    private ConvolutionAlgorithm Algorithm(uint algo) => Array.Find(algorithms, algorithm => algorithm.Value == algo)
        ?? throw Expect.BadParam($"algorithm {algo} is none: from 0 to {algorithms.Length - 1} is allowed");

    private static AlgorithmPerformance Performance(ConvolutionAlgorithm algorithm, GpuDevice device, ConvolutionShape shape, cudnnMathType_t math) => new()
    {
        Algorithm = algorithm.Value,
        Status = algorithm.Needs(shape) is null ? cudnnStatus_t.CUDNN_STATUS_NOT_SUPPORTED : cudnnStatus_t.CUDNN_STATUS_SUCCESS,
        Time = -1,
        Memory = (nuint)(algorithm.Workspace(device, shape, math) ?? 0),
        Determinism = algorithm.IsDeterministic ? 1u : 0u,
        MathType = math,
    };
}
