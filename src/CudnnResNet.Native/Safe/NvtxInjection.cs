using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using CudnnResNet.Native.Sys;

namespace CudnnResNet.Native.Safe;

/// <summary>
/// NVTX 3's handshake. It has no library: a profiler names its own in an environment variable, the program opens that and hands it the
/// addresses of the program's function pointers, which the profiler fills. Without a profiler they stay null.
/// </summary>
internal static unsafe class NvtxInjection
{
    /// <summary>Set by nsys and ncu for the processes they start.</summary>
    public const string Variable = "NVTX_INJECTION64_PATH";

    // Slots of a module: function i's pointer is written to pointers[i]; the core modules have 16, the first of which is unused.
    private const int Slots = 16;
    private const uint SpeaksVersion = 3;

    private static readonly NvtxExportTableCallbacks* Callbacks = (NvtxExportTableCallbacks*)NativeMemory.AllocZeroed((nuint)sizeof(NvtxExportTableCallbacks));
    private static readonly NvtxExportTableVersionInfo* VersionInfo = (NvtxExportTableVersionInfo*)NativeMemory.AllocZeroed((nuint)sizeof(NvtxExportTableVersionInfo));
    private static readonly Module Core = new();
    private static readonly Module Core2 = new();

    /// <summary>Asks the profiler's library to fill our pointers.</summary>
    /// <param name="path">The library.</param>
    /// <param name="problem">Why it did not, in one line.</param>
    /// <returns>Whether it did.</returns>
    public static bool TryAttach(string path, out string? problem)
    {
        problem = null;
        if (!NativeLibrary.TryLoad(path, out nint library)) problem = $"{path} cannot be loaded";
        else if (!NativeLibrary.TryGetExport(library, "InitializeInjectionNvtx2", out nint entry)) problem = $"{path} has no InitializeInjectionNvtx2";
        else
        {
            *Callbacks = new() { struct_size = (nuint)sizeof(NvtxExportTableCallbacks), GetModuleFunctionTable = &GetModuleFunctionTable };
            *VersionInfo = new() { struct_size = (nuint)sizeof(NvtxExportTableVersionInfo), version = SpeaksVersion, SetInjectionNvtxVersion = &SetInjectionNvtxVersion };
            if (((delegate* unmanaged<delegate* unmanaged<uint, void*>, int>)entry)(&GetExportTable) == 0)
            {
                // It may have filled some before it gave up.
                Core.Clear();
                problem = $"{path} refused";
            }
        }
        return problem is null;
    }

    /// <summary>Opens a range on this thread.</summary>
    public static void Push(string name)
    {
        if (Core[NvtxCallbackIdCore.NVTX_CBID_CORE_RangePushA] is var push and not 0) WithUtf8(name, (delegate* unmanaged<byte*, int>)push);
    }

    /// <summary>The same with a text that ends in 0, in UTF-8.</summary>
    public static void Push(byte* name)
    {
        if (Core[NvtxCallbackIdCore.NVTX_CBID_CORE_RangePushA] is var push and not 0) ((delegate* unmanaged<byte*, int>)push)(name);
    }

    /// <summary>Closes this thread's innermost range.</summary>
    public static void Pop()
    {
        if (Core[NvtxCallbackIdCore.NVTX_CBID_CORE_RangePop] is var pop and not 0) ((delegate* unmanaged<int>)pop)();
    }

    /// <summary>Marks a moment.</summary>
    public static void Mark(string name)
    {
        // Its result is void; the register that an int would come in is ignored.
        if (Core[NvtxCallbackIdCore.NVTX_CBID_CORE_MarkA] is var mark and not 0) WithUtf8(name, (delegate* unmanaged<byte*, int>)mark);
    }

    private static void WithUtf8(string name, delegate* unmanaged<byte*, int> call)
    {
        byte* text = Utf8StringMarshaller.ConvertToUnmanaged(name);
        call(text);
        Utf8StringMarshaller.Free(text);
    }

    [UnmanagedCallersOnly]
    private static void* GetExportTable(uint id) => (NvtxExportTableID)id switch
    {
        NvtxExportTableID.NVTX_ETID_CALLBACKS => Callbacks,
        NvtxExportTableID.NVTX_ETID_VERSIONINFO => VersionInfo,
        _ => null,
    };

    [UnmanagedCallersOnly]
    private static int GetModuleFunctionTable(int module, void*** table, uint* size)
    {
        Module? ours = (NvtxCallbackModule)module switch
        {
            NvtxCallbackModule.NVTX_CB_MODULE_CORE => Core,
            NvtxCallbackModule.NVTX_CB_MODULE_CORE2 => Core2,
            _ => null,
        };
        if (ours is null) return 0;
        if (table != null) *table = ours.Table;
        if (size != null) *size = Slots;
        return 1;
    }

    [UnmanagedCallersOnly]
    private static void SetInjectionNvtxVersion(uint version)
    {
        // Nothing depends on it: the three functions called here are the same in all versions.
    }

    /// <summary>The function pointers of one module and the table of their addresses, where a profiler finds them as long as the process lives.</summary>
    private sealed class Module
    {
        private readonly nint* pointers = (nint*)NativeMemory.AllocZeroed(Slots, (nuint)sizeof(nint));

        public Module()
        {
            for (int i = 1; i < Slots; i++) Table[i] = pointers + i;
        }

        public void** Table { get; } = (void**)NativeMemory.AllocZeroed(Slots, (nuint)sizeof(nint));

        public nint this[NvtxCallbackIdCore id] => pointers[(uint)id];

        public void Clear() => new Span<nint>(pointers, Slots).Clear();
    }
}
