using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using CudnnResNet.Model;

namespace CudnnResNet.Training;

/// <summary>
/// A TensorBoard event file, <c>events.out.tfevents.TIME.HOST</c>: records of a length, its checksum, an Event message and its checksum
/// (TFRecord, masked CRC-32C), as docs/formats.md describes it.
/// </summary>
/// <remarks>
/// Every process of a run begins a file of its own, as TensorBoard's own writers do, with a session log that says at which step it goes on;
/// TensorBoard then drops what earlier files have from there on. So a file that a killed process left with half a record is never written
/// to again. The numbers of the fields are those of event.proto and summary.proto in https://github.com/tensorflow/tensorboard.
/// </remarks>
internal sealed class EventFile
{
    private const string Prefix = "events.out.tfevents.";
    private const string Version = "brain.Event:2";
    private const long SessionStart = 1;

    private readonly string path;
    private readonly FileOperations files;

    private EventFile(string path, FileOperations files) => (this.path, this.files) = (path, files);

    /// <summary>Begins a file.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="firstStep">The first step of this process: 1 in a new run.</param>
    /// <param name="files">The file system.</param>
    public static EventFile Create(string folder, long firstStep, FileOperations files)
    {
        // Files are read in the order of their names, so a clock that was set back, or two starts within a second, must not show.
        long time = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        long last = Directory.EnumerateFiles(folder, Prefix + "*").Select(TimeOf).DefaultIfEmpty(0).Max();
        string name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Math.Max(time, last + 1):D10}.{Host()}");
        var file = new EventFile(Path.Combine(folder, name), files);
        file.Append(step: 0, message => message.Write(3, Version));
        file.Append(firstStep, message => message.Write(7, session => session.Write(1, SessionStart)));
        return file;
    }

    /// <summary>Adds one record with all values of a step; it is on the disk when this returns.</summary>
    public void Write(long step, IEnumerable<(string Tag, double Value)> values) => Append(step, message => message.Write(5, summary =>
    {
        foreach (var (tag, value) in values)
        {
            summary.Write(1, entry =>
            {
                entry.Write(1, tag);
                entry.Write(2, (float)value);
            });
        }
    }));

    private void Append(long step, Action<ProtobufWriter> content)
    {
        var message = new ProtobufWriter();
        message.Write(1, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0);
        if (step != 0) message.Write(2, step);
        content(message);
        byte[] data = message.ToArray(), record = new byte[sizeof(ulong) + sizeof(uint) + data.Length + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedCrc32C(record.AsSpan(0, 8)));
        data.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), MaskedCrc32C(data));
        files.Append(path, record);
    }

    /// <summary>CRC-32C, rotated and moved: TFRecord's checksum, so that a file of records within a record has others.</summary>
    internal static uint MaskedCrc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes) crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + 0xA282EAD8;
    }

    private static long TimeOf(string path) =>
        long.TryParse(Path.GetFileName(path)[Prefix.Length..].Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out long time) ? time : 0;

    // A host's name may not lead out of the folder.
    private static string Host()
    {
        var name = new StringBuilder();
        foreach (char c in Environment.MachineName) name.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_');
        return name.Length > 0 ? name.ToString() : "localhost";
    }
}
