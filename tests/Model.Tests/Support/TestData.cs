namespace CudnnResNet.Model.Tests;

/// <summary>Numbers for tests: the same on every machine, and exact in float, so that every device starts from equal values.</summary>
internal static class TestData
{
    private const ulong Seed = 0xC1FA_0010;

    /// <summary>Normally distributed floats; streams are independent of each other.</summary>
    public static float[] Normal(int count, string stream, double deviation = 1, double mean = 0)
    {
        uint id = StreamId(stream);
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            var (a, b, c, d) = Philox.Draw(Seed, (uint)i, id, RandomPurpose.Comparison);
            values[i] = (float)(mean + deviation * Math.Sqrt(-2 * Math.Log(Philox.Unit(a, b))) * Math.Cos(2 * Math.PI * Philox.Unit(c, d)));
        }
        return values;
    }

    /// <summary>Uniform bytes below a limit.</summary>
    public static byte[] Bytes(int count, string stream, int limit = 256)
    {
        uint id = StreamId(stream);
        var values = new byte[count];
        for (int i = 0; i < count; i++) values[i] = (byte)Philox.Below(Philox.Draw(Seed, (uint)i, id, RandomPurpose.Comparison).A, limit);
        return values;
    }

    public static double[] Wide(float[] values) => Array.ConvertAll(values, value => (double)value);

    /// <summary>FNV-1a: unlike string.GetHashCode it is the same in every process.</summary>
    private static uint StreamId(string stream) => stream.Aggregate(2166136261u, (hash, letter) => (hash ^ letter) * 16777619u);
}
