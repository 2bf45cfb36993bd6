using CudnnResNet.Model;
using CudnnResNet.Training.Data;

namespace CudnnResNet.Peers;

/// <summary>Lets one timing at a time run on this machine, whichever copy of this program wants to.</summary>
/// <remarks>An exclusive advisory lock on a file; on Unix it is flock(2), so that <c>flock FILE COMMAND</c> keeps other work away from timings.</remarks>
/// <param name="path">The file; it is made where it is missing and never removed.</param>
internal sealed class TimingLock(string path)
{
    /// <summary>The same file for all copies of this program of one user.</summary>
    public static string DefaultPath { get; } = Path.Combine(Path.GetTempPath(), "cudnnresnet-bench.lock");

    /// <summary>Waits until the lock is free and holds it until the result is disposed of, or the process ends.</summary>
    /// <exception cref="InvalidSettingException">The file cannot be opened.</exception>
    public IDisposable Take()
    {
        try
        {
            return FolderLock.TakeAsync(path, () => Console.Error.WriteLine($"note: waiting for another timing on this machine, which holds {path}"), CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (DataException error)
        {
            throw new InvalidSettingException($"{error.Message}; {PeerSettings.LockFile.Name} names another file for the lock");
        }
    }
}
