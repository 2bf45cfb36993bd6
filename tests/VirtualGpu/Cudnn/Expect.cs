using CudnnResNet.VirtualGpu.Driver;
using CudnnResNet.VirtualGpu.Libraries;
using CudnnResNet.VirtualGpu.Memory;

namespace CudnnResNet.VirtualGpu.Cudnn;

/// <summary>What cuDNN's functions ask of their arguments.</summary>
internal static unsafe class Expect
{
    public static LibraryFault BadParam(string what) => new(cudnnStatus_t.CUDNN_STATUS_BAD_PARAM, what);

    /// <summary>An answer that a program has to expect: no mistake.</summary>
    public static LibraryFault NotSupported(string what) => new(cudnnStatus_t.CUDNN_STATUS_NOT_SUPPORTED, what, isMistake: false);

    public static void That(bool valid, string what)
    {
        if (!valid) throw BadParam(what);
    }

    /// <summary>A descriptor that says something.</summary>
    public static T Descriptor<T>(Machine machine, nint handle, string parameter) where T : CudnnDescriptor
    {
        T found = machine.Handles.Get<T>(handle, parameter);
        return found.IsSet ? found : throw BadParam($"{parameter} is {found}, which was never set");
    }

    /// <summary>alpha and beta, which lie in the host's memory.</summary>
    public static Blend Blend(void* alpha, void* beta)
    {
        foreach (nint address in new[] { (nint)alpha, (nint)beta })
        {
            That(address != 0, "alpha or beta is null");
            That(!AddressSpace.Holds((ulong)address), $"alpha or beta is at 0x{address:x}, an address of the device: they are read by the host");
        }
        return new(*(float*)alpha, *(float*)beta);
    }

    /// <summary>An address of floats.</summary>
    public static ulong Data(void* address, string parameter)
    {
        That(address is not null, $"{parameter} is null");
        That((ulong)address % sizeof(float) == 0, $"{parameter} is at 0x{(ulong)address:x}, no place of a float");
        return (ulong)address;
    }

    /// <summary>A tensor or weights.</summary>
    public static DeviceTensor Tensor(ShapedDescriptor descriptor, void* address, string parameter) => new(descriptor.Shape, Data(address, parameter));

    /// <summary>Operands of one type and one order of dimensions.</summary>
    public static void Alike(params ReadOnlySpan<ShapedDescriptor> operands)
    {
        foreach (ShapedDescriptor operand in operands)
        {
            That(operand.Type == operands[0].Type, $"{operands[0]} is of {operands[0].Type}, and {operand} of {operand.Type}");
            That(operand.Format == operands[0].Format, $"{operands[0]} is {operands[0].Format}, and {operand} {operand.Format}");
        }
    }

    /// <summary>What the emulator computes: 32-bit floats, and with most functions NCHW only.</summary>
    public static void Computable(ShapedDescriptor operand, bool anyFormat = false)
    {
        if (operand.Type != cudnnDataType_t.CUDNN_DATA_FLOAT) throw NotSupported($"{operand.Type}: the emulator computes with CUDNN_DATA_FLOAT only");
        if (!anyFormat && operand.Format != cudnnTensorFormat_t.CUDNN_TENSOR_NCHW) throw NotSupported($"{operand.Format}: the emulator computes this with CUDNN_TENSOR_NCHW only");
    }

    public static void SameShape(ShapedDescriptor operand, TensorShape shape, string parameter) =>
        That(operand.Shape == shape, $"{parameter} is {operand.Shape}, and has to be {shape}");

    /// <summary>An output must not lie over what is read, unless it is the very same array where that is allowed.</summary>
    /// <param name="output">What is written.</param>
    /// <param name="inPlace">Whether the function may write over an input of the same address.</param>
    /// <param name="inputs">What is read.</param>
    public static void Apart(DeviceTensor output, bool inPlace, params ReadOnlySpan<DeviceTensor> inputs)
    {
        foreach (DeviceTensor input in inputs)
        {
            if (inPlace && input.Address == output.Address) continue;
            That(
                input.Address + (ulong)input.Bytes <= output.Address || output.Address + (ulong)output.Bytes <= input.Address,
                $"{input.Bytes} bytes that are read at 0x{input.Address:x} and {output.Bytes} that are written at 0x{output.Address:x} overlap");
        }
    }
}
