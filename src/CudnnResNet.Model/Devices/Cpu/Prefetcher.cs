using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>
/// Fetches the next band's rows into the core's second-level cache while the products of this one keep its arithmetic busy: a band's
/// copies into scratch wait for memory, its products never touch it. One for each thread. (One thread: 3 to 5 % of a training
/// step of ResNet-20 on a Xeon; two threads: nothing measurable.)
/// </summary>
internal sealed unsafe class Prefetcher
{
    private const int MostRanges = 32, Line = 64 / sizeof(float);

    private readonly (nint First, int Lines)[] ranges = new (nint, int)[MostRanges];
    private int count, lines, perStep, current, done;

    /// <summary>Forgets what was to be fetched.</summary>
    public void Clear() => (count, lines, current, done) = (0, 0, 0, 0);

    /// <summary>Adds rows of an image, with the ones above and below.</summary>
    public void Add(ImageRows rows, float* image)
    {
        int first = Math.Max(rows.First - 1, 0), end = Math.Min(rows.End + 1, rows.Shape.H);
        if (end - first == rows.Shape.H) Add(image, rows.Shape.Size);
        else
            for (int block = 0; block < rows.Shape.C / Blocked.Lanes; block++) Add(image + rows.InImage(block, first), (end - first) * rows.RowFloats);
    }

    /// <summary>Spreads the work over this many calls of <see cref="Step"/>.</summary>
    public void Plan(int steps) => perStep = (lines + steps - 1) / steps;

    /// <summary>Fetches the next lines.</summary>
    [MethodImpl(Jit.Kernel)]
    public void Step()
    {
        if (!Sse.IsSupported) return;
        for (int left = perStep; left > 0 && current < count;)
        {
            var (first, all) = ranges[current];
            int end = Math.Min(done + left, all);
            left -= end - done;
            for (float* line = (float*)first + done * Line; done < end; done++, line += Line) Sse.Prefetch1(line);
            if (done == all) (current, done) = (current + 1, 0);
        }
    }

    private void Add(float* first, int floats)
    {
        if (count == MostRanges) return;
        ranges[count++] = ((nint)first, floats / Line);
        lines += floats / Line;
    }
}
