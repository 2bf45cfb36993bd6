namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>
/// In inference a unit only notes what it has to do: each thread then takes its own images through all units up to the head at once, and
/// no thread waits for another between layers. One wait for eight images instead of twenty: where a processor is taken away for
/// a moment (a virtual machine, a busy desktop), each wait costs far more than a layer of four images.
/// </summary>
internal sealed class DeferredUnits
{
    private readonly WorkPool pool;
    private readonly bool waits;
    private readonly List<Action<int, int>> shares = [];
    private readonly Action<int, int> runShare;
    private int images;

    /// <param name="pool">The threads.</param>
    /// <param name="waits">False: every unit is run when it is added, because its time is wanted.</param>
    public DeferredUnits(WorkPool pool, bool waits)
    {
        this.pool = pool;
        this.waits = waits;
        runShare = RunShare;
    }

    /// <summary>Notes a unit's work on n images; body(thread, thread) computes the images of a thread.</summary>
    public void Add(int n, Action<int, int> body)
    {
        images = n;
        shares.Add(body);
        if (!waits) Run();
    }

    /// <summary>Does what is noted: before anything reads or overwrites an activation.</summary>
    public void Run()
    {
        if (shares.Count == 0) return;
        try
        {
            // Waking another thread takes as long as several layers of one image.
            if (images == 1) RunShare(0, 0);
            else pool.RunOnEach(runShare);
        }
        finally
        {
            shares.Clear();
        }
    }

    private void RunShare(int share, int thread)
    {
        foreach (var body in shares) body(share, thread);
    }
}
