namespace CudnnResNet.Fuzz.Targets;

/// <summary>
/// Two readers of this program's own with a bug behind four comparisons, one byte each: what a fuzzer finds in no time when coverage guides
/// it, and not by chance (1 in 2^32 for the four bytes alone). They are there to show that "nothing found" means something.
/// </summary>
internal static class PlantedBug
{
    public static IReadOnlyList<Target> Table { get; } =
    [
        new("planted", "a planted bug", Reader("planted bug", file => file[file.Length + file[0]])) { MaxLength = 64 },
        new("planted-death", "a planted death", Reader("planted death", _ => throw Death())) { MaxLength = 64 },
    ];

    private static Reader Reader(string name, Func<byte[], int> bug) => new(name, "planted", () => ["nothing"u8.ToArray()], path => $"{Read(File.ReadAllBytes(path), bug)}");

    private static int Read(byte[] file, Func<byte[], int> bug)
    {
        if (file.Length < 4) return 0;
        if (file[0] != 'D') return 1;
        if (file[1] != 'E') return 2;
        if (file[2] != 'E') return 3;
        if (file[3] != 'P') return 4;
        return bug(file);
    }

    // What a stack overflow or a fault in native code does to a process.
    private static InvalidOperationException Death()
    {
        Environment.FailFast("the planted death");
        return new();
    }
}
