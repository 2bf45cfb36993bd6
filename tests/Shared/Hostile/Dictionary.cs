using System.Text;

namespace CudnnResNet.Tests.Hostile;

/// <summary>Pieces that readers trip over: numbers at the edges, halves of things, opcodes, and what drives a terminal.</summary>
internal static class Dictionary
{
    /// <summary>The pieces.</summary>
    public static IReadOnlyList<byte[]> Pieces { get; } =
    [
        .. new[]
        {
            "\u001b[2J", "\u009b1A", "\u202E", "\u2028", "-1", "0", "-0", "2147483647", "2147483648", "4294967296", "9223372036854775807", "18446744073709551615", "1e999", "1e-320",
            "NaN", "Infinity", "\"", "\"\\ud800\"", "\\ud800", "\\u0000", "null", "true", "[", "]", "{", "}", ",", ":", "[[[[[[[[", "''", "\n", "\r\n", "../", "/etc/passwd",
            "__metadata__", "\"a\":1,", "0.5", "resnet", "reshape", "cposix\nsystem\n", "cbuiltins\neval\n", "R.", "(", "t", "}", "u", "\u0000",
        }.Select(Encoding.UTF8.GetBytes),
        [0xC3], [0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0x7F], [0, 0, 0, 0x80], [0x85], [0x93], [0x94], [0x81], [0xFF, 0xD8, 0xFF], [0xFF, 0xC2], [0x1F, 0x8B, 8],
    ];
}
