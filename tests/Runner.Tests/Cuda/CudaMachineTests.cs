using System.Text.Json;

namespace CudnnResNet.Runner.Tests.Cuda;

/// <summary>What is said when something of CUDA is missing, too old, of the wrong kind, or of mixed versions.</summary>
[TestClass]
public sealed class CudaMachineTests
{
    private static readonly string[] None = [];

    [TestMethod]
    [DataRow("FAKE_DRIVER=11040", "the NVIDIA driver is too old: it runs CUDA up to 11.4, and 12.0 is needed", "525", DisplayName = "driver too old")]
    [DataRow("FAKE_INIT=100", "cuInit failed: CUDA_ERROR_NO_DEVICE (what the driver says)", "no NVIDIA GPU that the driver can see", DisplayName = "no GPU")]
    [DataRow("FAKE_INIT=100 CUDA_VISIBLE_DEVICES=-1", "cuInit failed: CUDA_ERROR_NO_DEVICE", "CUDA_VISIBLE_DEVICES=-1 leaves no GPU visible", DisplayName = "GPU hidden")]
    [DataRow("FAKE_INIT=100 CUDA_VISIBLE_DEVICES=", "cuInit failed: CUDA_ERROR_NO_DEVICE", "CUDA_VISIBLE_DEVICES= leaves no GPU visible", DisplayName = "GPU hidden by an empty list")]
    [DataRow("FAKE_INIT=100 CUDA_VISIBLE_DEVICES=7", "cuInit failed: CUDA_ERROR_NO_DEVICE", "CUDA_VISIBLE_DEVICES=7 leaves no GPU visible: unset it, or name one that is there", DisplayName = "a GPU that is not there")]
    [DataRow("FAKE_INIT=100 CUDA_VISIBLE_DEVICES=GPU-8932f937-d72c-4106", "cuInit failed: CUDA_ERROR_NO_DEVICE", "CUDA_VISIBLE_DEVICES=GPU-8932f937-d72c-4106 leaves no GPU visible", DisplayName = "a GPU by its identity that is not there")]
    [DataRow("FAKE_GPUS=0", "the NVIDIA driver sees no GPU", "no NVIDIA GPU that the driver can see (nvidia-smi -L lists them)", DisplayName = "driver without GPU")]
    [DataRow("FAKE_GPUS=0 CUDA_VISIBLE_DEVICES=0,1", "the NVIDIA driver sees no GPU", "CUDA_VISIBLE_DEVICES=0,1 leaves no GPU visible", DisplayName = "driver whose GPUs are hidden")]
    [DataRow("FAKE_INIT=34", "cuInit failed: CUDA_ERROR_STUB_LIBRARY", "stub of a toolkit", DisplayName = "a toolkit's stub for a driver")]
    [DataRow("FAKE_INIT=804", "cuInit failed: CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE", "of a compatibility package", DisplayName = "a compatibility package's driver")]
    [DataRow("FAKE_INIT=999", "cuInit failed: CUDA_ERROR_UNKNOWN (what the driver says)", "reload nvidia_uvm", DisplayName = "driver without its kernel module")]
    [DataRow("FAKE_INIT=803", "cuInit failed: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "restart the machine", DisplayName = "driver updated under way")]
    [DataRow("FAKE_CAPABILITY=61", "the GPU is too old: Fake GPU has compute capability 6.1, and 7.0 or later is needed", "", DisplayName = "GPU too old")]
    [DataRow("FAKE_COMPUTE_MODE=2", "Fake GPU is set to allow no computing", "nvidia-smi -i 0 -c DEFAULT", DisplayName = "GPU forbidden")]
    [DataRow("FAKE_CUDNN=8907", "cuDNN 8.9.7 is too old", "pip install nvidia-cudnn-cu12", DisplayName = "cuDNN 8 under the name of 9")]
    [DataRow("FAKE_CUDNN_CUDA=13000", "cuDNN 9.10.2 is built for CUDA 13.0, but the NVIDIA driver runs CUDA up to 12.8", "built for CUDA 12", DisplayName = "cuDNN newer than the driver")]
    [DataRow("FAKE_PARTS=1002", "cudnnOpsVersionCheck failed: CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH (what cuDNN says)", "different versions", DisplayName = "cuDNN's parts of mixed versions")]
    [DataRow("FAKE_PARTS=1008", "cudnnOpsVersionCheck failed: CUDNN_STATUS_SUBLIBRARY_LOADING_FAILED", "belong into one folder", DisplayName = "a part of cuDNN is missing")]
    public void Says_what_is_wrong(string settings, string what, string whatToDo)
    {
        using var machine = FakeMachine.Complete();
        SaysWhatIsWrong(machine, settings.Split(' '), what, whatToDo);
    }

    [TestMethod]
    [DataRow("libcuda.so.1", "the NVIDIA driver was not found (libcuda.so.1)", "it comes with the display driver", "CUDNNRESNET_CUDA_PATH")]
    [DataRow("libcudnn.so.9", "cuDNN 9 was not found (libcudnn.so.9)", "set CUDNNRESNET_CUDNN_PATH", "CUDNNRESNET_CUDNN_PATH")]
    [DataRow("libcublas.so.12", "cuBLAS of CUDA 12 or 13 was not found (libcublas.so.13 or libcublas.so.12)", "set CUDNNRESNET_CUDA_PATH", "CUDNNRESNET_CUDA_PATH")]
    public void Says_what_is_missing_and_where_it_looked(string file, string what, string whatToDo, string variable)
    {
        using var machine = FakeMachine.Complete().Without(file);
        Outcome doctor = SaysWhatIsWrong(machine, None, what, whatToDo);
        Assert.Contains($"tried     {machine[file]} ({variable}): no such file", doctor.Out);
        Assert.Contains($"tried     {file} (system search): ", doctor.Out);
    }

    [TestMethod]
    [DataRow("libcudnn.so.9", "libcudnn.so.8", "cuDNN 9", "install cuDNN 9")]
    [DataRow("libcublas.so.12", "libcublas.so.11", "cuBLAS of CUDA 12 or 13", "install the CUDA toolkit's libraries")]
    public void Says_that_only_an_older_version_is_there(string file, string old, string product, string whatToDo)
    {
        using var machine = FakeMachine.Complete().Without(file);
        File.WriteAllText(machine[old], "");
        SaysWhatIsWrong(machine, None, $"{product} was not found, only {machine[old]}, which is too old", whatToDo);
    }

    [TestMethod]
    [DataRow("libcuda.so.1", "the NVIDIA driver", "it comes with the display driver")]
    [DataRow("libcudnn.so.9", "cuDNN 9", "set CUDNNRESNET_CUDNN_PATH")]
    [DataRow("libcublas.so.12", "cuBLAS of CUDA 12 or 13", "set CUDNNRESNET_CUDA_PATH")]
    public void Says_that_a_library_is_of_the_wrong_kind(string file, string product, string whatToDo)
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("skipped: the messages are those of Linux");
        using var machine = FakeMachine.Complete().Without(file);
        foreach (var (content, problem) in new[] { ("not a library", "file too short"), ("\u007fELF\u0001\u0001\u0001".PadRight(64, '\0'), "wrong ELF class: ELFCLASS32") })
        {
            File.WriteAllText(machine[file], content);
            SaysWhatIsWrong(machine, None, $"{product} cannot be loaded: {machine[file]}: {problem}", whatToDo);
        }
    }

    [TestMethod]
    public void A_file_beside_a_library_that_cannot_be_loaded_is_not_taken_for_it()
    {
        using var machine = FakeMachine.Complete().Without("libcublas.so.12");
        File.Copy(machine["libcudnn.so.9"], machine["libcublasLt.so.12"]);
        File.WriteAllText(machine["libcublas.so.12"], "not a library");
        Outcome doctor = SaysWhatIsWrong(machine, None, $"cuBLAS of CUDA 12 or 13 cannot be loaded: {machine["libcublas.so.12"]}: ", "");
        Assert.Contains("cublas    not found\n", doctor.Out);
    }

    [TestMethod]
    public void Says_that_another_library_has_cuDNNs_name()
    {
        using var machine = FakeMachine.Complete();
        File.Copy(machine["libcublas.so.12"], machine["libcudnn.so.9"], overwrite: true);
        SaysWhatIsWrong(machine, None, "a library lacks a function: Unable to find an entry point named 'cudnnGetVersion'", "another library of that name");
    }

    [TestMethod]
    public void Says_that_cuDNNs_parts_come_from_different_folders()
    {
        using var machine = FakeMachine.Complete();
        Directory.CreateDirectory(machine["other"]);
        string part = Path.Combine(machine["other"], "libcudnn_graph.so.9");
        File.Copy(machine["libcublas.so.12"], part);
        SaysWhatIsWrong(machine, [$"FAKE_PART={part}"], $"cuDNN's libraries come from different folders: {machine["libcudnn.so.9"]}, {part}", "CUDNNRESNET_CUDNN_PATH");
    }

    [TestMethod]
    public void Takes_cuDNNs_parts_from_its_own_folder()
    {
        using var machine = FakeMachine.Complete();
        File.Copy(machine["libcublas.so.12"], machine["libcudnn_graph.so.9"]);
        var doctor = machine.Run(None, "doctor", "--json").Succeeds();
        string[] tried = [.. Details(doctor).GetProperty("tried").EnumerateArray().Select(path => path.GetString()!)];
        Assert.Contains($"{machine["libcudnn_graph.so.9"]} (beside libcudnn.so.9): loaded", tried);
        Assert.IsEmpty(Problems(doctor));
    }

    [TestMethod]
    public void Takes_the_GPU_where_all_is_well()
    {
        using var machine = FakeMachine.Complete();
        // These libraries end where a context begins.
        foreach (string device in (string[])["cuda", "auto"]) machine.Run(None, "bench", "--device", device).Fails(3, "cuda:0 cannot be used: ", "cuDevicePrimaryCtxRetain", "; use cpu");
        var doctor = machine.Run(["CUDA_VISIBLE_DEVICES=0"], "doctor").Succeeds();
        foreach (string line in (string[])
        [
            "cuda      usable, and what --device auto takes",
            $"driver    runs CUDA up to 12.8, compiles PTX up to 8.7, {machine["libcuda.so.1"]}",
            "gpu 0     cuda:0 Fake GPU, compute capability 9.0, 80 multiprocessors, 8.0 GB",
            "visible   CUDA_VISIBLE_DEVICES=0",
            $"cudnn     9.10.2 for CUDA 12.8, {machine["libcudnn.so.9"]}",
            $"cublas    {machine["libcublas.so.12"]}",
        ]) Assert.Contains(line + "\n", doctor.Out);
        Assert.DoesNotContain("problem", doctor.Out);
        Assert.DoesNotContain("tried", doctor.Out);
        Assert.Contains("READY (cuda), with", doctor.Out);
    }

    [TestMethod]
    public void Notes_cuBLAS_and_cuDNN_of_different_CUDA_versions()
    {
        using var machine = FakeMachine.Complete();
        File.Move(machine["libcublas.so.12"], machine["libcublas.so.13"]);
        var doctor = machine.Run(["FAKE_DRIVER=13000"], "doctor").Succeeds();
        Assert.Contains("note      cuDNN is built for CUDA 12, cuBLAS is libcublas.so.13, of another one; set CUDNNRESNET_CUDA_PATH", doctor.Out);
        Assert.DoesNotContain("problem", doctor.Out);
    }

    [TestMethod]
    public void Notes_a_cuDNN_9_that_is_built_for_CUDA_11()
    {
        using var machine = FakeMachine.Complete();
        var doctor = machine.Run(["FAKE_CUDNN_CUDA=11080"], "doctor").Succeeds();
        Assert.Contains("cudnn     9.10.2 for CUDA 11.8, ", doctor.Out);
        Assert.Contains("note      cuDNN is built for CUDA 11, cuBLAS is libcublas.so.12, of another one", doctor.Out);
    }

    [TestMethod]
    public void Names_the_GPUs_that_there_are_for_one_that_there_is_not()
    {
        using var machine = FakeMachine.Complete();
        machine.Run(["FAKE_GPUS=2"], "bench", "--device", "cuda:3").Fails(3, "there is no cuda:3, only cuda:0 (Fake GPU), cuda:1 (Fake GPU)");
        machine.Run(["FAKE_GPUS=1", "CUDA_VISIBLE_DEVICES=1"], "bench", "--device", "cuda:1").Fails(
            3, "there is no cuda:1, only cuda:0 (Fake GPU) (CUDA_VISIBLE_DEVICES=1); the numbers are those of the GPUs that are left visible, from 0; use cpu or auto");
        machine.Run(["FAKE_GPUS=2"], "bench", "--device", "cuda:1").Fails(3, "cuda:1 cannot be used: ", "; use cpu");
    }

    [TestMethod]
    public void Names_the_GPU_that_can_be_used_for_one_that_is_too_old()
    {
        using var machine = FakeMachine.Complete();
        string[] settings = ["FAKE_GPUS=2", "FAKE_CAPABILITY_0=61"];
        machine.Run(settings, "bench", "--device", "cuda").Fails(3, "Fake GPU has compute capability 6.1, and 7.0 or later is needed; cuda:1 (Fake GPU) can be used; use cpu or auto");
        Assert.DoesNotContain("problem", machine.Run(settings, "doctor").Succeeds().Out);
    }

    [TestMethod]
    public void Auto_takes_the_processor_and_says_why()
    {
        using var machine = FakeMachine.Complete();
        var train = machine.Run(["FAKE_DRIVER=11040"], TinyRun.Args("--epochs", "1")).Succeeds();
        Assert.StartsWith("device    cpu, ", train.Out);
        Assert.Contains(" (no usable CUDA: the NVIDIA driver is too old: it runs CUDA up to 11.4, and 12.0 is needed)\n", train.Out);
    }

    [ClassCleanup]
    public static void RemoveBuilt() => FakeMachine.RemoveBuilt();

    /// <summary>--device cuda exits with 3 and one line, and doctor lists it among the problems.</summary>
    private static Outcome SaysWhatIsWrong(FakeMachine machine, string[] settings, string what, string whatToDo)
    {
        machine.Run(settings, "bench", "--device", "cuda").Fails(3, what, whatToDo, "; use cpu or auto");
        Outcome doctor = machine.Run(settings, "doctor").Succeeds();
        Assert.Contains($"problem   {what}", doctor.Out);
        Assert.Contains("cuda      not usable: ", doctor.Out);
        return doctor;
    }

    private static List<string?> Problems(Outcome doctor) => [.. Details(doctor).GetProperty("problems").EnumerateArray().Select(problem => problem.GetString())];

    private static JsonElement Details(Outcome doctor) => TinyRun.Records(doctor.Out, "doctor")[0].GetProperty("cuda_details");
}
