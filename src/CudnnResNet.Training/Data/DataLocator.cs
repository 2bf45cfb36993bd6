using CudnnResNet.Model;

namespace CudnnResNet.Training.Data;

/// <summary>
/// Finds the data set: <c>--data</c>, else <c>CIFAR10_DIR</c>, <c>./data</c>, the user's cache, a download into that cache, and
/// last, where that is allowed, the synthetic set.
/// </summary>
public static class DataLocator
{
    /// <summary>The environment variable that names a folder with CIFAR-10.</summary>
    public const string FolderVariable = "CIFAR10_DIR";

    /// <summary>The environment variable that names the folder for downloads.</summary>
    public const string CacheVariable = "CUDNNRESNET_CACHE";

    private const string NoCache = $"no folder: neither {CacheVariable} nor HOME is set";

    /// <summary>Finds and reads the data set.</summary>
    /// <exception cref="DataException">CIFAR-10 is wanted and cannot be had, or <c>--data</c> names a folder that cannot be used.</exception>
    /// <exception cref="InvalidSettingException">An unknown data set, <c>--data</c> with the synthetic set, or a mirror that is no address.</exception>
    public static async Task<LocatedData> LoadAsync(DataRequest request, CancellationToken cancellation = default)
    {
        bool synthetic = request.DataSet == Synthetic.Name;
        if (!synthetic && request.DataSet is not ("auto" or Cifar10.Name))
            throw new InvalidSettingException($"--dataset {request.DataSet}: allowed are auto, {Cifar10.Name}, {Synthetic.Name}; another set is an app's own, and only that app can load it");
        if (synthetic && request.Folder is not null)
            throw new InvalidSettingException($"--data {request.Folder} and --dataset {Synthetic.Name} exclude each other: the synthetic set is drawn, not read");
        if (synthetic)
            return new LocatedData(request.Draw(), []);
        if (request.Folder is not null)
            return new LocatedData(Read(request, request.Folder), []);

        var tried = new List<DataPlace>();
        foreach (var place in Places(request))
        {
            if (place.Problem is null && TryRead(request, place, tried) is { } found)
                return new LocatedData(found, tried);
            if (place.Problem is not null)
                tried.Add(place);
        }
        if (await TryDownloadAsync(request, tried, cancellation).ConfigureAwait(false) is { } downloaded)
            return new LocatedData(downloaded, tried);

        return request.DataSet == "auto"
            ? new LocatedData(request.Draw(), tried)
            : throw new DataException($"CIFAR-10 was not found; {string.Join("; ", tried.Select(place => $"{place.Name}: {place.Problem}"))}");
    }

    /// <summary>
    /// Where CIFAR-10 is looked for, in this order, and whether it is there: the folder and the lengths of its files are looked
    /// at, nothing is read and the network is not touched.
    /// </summary>
    public static IReadOnlyList<DataPlace> Places(DataRequest request)
    {
        if (request.Folder is not null)
            return [Place(request, "--data", request.Folder)];
        string? variable = Variable(request, FolderVariable), cache = CacheFolder(request);
        return
        [
            variable is null ? new DataPlace(FolderVariable, null, "not set") : Place(request, FolderVariable, variable),
            Place(request, "./data", "data"),
            cache is null ? new DataPlace("cache", null, NoCache) : Place(request, "cache", cache),
        ];
    }

    /// <summary>
    /// The folder for downloads: <c>CUDNNRESNET_CACHE</c>, else <c>cudnnresnet</c> in the user's folder for such files
    /// (<c>XDG_CACHE_HOME</c>, <c>LOCALAPPDATA</c> or <c>~/.cache</c>); null where the environment names none.
    /// </summary>
    public static string? CacheFolder(DataRequest request)
    {
        if (Variable(request, CacheVariable) is { } cache)
            return Path.GetFullPath(cache, request.WorkingFolder);
        string? user = Variable(request, "XDG_CACHE_HOME") ?? Variable(request, "LOCALAPPDATA")
            ?? (Variable(request, "HOME") is { } home ? Path.Combine(home, ".cache") : null);
        return user is null ? null : Path.GetFullPath(Path.Combine(user, "cudnnresnet"), request.WorkingFolder);
    }

    private static string? Variable(DataRequest request, string name) =>
        request.Environment(name) is { Length: > 0 } value ? value : null;

    private static DataPlace Place(DataRequest request, string name, string folder)
    {
        folder = Path.GetFullPath(folder, request.WorkingFolder);
        try
        {
            Cifar10.CheckLengths(Cifar10.FindFolder(folder), request.Download.RecordsPerFile);
            return new DataPlace(name, folder, null);
        }
        catch (DataException e)
        {
            return new DataPlace(name, folder, e.Message);
        }
    }

    private static DataSet Read(DataRequest request, string folder) =>
        Cifar10.Read(Path.GetFullPath(folder, request.WorkingFolder), request.Download.RecordsPerFile);

    private static DataSet? TryRead(DataRequest request, DataPlace place, List<DataPlace> tried)
    {
        try
        {
            return Read(request, place.Folder!);
        }
        catch (DataException e)
        {
            tried.Add(place with { Problem = e.Message });
            return null;
        }
    }

    private static async Task<DataSet?> TryDownloadAsync(DataRequest request, List<DataPlace> tried, CancellationToken cancellation)
    {
        if (request.Offline)
        {
            tried.Add(new("download", null, "not tried (--offline)"));
            return null;
        }
        if (CacheFolder(request) is not { } cache)
        {
            tried.Add(new("download", null, NoCache));
            return null;
        }
        var settings = request.Download.WithMirror(Variable(request, DownloadSettings.MirrorVariable));
        try
        {
            string folder = await Cifar10Download.RunAsync(cache, settings, request.Progress, cancellation).ConfigureAwait(false);
            return Cifar10.Read(folder, settings.RecordsPerFile);
        }
        catch (DataException e)
        {
            tried.Add(new("download", null, e.Message));
            return null;
        }
    }
}
