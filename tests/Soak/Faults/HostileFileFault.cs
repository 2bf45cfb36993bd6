using CudnnResNet.Tests.Hostile;

namespace CudnnResNet.Soak.Faults;

/// <summary>Damaged files for every reader: a typed error in one line or an honest load, in bounded time and memory.</summary>
internal sealed class HostileFileFault() : Fault("hostile files (100 a try)")
{
    private const int Files = 100, MostChanges = 8;

    public override string? Try(Random random)
    {
        using var folder = new HostileFile();
        for (int file = 0; file < Files; file++)
        {
            var reader = Readers.All[random.Next(Readers.All.Count)];
            byte[] bytes = Damaged(reader.Seeds[random.Next(reader.Seeds.Count)], random);
            try
            {
                folder.Try(reader, bytes);
            }
            catch (Exception error)
            {
                return $"{reader}: {error.Message} ({Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, 64)))}…)";
            }
        }
        return null;
    }

    private static byte[] Damaged(byte[] seed, Random random)
    {
        var bytes = new List<byte>(seed);
        for (int change = random.Next(1, MostChanges); change > 0 && bytes.Count > 0; change--)
        {
            int at = random.Next(bytes.Count), count = Math.Min(bytes.Count - at, random.Next(1, 64));
            switch (random.Next(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveRange(at, count); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, count)); break;
                case 4: bytes.RemoveRange(at, bytes.Count - at); break;
                default:
                    // Sizes and offsets: all ones, or as large as a number of that width can be.
                    for (int i = 0; i < Math.Min(count, 8); i++) bytes[at + i] = 0xFF;
                    break;
            }
        }
        return [.. bytes];
    }
}
