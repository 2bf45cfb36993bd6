using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.InteropServices;

namespace CudnnResNet.Fuzz;

/// <summary>The memory that instrumented code writes into: that of <c>SharpFuzz.Common.Trace</c>, for the life of the process.</summary>
/// <remarks>
/// SharpFuzz instruments no assembly that refers to its Trace, and this one is instrumented for <see cref="Targets.PlantedBug"/>: hence the
/// reflection.
/// </remarks>
internal static unsafe class CoverageMemory
{
    /// <summary>Bytes: SharpFuzz's edges have 16-bit numbers, the readers' assemblies have more lines.</summary>
    public const int Size = 1 << 18;

    private static readonly byte* Bytes = (byte*)NativeMemory.AllocZeroed(Size);
    private static readonly Action Forget = Attach();

    /// <summary>The memory.</summary>
    public static Span<byte> Span => new(Bytes, Size);

    /// <summary>Makes the next block of code the first of a path; to be called once before any instrumented code.</summary>
    public static void ForgetPlace() => Forget();

    private static Action Attach()
    {
        var trace = Assembly.Load("SharpFuzz.Common").GetType("SharpFuzz.Common.Trace", throwOnError: true)!;
        trace.GetField("SharedMem")!.SetValue(null, Pointer.Box(Bytes, typeof(byte*)));
        return Expression.Lambda<Action>(Expression.Assign(Expression.Field(null, trace.GetField("PrevLocation")!), Expression.Constant(0))).Compile();
    }
}
