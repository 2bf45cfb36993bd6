using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace CudnnResNet.Fuzz;

/// <summary>
/// Makes new inputs of old ones as AFL's "havoc" stage does: a few random changes one upon another, among them a reader's own words.
/// Everything follows from the random numbers, so that a seed gives the same inputs again.
/// </summary>
/// <param name="random">The only source of chance.</param>
/// <param name="dictionary">Words of the format.</param>
/// <param name="maxLength">Longest input, in bytes.</param>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> dictionary, int maxLength)
{
    private const int MaxChanges = 16;

    /// <summary>Where sizes, counts and signs go wrong.</summary>
    private static readonly long[] Interesting =
    [
        0, 1, 2, 3, 7, 8, 9, 15, 16, 31, 32, 64, 100, 127, 128, 255, 256, 511, 512, 1000, 1024, 4096, 32767, 32768, 65535, 65536, 100_000, 1 << 20, int.MaxValue - 1, int.MaxValue,
        1L << 31, uint.MaxValue, 1L << 32, 1L << 40, long.MaxValue - 7, long.MaxValue, -1, -2, -128, int.MinValue, long.MinValue,
    ];

    private byte[] bytes = new byte[2 * maxLength];
    private int length;

    /// <summary>Changes an input.</summary>
    /// <param name="input">Stays as it is.</param>
    /// <param name="other">An input to take parts of.</param>
    public byte[] Mutate(ReadOnlySpan<byte> input, ReadOnlySpan<byte> other)
    {
        length = Math.Min(input.Length, maxLength);
        input[..length].CopyTo(bytes);
        // Half of all inputs differ in one or two places: what is far from every valid file is refused early.
        int changes = random.Next(2) == 0 ? 1 + random.Next(2) : 1 + random.Next(MaxChanges);
        for (int i = 0; i < changes; i++) Change(other);
        return bytes.AsSpan(0, length).ToArray();
    }

    private void Change(ReadOnlySpan<byte> other)
    {
        switch (random.Next(length == 0 ? 3 : 17))
        {
            case 0: Insert(Word()); break;
            case 1: Insert(Piece(other)); break;
            case 2: Insert(Noise(1 + random.Next(8))); break;
            case 3: bytes[At(1)] ^= (byte)(1 << random.Next(8)); break;
            case 4: bytes[At(1)] = (byte)random.Next(256); break;
            case 5: bytes[At(1)] += (byte)(1 + random.Next(35)); break;
            case 6: bytes[At(1)] -= (byte)(1 + random.Next(35)); break;
            case 7: WriteInteger(Interesting[random.Next(Interesting.Length)]); break;
            case 8: AddToInteger(); break;
            case 9: Overwrite(Word()); break;
            case 10: Overwrite(Piece(other)); break;
            case 11: Overwrite(Piece(bytes.AsSpan(0, length))); break;
            case 12: Insert(Piece(bytes.AsSpan(0, length))); break;
            case 13: Remove(); break;
            case 14: length = random.Next(length); break;
            default: ChangeDigits(); break;
        }
    }

    private byte[] Word() => dictionary.Count > 0 ? dictionary[random.Next(dictionary.Count)] : Noise(1 + random.Next(4));

    private byte[] Noise(int count)
    {
        var noise = new byte[count];
        random.NextBytes(noise);
        return noise;
    }

    /// <summary>Small pieces more often than large ones.</summary>
    private byte[] Piece(ReadOnlySpan<byte> from)
    {
        if (from.IsEmpty) return Noise(1);
        int count = Math.Min(from.Length, Size());
        return from.Slice(random.Next(from.Length - count + 1), count).ToArray();
    }

    private int Size() => 1 + random.Next(1 << random.Next(1, 11));

    private int At(int count) => random.Next(Math.Max(1, length - count + 1));

    private void Insert(ReadOnlySpan<byte> what)
    {
        int count = Math.Min(what.Length, maxLength - length), at = random.Next(length + 1);
        bytes.AsSpan(at, length - at).CopyTo(bytes.AsSpan(at + count));
        what[..count].CopyTo(bytes.AsSpan(at));
        length += count;
    }

    private void Overwrite(ReadOnlySpan<byte> what)
    {
        int count = Math.Min(what.Length, length);
        what[..count].CopyTo(bytes.AsSpan(At(count)));
    }

    private void Remove()
    {
        int count = Math.Min(length, Size()), at = At(count);
        bytes.AsSpan(at + count, length - at - count).CopyTo(bytes.AsSpan(at));
        length -= count;
    }

    private void WriteInteger(long value)
    {
        int size = 1 << random.Next(4), at = At(size);
        if (at + size > length) return;
        Span<byte> little = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(little, value);
        little = little[..size];
        if (random.Next(4) == 0) little.Reverse();
        little.CopyTo(bytes.AsSpan(at));
    }

    private void AddToInteger()
    {
        int size = 1 << random.Next(1, 4), at = At(size);
        if (at + size > length) return;
        Span<byte> place = bytes.AsSpan(at, size), eight = stackalloc byte[sizeof(long)];
        place.CopyTo(eight);
        BinaryPrimitives.WriteInt64LittleEndian(eight, BinaryPrimitives.ReadInt64LittleEndian(eight) + random.Next(-35, 36));
        eight[..size].CopyTo(place);
    }

    /// <summary>A number in text becomes another: JSON, CSV and tar have theirs in digits.</summary>
    private void ChangeDigits()
    {
        int begin = At(1);
        while (begin < length && !char.IsAsciiDigit((char)bytes[begin])) begin++;
        if (begin == length) return;
        while (begin > 0 && char.IsAsciiDigit((char)bytes[begin - 1])) begin--;
        int end = begin;
        while (end < length && char.IsAsciiDigit((char)bytes[end])) end++;
        _ = long.TryParse(Encoding.ASCII.GetString(bytes, begin, end - begin), NumberStyles.None, CultureInfo.InvariantCulture, out long old);
        long value = random.Next(3) switch { 0 => old + random.Next(-4, 5), 1 => unchecked(old * random.Next(2, 9)), _ => Interesting[random.Next(Interesting.Length)] };
        byte[] text = Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));
        if (length - (end - begin) + text.Length > maxLength) return;
        bytes.AsSpan(end, length - end).CopyTo(bytes.AsSpan(begin + text.Length));
        text.CopyTo(bytes.AsSpan(begin));
        length += text.Length - (end - begin);
    }
}
