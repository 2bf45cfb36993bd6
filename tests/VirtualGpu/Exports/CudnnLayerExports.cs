using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Cudnn;
using CudnnResNet.VirtualGpu.Driver;
using CudnnResNet.VirtualGpu.Libraries;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>Activation, pooling, addition.</summary>
internal static unsafe class CudnnLayerExports
{
    [UnmanagedCallersOnly(EntryPoint = "cudnnActivationForward")]
    internal static cudnnStatus_t cudnnActivationForward(
        nint handle, nint activationDesc, void* alpha, nint xDesc, void* x, void* beta, nint yDesc, void* y) => CudnnCall.OnHandle(handle, found =>
    {
        Blend blend = Expect.Blend(alpha, beta);
        bool propagatesNaN = Relu(found, activationDesc);
        DeviceTensor from = Operand(found, xDesc, x, nameof(x)), to = Operand(found, yDesc, y, nameof(y));
        Elementwise(found, xDesc, yDesc);
        Expect.Apart(to, inPlace: true, from);
        found.Give($"{nameof(cudnnActivationForward)}, x {from.Shape}", 2 * from.Shape.Elements, memory =>
            blend.Store(memory, to.Address, LayerMath.Relu(memory.Floats(from.Address, from.Shape.Elements), propagatesNaN)));
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnActivationBackward")]
    internal static cudnnStatus_t cudnnActivationBackward(
        nint handle, nint activationDesc, void* alpha, nint yDesc, void* y, nint dyDesc, void* dy, nint xDesc, void* x, void* beta, nint dxDesc, void* dx) => CudnnCall.OnHandle(handle, found =>
    {
        Blend blend = Expect.Blend(alpha, beta);
        bool propagatesNaN = Relu(found, activationDesc);
        DeviceTensor output = Operand(found, yDesc, y, nameof(y)), gradient = Operand(found, dyDesc, dy, nameof(dy)), input = Operand(found, xDesc, x, nameof(x)), to = Operand(found, dxDesc, dx, nameof(dx));
        Elementwise(found, yDesc, dyDesc, xDesc, dxDesc);
        Expect.Apart(to, inPlace: true, output, gradient, input);
        found.Give($"{nameof(cudnnActivationBackward)}, y {output.Shape}", 4 * output.Shape.Elements, memory =>
        {
            // x too has to be there, though ReLU does without.
            memory.Floats(input.Address, input.Shape.Elements);
            blend.Store(memory, to.Address, LayerMath.ReluBackward(memory.Floats(output.Address, output.Shape.Elements), memory.Floats(gradient.Address, gradient.Shape.Elements), propagatesNaN));
        });
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnPoolingForward")]
    internal static cudnnStatus_t cudnnPoolingForward(nint handle, nint poolingDesc, void* alpha, nint xDesc, void* x, void* beta, nint yDesc, void* y) => CudnnCall.OnHandle(handle, found =>
    {
        Blend blend = Expect.Blend(alpha, beta);
        PoolingWindow window = Window(found, poolingDesc, xDesc, yDesc);
        DeviceTensor from = Operand(found, xDesc, x, nameof(x)), to = Operand(found, yDesc, y, nameof(y));
        Expect.Apart(to, inPlace: false, from);
        found.Give($"{nameof(cudnnPoolingForward)}, x {from.Shape}", from.Shape.Elements, memory => blend.Store(memory, to.Address, LayerMath.Pool(window, from.Shape, memory.Floats(from.Address, from.Shape.Elements))));
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnPoolingBackward")]
    internal static cudnnStatus_t cudnnPoolingBackward(
        nint handle, nint poolingDesc, void* alpha, nint yDesc, void* y, nint dyDesc, void* dy, nint xDesc, void* x, void* beta, nint dxDesc, void* dx) => CudnnCall.OnHandle(handle, found =>
    {
        Blend blend = Expect.Blend(alpha, beta);
        PoolingWindow window = Window(found, poolingDesc, xDesc, yDesc);
        Window(found, poolingDesc, dxDesc, dyDesc);
        DeviceTensor output = Operand(found, yDesc, y, nameof(y)), gradient = Operand(found, dyDesc, dy, nameof(dy)), input = Operand(found, xDesc, x, nameof(x)), to = Operand(found, dxDesc, dx, nameof(dx));
        Expect.That(input.Shape == to.Shape, $"x is {input.Shape}, and dx {to.Shape}");
        Expect.Apart(to, inPlace: false, output, gradient, input);
        found.Give($"{nameof(cudnnPoolingBackward)}, x {input.Shape}", input.Shape.Elements, memory =>
        {
            // x and y too have to be there, though an average does without.
            memory.Floats(input.Address, input.Shape.Elements);
            memory.Floats(output.Address, output.Shape.Elements);
            blend.Store(memory, to.Address, LayerMath.PoolBackward(window, input.Shape, memory.Floats(gradient.Address, gradient.Shape.Elements)));
        });
    });

    [UnmanagedCallersOnly(EntryPoint = "cudnnAddTensor")]
    internal static cudnnStatus_t cudnnAddTensor(nint handle, void* alpha, nint aDesc, void* A, void* beta, nint cDesc, void* C) => CudnnCall.OnHandle(handle, found =>
    {
        Blend blend = Expect.Blend(alpha, beta);
        TensorDescriptor a = Descriptor(found, aDesc, nameof(aDesc)), c = Descriptor(found, cDesc, nameof(cDesc));
        Expect.Alike(a, c);
        Expect.That(
            Fits(a.Shape.N, c.Shape.N) && Fits(a.Shape.C, c.Shape.C) && Fits(a.Shape.H, c.Shape.H) && Fits(a.Shape.W, c.Shape.W), $"a is {a.Shape}: each dimension has to be 1 or that of c {c.Shape}");
        Expect.Computable(a);
        DeviceTensor from = Expect.Tensor(a, A, nameof(A)), to = Expect.Tensor(c, C, nameof(C));
        Expect.Apart(to, inPlace: from.Shape == to.Shape, from);
        found.Give($"{nameof(cudnnAddTensor)}, a {from.Shape}, c {to.Shape}", 2 * to.Shape.Elements, memory =>
            blend.Store(memory, to.Address, LayerMath.Broadcast(from.Shape, memory.Floats(from.Address, from.Shape.Elements), to.Shape)));

        static bool Fits(int ofA, int ofC) => ofA == 1 || ofA == ofC;
    });

    private static TensorDescriptor Descriptor(CudnnHandle handle, nint descriptor, string parameter) => Expect.Descriptor<TensorDescriptor>(handle.Context.Machine, descriptor, parameter);

    private static DeviceTensor Operand(CudnnHandle handle, nint descriptor, void* address, string parameter) => Expect.Tensor(Descriptor(handle, descriptor, parameter), address, parameter);

    // Whether NaN stays NaN.
    private static bool Relu(CudnnHandle handle, nint activationDesc)
    {
        ActivationDescriptor activation = Expect.Descriptor<ActivationDescriptor>(handle.Context.Machine, activationDesc, nameof(activationDesc));
        return activation.Mode == cudnnActivationMode_t.CUDNN_ACTIVATION_RELU ? activation.PropagatesNaN : throw Expect.NotSupported($"{activation.Mode}: the emulator has CUDNN_ACTIVATION_RELU only");
    }

    // Of one shape, type and order, of which any will do.
    private static void Elementwise(CudnnHandle handle, params ReadOnlySpan<nint> descriptors)
    {
        TensorDescriptor first = Descriptor(handle, descriptors[0], "tensor descriptor");
        foreach (nint other in descriptors)
        {
            TensorDescriptor descriptor = Descriptor(handle, other, "tensor descriptor");
            Expect.Alike(first, descriptor);
            Expect.SameShape(descriptor, first.Shape, $"{descriptor}");
        }
        Expect.Computable(first, anyFormat: true);
    }

    private static PoolingWindow Window(CudnnHandle handle, nint poolingDesc, nint xDesc, nint yDesc)
    {
        PoolingWindow window = Expect.Descriptor<PoolingDescriptor>(handle.Context.Machine, poolingDesc, nameof(poolingDesc)).Window;
        if (window.Mode is cudnnPoolingMode_t.CUDNN_POOLING_MAX or cudnnPoolingMode_t.CUDNN_POOLING_MAX_DETERMINISTIC) throw Expect.NotSupported($"{window.Mode}: the emulator has averages only");
        TensorDescriptor x = Descriptor(handle, xDesc, nameof(xDesc)), y = Descriptor(handle, yDesc, nameof(yDesc));
        Expect.Alike(x, y);
        Expect.SameShape(y, window.Output(x.Shape), nameof(yDesc));
        Expect.Computable(x);
        return window;
    }
}
