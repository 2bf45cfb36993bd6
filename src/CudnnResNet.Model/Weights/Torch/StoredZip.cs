using System.Buffers.Binary;
using System.Text;

namespace CudnnResNet.Model;

/// <summary>
/// A zip archive whose entries are stored as they are, which is what PyTorch writes. Compressed entries are refused, so that nothing can be
/// larger in memory than it is in the file.
/// </summary>
/// <remarks>The format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16.</remarks>
internal sealed class StoredZip
{
    private const uint LocalSignature = 0x04034B50, CentralSignature = 0x02014B50, EndSignature = 0x06054B50;
    private const int LocalLength = 30, CentralLength = 46, EndLength = 22, MaxComment = 0xFFFF;
    private const int MaxEntries = 0xFFFE; // 0xFFFF says that a ZIP64 record has the number.

    private readonly ReadOnlyMemory<byte> data;
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <summary>One entry.</summary>
    /// <param name="Name">Its path.</param>
    /// <param name="Crc">The CRC-32 of its bytes.</param>
    /// <param name="Header">Where its local header begins.</param>
    /// <param name="Begin">Where its bytes begin.</param>
    /// <param name="Length">How many they are.</param>
    private sealed record Entry(string Name, uint Crc, int Header, int Begin, int Length);

    /// <summary>Reads the directory.</summary>
    /// <param name="data">The whole file.</param>
    /// <exception cref="WeightsException">It is damaged, or has what PyTorch does not write.</exception>
    public StoredZip(ReadOnlyMemory<byte> data)
    {
        this.data = data;
        var span = data.Span;
        int end = FindEnd(span);
        int count = Number16(span, end + 10), length = Number32(span, end + 12, "the directory's length"), at = Number32(span, end + 16, "the directory's place");
        if (Number16(span, end + 4) != 0 || Number16(span, end + 6) != 0 || Number16(span, end + 8) != count) throw new WeightsException("the zip archive is one of several parts");
        if (count > MaxEntries) throw new WeightsException("the zip archive has more than 65534 entries");
        if (length > end - at) throw new WeightsException($"the zip archive's directory of {length} bytes at byte {at} is not within the file");
        int directoryEnd = at + length, directoryBegin = at;
        for (int i = 0; i < count; i++) at = ReadEntry(at, directoryEnd, directoryBegin);
        if (at != directoryEnd) throw new WeightsException($"{directoryEnd - at} bytes of the zip archive's directory belong to no entry");
        CheckOverlaps();
    }

    /// <summary>The entries' paths.</summary>
    public IEnumerable<string> Names => entries.Keys;

    /// <summary>Whether there is an entry.</summary>
    public bool Contains(string name) => entries.ContainsKey(name);

    /// <summary>An entry's bytes, checked against their CRC-32.</summary>
    /// <exception cref="WeightsException">There is no such entry, or it is damaged.</exception>
    public ReadOnlyMemory<byte> Read(string name)
    {
        if (!entries.TryGetValue(name, out var entry)) throw new WeightsException($"the zip archive has no entry {PrintableText.Quoted(name)}");
        var bytes = data.Slice(entry.Begin, entry.Length);
        if (Crc32.Of(bytes.Span) != entry.Crc) throw Error(name, "is damaged: its CRC-32 is another (or it was written with PyTorch's CRC-32 switched off: save it with it)");
        return bytes;
    }

    private static int FindEnd(ReadOnlySpan<byte> span)
    {
        for (int at = span.Length - EndLength; at >= Math.Max(0, span.Length - EndLength - MaxComment); at--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(span[at..]) == EndSignature && at + EndLength + Number16(span, at + 20) == span.Length) return at;
        }
        throw new WeightsException("the zip archive has no directory; it is truncated or damaged");
    }

    private int ReadEntry(int at, int directoryEnd, int directoryBegin)
    {
        var span = data.Span;
        if (directoryEnd - at < CentralLength || BinaryPrimitives.ReadUInt32LittleEndian(span[at..]) != CentralSignature)
            throw new WeightsException($"the zip archive's directory is damaged at byte {at}");
        int nameLength = Number16(span, at + 28), next = at + CentralLength + nameLength + Number16(span, at + 30) + Number16(span, at + 32);
        if (next > directoryEnd) throw new WeightsException($"the zip archive's directory is damaged at byte {at}");
        string name = Encoding.UTF8.GetString(span.Slice(at + CentralLength, nameLength));
        int flags = Number16(span, at + 8), method = Number16(span, at + 10);
        if ((flags & 1) != 0) throw Error(name, "is encrypted");
        if (method != 0) throw Error(name, $"is compressed (method {method}); PyTorch stores its entries as they are");
        int packed = Number32(span, at + 20, "an entry's length"), length = Number32(span, at + 24, "an entry's length"), header = Number32(span, at + 42, "an entry's place");
        if (packed != length) throw Error(name, $"is stored in {packed} bytes and is to have {length}");

        if (header > directoryBegin - LocalLength || BinaryPrimitives.ReadUInt32LittleEndian(span[header..]) != LocalSignature) throw Error(name, "has no header where it should be");
        long begin = (long)header + LocalLength + Number16(span, header + 26) + Number16(span, header + 28);
        if (begin + length > directoryBegin) throw Error(name, $"of {length} bytes at byte {begin} is not within the file");
        if (Number16(span, header + 26) != nameLength || !span.Slice(header + LocalLength, nameLength).SequenceEqual(span.Slice(at + CentralLength, nameLength)))
            throw Error(name, "has another name in its own header");
        if (!entries.TryAdd(name, new(name, BinaryPrimitives.ReadUInt32LittleEndian(span[(at + 16)..]), header, (int)begin, length))) throw Error(name, "occurs twice");
        return next;
    }

    private void CheckOverlaps()
    {
        int end = 0;
        foreach (var entry in entries.Values.OrderBy(entry => entry.Header))
        {
            if (entry.Header < end) throw Error(entry.Name, "overlaps the entry before it");
            end = entry.Begin + entry.Length;
        }
    }

    private static int Number16(ReadOnlySpan<byte> span, int at) => BinaryPrimitives.ReadUInt16LittleEndian(span[at..]);

    private static int Number32(ReadOnlySpan<byte> span, int at, string what)
    {
        uint number = BinaryPrimitives.ReadUInt32LittleEndian(span[at..]);
        return number <= int.MaxValue ? (int)number : throw new WeightsException($"the zip archive says {number} for {what}, more than a file of weights has");
    }

    private static WeightsException Error(string name, string what) => new($"the zip archive's entry {PrintableText.Quoted(name)} {what}");
}
