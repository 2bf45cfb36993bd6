using System.Runtime.InteropServices;

namespace CudnnResNet.Fuzz;

/// <summary>How often an execution ran each edge between two blocks of code, and which edges were ever run.</summary>
/// <remarks>
/// Counts are compared by AFL's eight classes (1, 2, 3, 4..7, 8..15, 16..31, 32..127, 128..255), so that a loop that runs longer is new
/// coverage a few times and not for ever.
/// </remarks>
internal sealed class EdgeMap
{
    private const int Size = 1 << 16;

    private static readonly byte[] Classes = [.. Enumerable.Range(0, 256).Select(Class)];

    private readonly byte[] seen = new byte[Size];

    /// <summary>Forgets the counts of the execution before.</summary>
    public static void Begin()
    {
        CoverageMemory.Span[..Size].Clear();
        CoverageMemory.ForgetPlace();
    }

    /// <summary>Takes in the counts of an execution.</summary>
    /// <returns>Whether an edge, or a class of counts of an edge, was not seen before.</returns>
    public bool End()
    {
        var counts = CoverageMemory.Span[..Size];
        var words = MemoryMarshal.Cast<byte, ulong>(counts);
        bool anything = false;
        for (int word = 0; word < words.Length; word++)
        {
            if (words[word] == 0) continue;
            for (int i = word * sizeof(ulong); i < (word + 1) * sizeof(ulong); i++)
            {
                byte bit = Classes[counts[i]];
                anything |= (bit & ~seen[i]) != 0;
                seen[i] |= bit;
            }
        }
        return anything;
    }

    private static byte Class(int count) => count switch { 0 => 0, 1 => 1, 2 => 2, 3 => 4, < 8 => 8, < 16 => 16, < 32 => 32, < 128 => 64, _ => 128 };
}
