using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace CudnnResNet.Peers.Torch;

/// <summary>Lets TorchSharp's library load where the system's libstdc++ is older than that of gcc 13 (Debian 12, Ubuntu 22.04).</summary>
/// <remarks>
/// libLibTorchSharp.so of TorchSharp 0.107 asks for the symbol version GLIBCXX_3.4.32 on behalf of a single symbol,
/// std::ios_base_library_init, that a compiler mentions and nothing ever calls. The loader refuses the library only because of the
/// version. In the copy beside this program, and there alone, that requirement is marked weak (VER_FLG_WEAK), which the loader lets pass.
/// </remarks>
internal static class NativeLibraries
{
    private const string Name = "libLibTorchSharp.so", Version = "GLIBCXX_3.4.32";
    private const uint VersionNeeds = 0x6ffffffe; // SHT_GNU_verneed
    private const ushort Weak = 2; // VER_FLG_WEAK

    /// <summary>Tries the library and mends its copy if that one version is what it lacks.</summary>
    public static void MakeLoadable()
    {
        string path = Path.Combine(AppContext.BaseDirectory, Name);
        if (!OperatingSystem.IsLinux() || !File.Exists(path)) return;
        try
        {
            NativeLibrary.Free(NativeLibrary.Load(path));
        }
        catch (DllNotFoundException error) when (error.Message.Contains(Version, StringComparison.Ordinal))
        {
            byte[] library = File.ReadAllBytes(path);
            MakeWeak(library, Version);
            // A new file under the old name: the bytes of a file that another process has loaded must not change.
            string changed = $"{path}.{Environment.ProcessId}";
            File.WriteAllBytes(changed, library);
            File.Move(changed, path, overwrite: true);
            Console.Error.WriteLine($"note: the system's libstdc++ is older than gcc 13's; {path} no longer insists on {Version}, which none of its calls need");
        }
    }

    /// <summary>Marks every requirement of a version in a 64-bit little-endian ELF file as weak.</summary>
    internal static void MakeWeak(Span<byte> elf, string version)
    {
        ulong sections = Long(elf, 0x28);
        int size = Short(elf, 0x3a), count = Short(elf, 0x3c);
        for (int i = 0; i < count; i++)
        {
            var section = elf[(int)(sections + (ulong)(i * size))..];
            if (Word(section, 4) != VersionNeeds) continue;
            // sh_link names the section of the strings; sh_info says how many libraries there are requirements of.
            var strings = elf[(int)Long(elf[(int)(sections + Word(section, 0x28) * (ulong)size)..], 0x18)..];
            var library = elf[(int)Long(section, 0x18)..];
            for (uint libraries = Word(section, 0x2c); libraries > 0; libraries--)
            {
                var need = library[(int)Word(library, 8)..];
                for (int needs = Short(library, 2); needs > 0; needs--)
                {
                    if (Text(strings[(int)Word(need, 8)..]) == version) BinaryPrimitives.WriteUInt16LittleEndian(need[4..], (ushort)(Short(need, 4) | Weak));
                    need = need[(int)Word(need, 12)..];
                }
                library = library[(int)Word(library, 12)..];
            }
        }
    }

    private static ushort Short(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong Long(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes[..bytes.IndexOf((byte)0)]);
}
