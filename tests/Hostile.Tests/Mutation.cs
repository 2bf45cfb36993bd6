using CsCheck;
using CudnnResNet.Tests.Hostile;

namespace CudnnResNet.Hostile.Tests;

/// <summary>Files that are nearly right: a seed with one to four changes.</summary>
internal static class Mutation
{
    // A place is a number that is brought into the file whatever its length has become.
    private static readonly Gen<int> Place = Gen.Int[0, int.MaxValue - 1];

    private static readonly Gen<byte[]> Piece = Gen.OneOf(Dictionary.Pieces.ToArray());

    private static readonly Gen<Action<List<byte>>> Change = Gen.OneOf<Action<List<byte>>>(
        Place.Select(Gen.Int[0, 7], (at, bit) => Do(bytes => { if (bytes.Count > 0) bytes[at % bytes.Count] ^= (byte)(1 << bit); })),
        Place.Select(Gen.Byte, (at, value) => Do(bytes => { if (bytes.Count > 0) bytes[at % bytes.Count] = value; })),
        Place.Select(Gen.Int[1, 40], (at, count) => Do(bytes => bytes.RemoveRange(at % (bytes.Count + 1), Math.Min(count, bytes.Count - at % (bytes.Count + 1))))),
        Place.Select(Place, Gen.Int[1, 60], (at, from, count) => Do(bytes => bytes.InsertRange(at % (bytes.Count + 1), bytes.Skip(from % (bytes.Count + 1)).Take(count).ToArray()))),
        Place.Select(Piece, (at, piece) => Do(bytes => bytes.InsertRange(at % (bytes.Count + 1), piece))),
        Place.Select(Piece, (at, piece) => Do(bytes => { for (int i = 0, to = at % (bytes.Count + 1); i < piece.Length && to + i < bytes.Count; i++) bytes[to + i] = piece[i]; })),
        Place.Select(at => Do(bytes => bytes.RemoveRange(at % (bytes.Count + 1), bytes.Count - at % (bytes.Count + 1)))));

    /// <summary>Files for a reader.</summary>
    public static Gen<byte[]> Of(Reader reader) => Gen.OneOf(reader.Seeds.ToArray()).SelectMany(seed => Change.List[1, 4].Select(changes =>
    {
        var bytes = new List<byte>(seed);
        foreach (var change in changes) change(bytes);
        return bytes.ToArray();
    }));

    private static Action<List<byte>> Do(Action<List<byte>> change) => change;
}
