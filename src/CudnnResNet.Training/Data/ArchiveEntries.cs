using System.Text;

namespace CudnnResNet.Training.Data;

/// <summary>An entry of a tar archive.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Type">What it is: <c>0</c> for a file, <c>2</c> for a symbolic link.</param>
/// <param name="Length">Bytes that follow.</param>
internal readonly record struct ArchiveEntry(string Name, char Type, long Length)
{
    /// <summary>Whether it is a file and nothing special; old archives have a zero for it.</summary>
    public bool IsFile => Type is '0' or '\0';
}

/// <summary>
/// Reads a tar archive from beginning to end. An entry is what its own header of 512 bytes says: names and sizes that other entries
/// announce (GNU's long names, PAX's attributes) are entries of no use here. So no memory is taken for what an archive claims.
/// </summary>
/// <remarks>The format: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html, "ustar Interchange Format".</remarks>
internal sealed class ArchiveEntries(Stream stream)
{
    private const int Block = 512;

    private readonly byte[] header = new byte[Block];
    private long left, padding;

    /// <summary>Goes on to the next entry; what is left of the one before it is passed over.</summary>
    /// <returns>Null at the end.</returns>
    /// <exception cref="InvalidDataException">A header is damaged.</exception>
    /// <exception cref="EndOfStreamException">The archive is cut off.</exception>
    public ArchiveEntry? Next()
    {
        Skip(left + padding);
        stream.ReadExactly(header);
        if (!header.AsSpan().ContainsAnyExcept((byte)0)) return null;
        if (Octal(148, 8) != Checksum()) throw new InvalidDataException("the checksum of an entry's header is another");
        left = Octal(124, 12);
        padding = (Block - left % Block) % Block;
        string name = Text(0, 100), prefix = header.AsSpan(257, 6).SequenceEqual("ustar\0"u8) ? Text(345, 155) : "";
        return new(prefix.Length > 0 ? $"{prefix}/{name}" : name, (char)header[156], left);
    }

    /// <summary>Copies the entry's bytes.</summary>
    /// <exception cref="EndOfStreamException">The archive is cut off.</exception>
    public void CopyTo(Stream target)
    {
        var buffer = new byte[1 << 16];
        while (left > 0)
        {
            int read = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
            if (read == 0) throw new EndOfStreamException("the archive is cut off");
            target.Write(buffer, 0, read);
            left -= read;
        }
    }

    private void Skip(long bytes)
    {
        for (var buffer = new byte[Block]; bytes > 0;)
        {
            int part = (int)Math.Min(buffer.Length, bytes);
            stream.ReadExactly(buffer, 0, part);
            bytes -= part;
        }
    }

    private string Text(int at, int length)
    {
        var field = header.AsSpan(at, length);
        int end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }

    /// <summary>A number in octal digits, with blanks or zeros around it. GNU's binary form is for files of 8 GB.</summary>
    private long Octal(int at, int length)
    {
        long value = 0;
        foreach (byte digit in header.AsSpan(at, length).Trim(" \0"u8))
            value = digit is >= (byte)'0' and <= (byte)'7' ? value * 8 + digit - '0' : throw new InvalidDataException("a number of an entry's header is not octal");
        return value;
    }

    // The sum of the header's bytes, those of the sum itself counted as blanks.
    private long Checksum()
    {
        long sum = 0;
        for (int i = 0; i < Block; i++) sum += i is >= 148 and < 156 ? ' ' : header[i];
        return sum;
    }
}
