namespace CudnnResNet.Fuzz.Targets;

/// <summary>
/// A reader of this program's own with a bug behind four comparisons, one byte each: what a fuzzer finds in no time when coverage guides it,
/// and not by chance (1 in 2^32 for the four bytes alone). It is there to show that "nothing found" means something.
/// </summary>
internal static class PlantedBug
{
    public static Reader Reader { get; } = new("planted bug", "planted", () => ["nothing"u8.ToArray()], path => $"{Read(File.ReadAllBytes(path))}");

    private static int Read(byte[] file)
    {
        if (file.Length < 5) return 0;
        if (file[0] != 'D') return 1;
        if (file[1] != 'E') return 2;
        if (file[2] != 'E') return 3;
        if (file[3] != 'P') return 4;
        return file[file.Length + file[4]];
    }
}
