namespace CudnnResNet.VirtualGpu.Driver;

/// <summary>Something behind a handle.</summary>
/// <param name="kind">What messages call its kind.</param>
/// <param name="context">The context it belongs to; null for a context.</param>
internal abstract class GpuObject(string kind, GpuContext? context)
{
    /// <summary>The handle; 0 before it has one.</summary>
    public nint Handle { get; set; }

    public GpuContext? Owner => context;

    public bool IsDestroyed { get; set; }

    public override string ToString() => $"{kind} 0x{Handle:x}";
}

/// <summary>All handles. A number is never given out twice, so that a stale one cannot hit something new.</summary>
internal sealed class HandleTable
{
    private const int First = 0x1000;
    private const int Step = 0x10;

    private static nint next = First;

    private readonly Dictionary<nint, GpuObject> objects = [];

    public IEnumerable<T> Live<T>() where T : GpuObject => objects.Values.OfType<T>().Where(item => !item.IsDestroyed);

    /// <summary>A number that is no handle of an object, such as a graph's node has.</summary>
    public static nint NewNumber() => next += Step;

    /// <summary>Gives an object its handle.</summary>
    public T Add<T>(T made) where T : GpuObject
    {
        made.Handle = NewNumber();
        objects.Add(made.Handle, made);
        return made;
    }

    /// <summary>The live object behind a handle.</summary>
    /// <exception cref="DeviceFault">The handle is of another kind, of something destroyed, or of nothing.</exception>
    public T Get<T>(nint handle, string kind) where T : GpuObject
    {
        if (!objects.TryGetValue(handle, out GpuObject? found)) throw Invalid($"0x{handle:x} is no handle, and a {kind} is needed");
        if (found is not T wanted) throw Invalid($"{found} was passed where a {kind} is needed");
        if (found.IsDestroyed) throw Invalid($"use after destruction: {found} was destroyed");
        return wanted;
    }

    private static DeviceFault Invalid(string text) => new((int)CUresult.CUDA_ERROR_INVALID_HANDLE, text);
}
