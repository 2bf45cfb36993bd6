using System.Text;
using CudnnResNet.Native.Sys;
using static CudnnResNet.Native.Safe.Calls;
using static CudnnResNet.Native.Sys.Driver;

namespace CudnnResNet.Native.Safe;

/// <summary>PTX, compiled by the driver for one GPU.</summary>
public sealed unsafe class CudaModule : CudaObject
{
    private const int LogBytes = 8192;

    private CudaModule(CudaContext context, string name, nint made)
    {
        Name = name;
        Own(made, context);
    }

    /// <summary>Where the PTX is from; errors say it.</summary>
    public string Name { get; }

    /// <summary>Compiles PTX.</summary>
    /// <param name="context">The context, current on this thread.</param>
    /// <param name="ptx">The text, ASCII, without an end mark.</param>
    /// <param name="name">Where it is from.</param>
    /// <exception cref="CudaException">The driver's compiler refused it; the message has the compiler's first words.</exception>
    public static CudaModule FromPtx(CudaContext context, ReadOnlySpan<byte> ptx, string name)
    {
        byte[] text = [.. ptx, 0];
        byte[] log = new byte[LogBytes];
        fixed (byte* image = text, errors = log)
        {
            CUjit_option* options = stackalloc[] { CUjit_option.CU_JIT_ERROR_LOG_BUFFER, CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES };
            // The driver takes the size as a number in the pointer's place.
            void** values = stackalloc void*[] { errors, (void*)LogBytes };
            CUresult status = cuModuleLoadDataEx(out nint made, image, 2, options, values);
            Check(status, $"{name}: {FirstWords(log)}", nameof(cuModuleLoadDataEx));
            return new(context, name, made);
        }
    }

    /// <summary>A kernel by its name.</summary>
    /// <exception cref="CudaException">The module has no such kernel.</exception>
    public CudaFunction GetFunction(string name)
    {
        Check(cuModuleGetFunction(out nint function, Value, name), $"kernel {name} in {Name}");
        return new(this, name, function);
    }

    private protected override bool Destroy() => Gone(cuModuleUnload(handle));

    private static string FirstWords(byte[] log)
    {
        string text = Encoding.UTF8.GetString(log, 0, Math.Max(0, Array.IndexOf(log, (byte)0))).Trim();
        return text.Length == 0 ? "no message of the compiler" : text[..Math.Min(text.Length, 400)];
    }
}
