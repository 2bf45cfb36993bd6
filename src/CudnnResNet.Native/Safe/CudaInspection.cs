using CudnnResNet.Native.Loading;

namespace CudnnResNet.Native.Safe;

/// <summary>Something that keeps CUDA from being used.</summary>
/// <param name="What">What is wrong, in one line.</param>
/// <param name="WhatToDo">What a user can do, where that is known.</param>
/// <param name="Library">The library that is missing, if that is what is wrong.</param>
public sealed record CudaProblem(string What, string? WhatToDo, NativeLibraryKind? Library = null)
{
    /// <summary>Both, in one line.</summary>
    public override string ToString() => WhatToDo is null ? What : $"{What}; {WhatToDo}";
}

/// <summary>
/// What this machine has of CUDA and cuDNN, whether it fits together, and why it cannot be used where it does not. Nothing here throws.
/// It loads the libraries, but creates no context: the GPU's memory stays untouched.
/// </summary>
public sealed class CudaInspection
{
    /// <summary>The oldest driver for the libraries of CUDA 12.</summary>
    public static readonly CudaVersion LeastDriver = new(12, 0);

    private readonly KernelNeeds needs;
    private readonly List<CudaProblem> problems = [];
    private readonly List<string> notes = [];
    private readonly List<CudaDevice> devices = [];

    private CudaInspection(KernelNeeds needs) => this.needs = needs;

    /// <summary>The newest CUDA version that the driver runs; null without a driver.</summary>
    public CudaVersion? DriverVersion { get; private set; }

    /// <summary>The GPUs that this process may use.</summary>
    public IReadOnlyList<CudaDevice> Devices => devices;

    /// <summary>cuDNN's version; null where it is missing.</summary>
    public Version? CudnnVersion { get; private set; }

    /// <summary>The CUDA version that cuDNN is built for.</summary>
    public CudaVersion? CudnnCudaVersion { get; private set; }

    /// <summary>What keeps CUDA from being used, the most fundamental first; empty where all is well.</summary>
    public IReadOnlyList<CudaProblem> Problems => problems;

    /// <summary>What is unusual but no obstacle, a line each.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>Every path that was tried.</summary>
    public LoadReport Report => CudaDriver.LoadReport;

    /// <summary>The file that is in use for a library; null where there is none.</summary>
    public string? FileOf(NativeLibraryKind library) => Report.FileOf(library);

    /// <summary>Looks.</summary>
    /// <param name="needs">What the caller's kernels ask for.</param>
    /// <param name="goOn">Whether to look at cuBLAS and cuDNN although the driver cannot be used: who installs one wants to know of all.</param>
    public static CudaInspection Run(KernelNeeds needs, bool goOn = false)
    {
        var inspection = new CudaInspection(needs);
        inspection.Try(inspection.InspectDriver);
        if (inspection.problems.Count > 0 && !goOn) return inspection;
        inspection.Try(() => ImportResolver.Loader.Load(NativeLibraryKind.Cublas));
        inspection.Try(inspection.InspectCudnn);
        return inspection;
    }

    /// <summary>Why a GPU cannot be used; null where it can.</summary>
    /// <param name="ordinal">Its number.</param>
    public CudaProblem? WhyNot(int ordinal)
    {
        if (problems.Count > 0) return problems[0];
        if (ordinal >= devices.Count)
        {
            string there = string.Join(", ", devices.Select(device => $"cuda:{device.Ordinal} ({device.Name})"));
            return new($"there is no cuda:{ordinal}, only {there}{Visible()}", Visible().Length > 0 ? "the numbers are those of the GPUs that are left visible, from 0" : null);
        }
        return WhyNot(devices[ordinal]);
    }

