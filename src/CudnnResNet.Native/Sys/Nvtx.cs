using System.Runtime.InteropServices;
using CudnnResNet.Native.Loading;

namespace CudnnResNet.Native.Sys;

/// <summary>
/// The library of NVTX 2, which toolkits up to CUDA 12.8 hold; later ones have NVTX 3 only, which is no library but a handshake
/// (<see cref="Safe.NvtxInjection"/>).
/// </summary>
internal static unsafe partial class Nvtx
{
    public const string Library = "libnvToolsExt";

    static Nvtx() => ImportResolver.Register();

    [LibraryImport(Library)] public static partial int nvtxRangePushA(byte* message);
    [LibraryImport(Library)] public static partial int nvtxRangePop();
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial void nvtxMarkA(string message);
}

/// <summary>Export tables that a profiler may ask for.</summary>
internal enum NvtxExportTableID : uint
{
    NVTX_ETID_CALLBACKS = 1,
    NVTX_ETID_VERSIONINFO = 3,
}

/// <summary>Groups of functions that a profiler may replace.</summary>
internal enum NvtxCallbackModule : uint
{
    NVTX_CB_MODULE_CORE = 1,
    NVTX_CB_MODULE_CORE2 = 5,
}

/// <summary>Slots of the core group that this program calls.</summary>
internal enum NvtxCallbackIdCore : uint
{
    NVTX_CBID_CORE_MarkA = 2,
    NVTX_CBID_CORE_RangePushA = 9,
    NVTX_CBID_CORE_RangePop = 11,
}

/// <summary>The table through which a profiler asks where our function pointers lie.</summary>
internal unsafe struct NvtxExportTableCallbacks
{
    public nuint struct_size;
    public delegate* unmanaged<int, void***, uint*, int> GetModuleFunctionTable;
}

/// <summary>The table through which a profiler tells which NVTX version it speaks.</summary>
internal unsafe struct NvtxExportTableVersionInfo
{
    public nuint struct_size;
    public uint version;
    public uint reserved0;
    public delegate* unmanaged<uint, void> SetInjectionNvtxVersion;
}
