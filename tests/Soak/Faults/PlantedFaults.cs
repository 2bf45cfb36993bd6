using System.Runtime.InteropServices;

namespace CudnnResNet.Soak.Faults;

/// <summary>Mistakes made on purpose: a table that cannot count them would be worth nothing. Tried only where they are named.</summary>
internal static class PlantedFaults
{
    public static IEnumerable<Fault> All() =>
    [
        new Planted("planted loss", random => random.Next(2) == 0 ? "something" : throw new InvalidOperationException("something else")),
        new Planted("planted hang", _ => { Thread.Sleep(Timeout.Infinite); return null; }),
        new Planted("planted leak of memory", _ => { Take(2 << 20); return null; }),
        new Planted("planted leak of a handle", _ => { kept.Add(File.OpenRead(Environment.ProcessPath!)); return null; }),
        new Planted("planted leak of a thread", _ =>
        {
            new Thread(() => Thread.Sleep(Timeout.Infinite)) { IsBackground = true }.Start();
            return null;
        }),
        new Planted("planted leak of an object", _ => null) { Objects = ["stream 1"] },
        new Planted("nothing planted", _ => null),
    ];

    private static readonly List<FileStream> kept = [];

    private static unsafe void Take(int bytes) => new Span<byte>(NativeMemory.Alloc((nuint)bytes), bytes).Fill(1);

    private sealed class Planted(string name, Func<Random, string?> act) : Fault(name)
    {
        public string[] Objects { get; init; } = [];

        public override TimeSpan Deadline => TimeSpan.FromSeconds(2);

        public override string? Try(Random random) => act(random);

        public override IReadOnlyList<string> Left() => Objects;
    }
}
