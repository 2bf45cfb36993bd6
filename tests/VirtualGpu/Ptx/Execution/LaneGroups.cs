namespace CudnnResNet.VirtualGpu.Ptx.Execution;

/// <summary>
/// The lanes of a warp that do not run now, in groups that stand at one instruction each. The group that stands earliest in the program
/// runs; groups that meet merge. A held group waits at an instruction that needs more lanes than it has.
/// </summary>
internal sealed class LaneGroups
{
    private readonly int[] places = new int[32];
    private readonly uint[] masks = new uint[32];
    private readonly bool[] held = new bool[32];
    private int count;

    /// <summary>The earliest place of a group that is not held, or <see cref="int.MaxValue"/>.</summary>
    public int Nearest { get; private set; } = int.MaxValue;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        count = 0;
        Nearest = int.MaxValue;
    }

    /// <summary>Adds a group.</summary>
    public void Add(int place, uint mask, bool isHeld)
    {
        places[count] = place;
        masks[count] = mask;
        held[count++] = isHeld;
        if (!isHeld) Nearest = Math.Min(Nearest, place);
    }

    /// <summary>Removes the groups at <see cref="Nearest"/> and returns their lanes.</summary>
    public uint TakeNearest() => Take(Nearest, takeHeld: false);

    /// <summary>Removes the held groups at a place and returns their lanes.</summary>
    public uint TakeHeld(int place) => Take(place, takeHeld: true);

    /// <summary>Where a lane stands, or -1.</summary>
    public int PlaceOf(int lane)
    {
        for (int i = 0; i < count; i++)
        {
            if ((masks[i] >> lane & 1) != 0) return places[i];
        }
        return -1;
    }

    /// <summary>The place of a held group, or -1.</summary>
    public int AnyHeld()
    {
        for (int i = 0; i < count; i++)
        {
            if (held[i]) return places[i];
        }
        return -1;
    }

    private uint Take(int place, bool takeHeld)
    {
        uint taken = 0;
        int nearest = int.MaxValue;
        for (int i = count - 1; i >= 0; i--)
        {
            if (held[i] == takeHeld && places[i] == place)
            {
                taken |= masks[i];
                count--;
                (places[i], masks[i], held[i]) = (places[count], masks[count], held[count]);
            }
        }
        for (int i = 0; i < count; i++)
        {
            if (!held[i]) nearest = Math.Min(nearest, places[i]);
        }
        Nearest = nearest;
        return taken;
    }
}
