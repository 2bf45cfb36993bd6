namespace CudnnResNet.Training.Data;

/// <summary>
/// Lets one process at a time work on a folder. The lock is the operating system's on an open file, so it goes with a process
/// that dies; the file itself stays, because removing it would let two later processes lock two different files.
/// </summary>
internal static class FolderLock
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until the lock is free; <paramref name="waiting"/> is called once if it is not.</summary>
    /// <exception cref="DataException">The file cannot be created.</exception>
    public static async Task<IDisposable> TakeAsync(string path, Action waiting, CancellationToken cancellation)
    {
        bool told = false;
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (IsHeldByAnother(e))
            {
                if (!told)
                    waiting();
                told = true;
                await Task.Delay(Poll, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new DataException($"{path} cannot be written: {e.Message}", e);
            }
        }
    }

    /// <summary>The operating systems' "somebody else has it": ERROR_SHARING_VIOLATION, Linux's and macOS's EWOULDBLOCK.</summary>
    internal static bool IsHeldByAnother(IOException e) => e.HResult is unchecked((int)0x80070020) or 11 or 35;
}
