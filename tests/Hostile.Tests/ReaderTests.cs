using CsCheck;
using CudnnResNet.Tests.Hostile;

namespace CudnnResNet.Hostile.Tests;

/// <summary>
/// What holds for every reader of <see cref="Readers"/> under damage of every kind: a typed error of one tame line or a whole load, within the
/// bounds of <see cref="HostileFile"/>. CsCheck prints the seed of a failure; <c>CsCheck_Seed=…</c> repeats it and <c>CsCheck_Iter=100000</c> goes on for longer.
/// </summary>
[TestClass]
public sealed class ReaderTests
{
    private static readonly HostileFile Hostile = new();

    public static IEnumerable<object[]> Table => Readers.All.Select(reader => new object[] { reader.Name });

    [ClassCleanup]
    public static void RemoveFolder() => Hostile.Dispose();

    [TestMethod]
    [DynamicData(nameof(Table))]
    public void The_files_that_are_damaged_are_good_before(string name)
    {
        foreach (byte[] seed in Named(name).Seeds)
        {
            var first = Hostile.Try(Named(name), seed);
            Assert.IsNull(first.Refusal, first.Refusal?.Message);
            Assert.AreEqual(first.Content, Hostile.Try(Named(name), seed).Content);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Table))]
    public void A_file_that_is_cut_off_is_refused_or_another_whole_file(string name)
    {
        foreach (byte[] seed in Named(name).Seeds)
        {
            string? whole = Hostile.Try(Named(name), seed).Content;
            foreach (int length in Places(seed.Length))
            {
                var attempt = Hostile.Try(Named(name), seed.AsSpan(0, length));
                if (attempt.Refusal is null && !MayBeCut(name)) Assert.AreEqual(whole, attempt.Content, $"cut at {length} of {seed.Length}");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Table))]
    public void A_flipped_bit_is_refused_or_harmless(string name)
    {
        int refused = 0, tries = 0;
        foreach (byte[] seed in Named(name).Seeds)
        {
            string? whole = Hostile.Try(Named(name), seed).Content;
            foreach (int at in Places(seed.Length))
            {
                byte[] altered = (byte[])seed.Clone();
                altered[at] ^= (byte)(1 << (at % 8));
                var attempt = Hostile.Try(Named(name), altered);
                tries++;
                if (attempt.Refusal is not null) refused++;
                else if (HasChecksum(name)) Assert.AreEqual(whole, attempt.Content, $"byte {at} of {seed.Length}");
            }
        }
        if (HasChecksum(name)) Assert.IsGreaterThan(tries / 3, refused);
    }

    [TestMethod]
    [DynamicData(nameof(Table))]
    public void A_file_altered_at_random_is_refused_or_read(string name)
    {
        var reader = Named(name);
        // A network's weights take a millisecond to read, and most of a checkpoint is weights.
        int iterations = reader.Seeds.Max(seed => seed.Length) > 100_000 ? 150 : 1500;
        Mutation.Of(reader).Sample(bytes => { Hostile.Try(reader, bytes); }, iter: Iterations(iterations), threads: 1, print: Print);
    }

    [TestMethod]
    [DynamicData(nameof(Table))]
    public void Bytes_at_random_are_refused(string name)
    {
        var reader = Named(name);
        Gen.Byte.Array[0, 300].Sample(bytes =>
        {
            var attempt = Hostile.Try(reader, bytes);
            Assert.IsNotNull(attempt.Refusal);
        }, iter: Iterations(300), threads: 1, print: Print);
    }

    /// <summary>Every place of a small file; of a large one some, and all at its ends.</summary>
    private static IEnumerable<int> Places(int length)
    {
        int step = length <= 4096 ? 1 : length / 100;
        return Enumerable.Range(0, length).Where(at => at % step == 0 || at < 64 || at >= length - 20);
    }

    private static string Print(byte[] bytes) => bytes.Length <= 8192 ? Convert.ToBase64String(bytes) : $"{bytes.Length} bytes";

    internal static int Iterations(int usual) => Environment.GetEnvironmentVariable("CsCheck_Iter") is { Length: > 0 } ? -1 : usual;

    // A part of a table is a table.
    private static bool MayBeCut(string name) => name == Readers.Csv.Name;

    // Where a checksum over the whole leaves no bit that changes what is read.
    private static bool HasChecksum(string name) => name == Readers.Archive.Name || name == Readers.CheckpointFile.Name;

    private static Reader Named(string name) => Readers.All.Single(reader => reader.Name == name);
}
