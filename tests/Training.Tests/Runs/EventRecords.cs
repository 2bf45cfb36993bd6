using System.Buffers.Binary;

namespace CudnnResNet.Training.Tests.Runs;

/// <summary>One record of an event file.</summary>
/// <param name="WallTime">Seconds since 1970.</param>
/// <param name="Step">The step; 0 where it is not written.</param>
/// <param name="Version">Of the first record.</param>
/// <param name="SessionStatus">1 where a session starts.</param>
/// <param name="Values">The scalars.</param>
internal sealed record EventRecord(double WallTime, long Step, string? Version, ulong? SessionStatus, IReadOnlyDictionary<string, float> Values);

/// <summary>Reads event files by the format's description alone: lengths, masked checksums (bit by bit), Event messages.</summary>
internal static class EventRecords
{
    /// <summary>A file's whole records; what is cut off at the end is left out, as TensorBoard leaves it out.</summary>
    public static List<EventRecord> Read(string path)
    {
        var records = new List<EventRecord>();
        byte[] file = File.ReadAllBytes(path);
        for (int at = 0; at + 12 <= file.Length;)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            Assert.AreEqual(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)), "the length's checksum");
            if (at + 16 + length > file.Length) break;
            byte[] data = file[(at + 12)..(at + 12 + length)];
            Assert.AreEqual(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)), "the record's checksum");
            records.Add(Parse(data));
            at += 16 + length;
        }
        return records;
    }

    /// <summary>All files of a folder in the order of their names.</summary>
    public static List<string> Files(string folder) => [.. Directory.GetFiles(folder, "events.out.tfevents.*").Order(StringComparer.Ordinal)];

    /// <summary>
    /// The scalars of a folder by tag, as TensorBoard shows them: a session that starts, other than the first, drops what was written of its
    /// step and later ones.
    /// </summary>
    public static Dictionary<string, List<(long Step, float Value)>> Shown(string folder)
    {
        var shown = new Dictionary<string, List<(long Step, float Value)>>();
        bool started = false;
        foreach (var record in Files(folder).SelectMany(Read))
        {
            if (record.SessionStatus == 1)
            {
                if (started)
                    foreach (var series in shown.Values) series.RemoveAll(point => point.Step >= record.Step);
                started = true;
            }
            foreach (var (tag, value) in record.Values)
            {
                if (!shown.TryGetValue(tag, out var series)) shown[tag] = series = [];
                series.Add((record.Step, value));
            }
        }
        return shown;
    }

    public static uint Masked(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte value in bytes)
            for (int bit = 0; bit < 8; bit++)
                crc = ((crc ^ (uint)(value >> bit)) & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }

    private static EventRecord Parse(byte[] data)
    {
        var fields = ProtobufReader.Read(data);
        var values = fields.Where(field => field.Number == 5).SelectMany(field => field.Message).ToDictionary(
            value => value.Message.Single(field => field.Number == 1).Text,
            value => value.Message.Single(field => field.Number == 2).Float);
        return new(
            fields.Single(field => field.Number == 1).Double,
            (long)(fields.SingleOrDefault(field => field.Number == 2)?.Bits ?? 0),
            fields.SingleOrDefault(field => field.Number == 3)?.Text,
            fields.SingleOrDefault(field => field.Number == 7)?.Message.Single(field => field.Number == 1).Bits,
            values);
    }
}