    private void InspectDriver()
    {
        CudaVersion driver = CudaDriver.Version;
        DriverVersion = driver;
        if (driver < LeastDriver)
            problems.Add(new($"the NVIDIA driver is too old: it runs CUDA up to {driver}, and {LeastDriver} is needed", "update it to version 525 or later"));
        else if (PtxLanguage.NewestOf(driver) is { } newest && newest < needs.Ptx)
            problems.Add(new($"the NVIDIA driver is too old for the kernels: they are PTX {needs.Ptx}, and it compiles PTX up to {newest} (CUDA {driver})", "update it, or compile the kernels with an older toolkit or clang-19"));
        int count = CudaDriver.DeviceCount;
        for (int i = 0; i < count; i++) devices.Add(CudaDriver.GetDevice(i));
        if (devices.Count == 0) problems.Add(new("the NVIDIA driver sees no GPU", Advice.NoDevice));
        else if (devices.All(device => WhyNot(device) is not null)) problems.Add(WhyNot(devices[0])!);
    }

    private void InspectCudnn()
    {
        Version version = CudnnVersion = CudnnHandle.Version;
        CudaVersion built = CudnnHandle.CudaVersion;
        CudnnCudaVersion = built;
        if (version.Major < 9)
        {
            problems.Add(new($"cuDNN {version} is too old ({FileOf(NativeLibraryKind.Cudnn)}), and version 9 is needed", LibraryNames.Describe(NativeLibraryKind.Cudnn).HowToGet));
            return;
        }
        if (DriverVersion is { } driver && built.Major > driver.Major)
        {
            problems.Add(new(
                $"cuDNN {version} is built for CUDA {built}, but the NVIDIA driver runs CUDA up to {driver}", $"update the driver, or install the cuDNN 9 that is built for CUDA {driver.Major}"));
            return;
        }
        CudnnHandle.CheckSubLibraries();
        string[] files = LoadedFiles.OfCudnn();
        if (files.DistinctBy(Path.GetDirectoryName).Count() > 1)
            problems.Add(new($"cuDNN's libraries come from different folders: {string.Join(", ", files)}", $"set {SearchPaths.CudnnVariable} to the one folder that has them all"));
        string cublas = Path.GetFileName(FileOf(NativeLibraryKind.Cublas) ?? "");
        if (cublas.Length > 0 && !cublas.Contains($"{built.Major}", StringComparison.Ordinal))
            notes.Add($"cuDNN is built for CUDA {built.Major}, cuBLAS is {cublas}, of another one; set {SearchPaths.CudaVariable} to a folder with that of CUDA {built.Major} if cuDNN does not find its own");
    }

    private CudaProblem? WhyNot(CudaDevice device)
    {
        if (device.ComputeCapability < needs.Capability)
            return new($"the GPU is too old: {device.Name} has compute capability {device.ComputeCapability}, and {needs.Capability} or later is needed", Other(device));
        return device.AllowsContexts ? null : new($"{device.Name} is set to allow no computing", $"nvidia-smi -i {device.Ordinal} -c DEFAULT allows it");
    }

    private string? Other(CudaDevice than) =>
        devices.FirstOrDefault(device => device != than && device.ComputeCapability >= needs.Capability && device.AllowsContexts) is { } other ? $"cuda:{other.Ordinal} ({other.Name}) can be used" : null;

    private void Try(Action look)
    {
        try
        {
            look();
        }
        catch (NativeLibraryNotFoundException error)
        {
            problems.Add(new(error.What, error.WhatToDo, error.Library));
        }
        catch (NativeException error)
        {
            problems.Add(new($"{error.Call} failed: {error.StatusName}{(error.Detail.Length > 0 ? $" ({error.Detail})" : "")}", error.WhatToDo));
        }
        catch (EntryPointNotFoundException error)
        {
            problems.Add(new($"a library lacks a function: {error.Message.ReplaceLineEndings(" ")}", "it is too old, or another library of that name"));
        }
    }

    private static string Visible() =>
        Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES") is { } visible ? $" (CUDA_VISIBLE_DEVICES={visible})" : "";
}
