using System.Security.Cryptography;
using CudnnResNet.Model;

namespace CudnnResNet.Training.Data;

/// <summary>
/// Downloads the official archive and unpacks it. A file has its final name only when it is whole: the archive grows in a
/// <c>.part</c> file, is checked, is unpacked into a folder of another name, and that folder is renamed.
/// </summary>
public static class Cifar10Download
{
    private const string PartFile = "cifar-10-binary.tar.gz.part";
    private const string LockFile = "cifar-10.lock";

    /// <summary>Makes sure that CIFAR-10 is in <paramref name="folder"/>/cifar-10-batches-bin.</summary>
    /// <remarks>
    /// What is there and whole is left alone. A download that broke off goes on where it stopped. Where nothing answers, that is
    /// known within 10 seconds. A second process waits for the first one's result. HTTPS_PROXY and NO_PROXY are honoured.
    /// </remarks>
    /// <param name="folder">The folder to put it in; created where it does not exist.</param>
    /// <param name="mirror">Another address of the same archive, or null.</param>
    /// <param name="progress">Called often, on any thread.</param>
    /// <param name="cancellation">Stops; what has arrived is kept for the next time.</param>
    /// <returns>The folder that holds the six files.</returns>
    /// <exception cref="DataException">It could not be downloaded, is not the official archive, or cannot be written.</exception>
    /// <exception cref="InvalidSettingException">The mirror is not an http or https address.</exception>
    public static Task<string> RunAsync(string folder, string? mirror = null, Action<DownloadProgress>? progress = null, CancellationToken cancellation = default) =>
        RunAsync(folder, DownloadSettings.Official.WithMirror(mirror), progress, cancellation);

    internal static async Task<string> RunAsync(string folder, DownloadSettings settings, Action<DownloadProgress>? progress, CancellationToken cancellation)
    {
        void Report(DownloadStage stage, long bytes) => progress?.Invoke(new DownloadProgress(stage, bytes, settings.Length));

        string target = Path.Combine(folder, Cifar10.FolderName), part = Path.Combine(folder, PartFile);
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{folder} cannot be created: {e.Message}", e);
        }

        using var held = await FolderLock.TakeAsync(Path.Combine(folder, LockFile), () => Report(DownloadStage.WaitingForAnotherProcess, 0), cancellation).ConfigureAwait(false);
        if (IsWhole(target, settings))
            return target;

        await FetchAndCheckAsync(settings, part, progress, Report, cancellation).ConfigureAwait(false);
        Report(DownloadStage.Unpacking, settings.Length);
        Unpack(part, target, settings, cancellation);
        File.Delete(part);
        return target;
    }

    /// <summary>
    /// A wrong checksum after a resumed transfer may be the fault of the older part, so the archive is fetched once more from the
    /// beginning; after a transfer in one go it is another file.
    /// </summary>
    private static async Task FetchAndCheckAsync(DownloadSettings settings, string part, Action<DownloadProgress>? progress, Action<DownloadStage, long> report, CancellationToken cancellation)
    {
        while (true)
        {
            bool resumed = File.Exists(part);
            await new ArchiveFetch(settings, part, progress).RunAsync(cancellation).ConfigureAwait(false);
            report(DownloadStage.Checking, settings.Length);
            string md5 = await Md5Async(part, cancellation).ConfigureAwait(false);
            if (md5 == settings.Md5)
                return;
            File.Delete(part);
            if (!resumed)
                throw new DataException($"{settings.Address} is not the official archive: its MD5 is {md5} instead of {settings.Md5}");
        }
    }

    private static async Task<string> Md5Async(string path, CancellationToken cancellation)
    {
        using var file = File.OpenRead(path);
#pragma warning disable CA5351 // MD5 is the checksum that the authors of the data set publish
        return Convert.ToHexStringLower(await MD5.HashDataAsync(file, cancellation).ConfigureAwait(false));
#pragma warning restore CA5351
    }

    /// <summary>Unpacks beside the target and renames; a damaged folder in its place is set aside, never deleted.</summary>
    private static void Unpack(string archive, string target, DownloadSettings settings, CancellationToken cancellation)
    {
        string fresh = target + ".unpacking"; // the lock is held, so what is there is left from a process that died
        try
        {
            if (Directory.Exists(fresh))
                Directory.Delete(fresh, recursive: true);
            Directory.CreateDirectory(fresh);
            try
            {
                ArchiveUnpack.Run(archive, fresh, settings.RecordsPerFile, cancellation);
                if (Directory.Exists(target))
                    Directory.Move(target, FreeName(target + ".damaged"));
                Directory.Move(fresh, target);
            }
            finally
            {
                if (Directory.Exists(fresh))
                    Directory.Delete(fresh, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            throw new DataException($"{target} cannot be written: {FileOperations.WriteErrorText(e)}", e);
        }
    }

    private static string FreeName(string path)
    {
        string free = path;
        for (int i = 2; Path.Exists(free); i++)
            free = $"{path}-{i}";
        return free;
    }

    private static bool IsWhole(string target, DownloadSettings settings)
    {
        try
        {
            return Cifar10Report.Create(target, settings.RecordsPerFile).Files.All(file => file.Problem is null);
        }
        catch (DataException)
        {
            return false;
        }
    }
}
