namespace CudnnResNet.Fuzz;

/// <summary>What the processes do that <see cref="Campaign"/> starts: this program's instrumented copies.</summary>
internal static class Worker
{
    /// <summary>Fuzzes one target.</summary>
    public static int Fuzz(FuzzOptions options)
    {
        var target = Targets.AllTargets.Named(options.Target).Single();
        using var journal = new Journal(options.Result!, target.MaxLength);
        using var loop = new FuzzLoop(target, new(options.Corpus, target.Name), journal, options.Seed);
        loop.Run(options.Executions!.Value, options.Seconds!.Value);
        return 0;
    }

    /// <summary>Reads every input of the corpus once and writes which lines were run.</summary>
    public static int Replay(FuzzOptions options)
    {
        var run = CoverageMemory.Span;
        var all = new byte[run.Length];
        using var oracle = new Oracle(Oracle.Second);
        var target = Targets.AllTargets.Named(options.Target).Single();
        foreach (byte[] input in new CorpusFolder(options.Corpus, target.Name).Inputs())
        {
            byte[] file = target.ToFile(input);
            run.Clear();
            oracle.Judge(target.Reader, file);
            for (int i = 0; i < all.Length; i++) all[i] |= run[i];
        }
        File.WriteAllBytes(options.Result!, all);
        return 0;
    }
}
