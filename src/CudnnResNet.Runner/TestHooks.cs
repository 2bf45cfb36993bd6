using System.Globalization;
using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Runner;

/// <summary>
/// Environment variables for tests of the whole program, in no help text: users have no use for them, and a test in another
/// process has no other way in.
/// </summary>
internal static class TestHooks
{
    /// <summary><c>CUDNNRESNET_TEST_SYNTHETIC=TRAIN,TEST</c>: a synthetic set of so many images, so that an epoch takes no time.</summary>
    public static DataSet? SmallSynthetic()
    {
        if (Variable("CUDNNRESNET_TEST_SYNTHETIC") is not { } size) return null;
        int comma = size.IndexOf(',', StringComparison.Ordinal);
        return Synthetic.Create(Number(size[..comma]), Number(size[(comma + 1)..]));
    }

    /// <summary>
    /// <c>CUDNNRESNET_TEST_SAVE_DELAY_MS=N</c>: a file waits so long before it gets its name, a checkpoint twice, because the one before it
    /// gets another name first. Not so until the first checkpoint is there, which is saved before the first step.
    /// </summary>
    public static FileOperations? SlowFiles() => Variable("CUDNNRESNET_TEST_SAVE_DELAY_MS") is { } delay ? new SlowRenames(Number(delay)) : null;

    /// <summary><c>CUDNNRESNET_TEST_ARCHIVE=LENGTH,MD5,RECORDS</c>: what an archive is to be that stands for the official one, with so many records in each file.</summary>
    public static DownloadSettings Archive()
    {
        if (Variable("CUDNNRESNET_TEST_ARCHIVE") is not { } archive) return DownloadSettings.Official;
        string[] parts = archive.Split(',');
        return DownloadSettings.Official with { Length = Number(parts[0]), Md5 = parts[1], RecordsPerFile = Number(parts[2]) };
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private sealed class SlowRenames(int milliseconds) : FileOperations
    {
        private bool hasCheckpoint;

        public override void Move(string from, string to)
        {
            if (hasCheckpoint) Thread.Sleep(milliseconds);
            base.Move(from, to);
            hasCheckpoint |= to.EndsWith(".state", StringComparison.Ordinal);
        }
    }
}
