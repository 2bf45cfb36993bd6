using System.Globalization;
using System.Text;

namespace CudnnResNet.Tests.Hostile;

/// <summary>Headers of tar entries made by hand, with a right checksum around whatever they claim.</summary>
internal static class TarHeader
{
    public static byte[] Of(string name, char type, long length) => Of(name, type, Convert.ToString(length, 8).PadLeft(11, '0'));

    public static byte[] Of(string name, char type, string length)
    {
        var header = new byte[512];
        Encoding.Latin1.GetBytes(name, header);
        Encoding.Latin1.GetBytes("0000644\0" + "0000000\0" + "0000000\0", header.AsSpan(100));
        Encoding.Latin1.GetBytes(length, header.AsSpan(124));
        Encoding.Latin1.GetBytes("00000000000\0        ", header.AsSpan(136));
        header[156] = (byte)type;
        Encoding.Latin1.GetBytes("ustar  ", header.AsSpan(257));
        Encoding.Latin1.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Convert.ToString(header.Sum(value => value), 8).PadLeft(6, '0')}\0 "), header.AsSpan(148));
        return header;
    }
}
