namespace CudnnResNet.Fuzz.Targets;

/// <summary>
/// A reader of this program's own with a bug behind four comparisons, one byte each: what a fuzzer finds in no time when coverage guides it,
/// and never by chance (1 in 2^32 for the four bytes alone). It is there to show that "nothing found" means something.
/// </summary>
internal sealed class PlantedBug : Target
{
    public override string Name => "planted";

    public override string Reads => "a planted bug";

    public override IReadOnlyList<string> Sources => ["Targets/PlantedBug.cs"];

    public override int MaxLength => 64;

    public override IEnumerable<byte[]> Seeds() => ["nothing"u8.ToArray()];

    public override void Read(byte[] file)
    {
        if (file.Length < 5) return;
        if (file[0] != 'D') return;
        if (file[1] != 'E') return;
        if (file[2] != 'E') return;
        if (file[3] != 'P') return;
        _ = file[file.Length + file[4]];
    }
}
