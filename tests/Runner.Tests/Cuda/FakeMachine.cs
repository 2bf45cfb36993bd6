using System.Runtime.InteropServices;

namespace CudnnResNet.Runner.Tests.Cuda;

/// <summary>A folder with libraries that play NVIDIA's, and the program run in it.</summary>
internal sealed class FakeMachine : IDisposable
{
    private static readonly Lazy<TemporaryFolder> Built = new(() =>
    {
        var folder = new TemporaryFolder();
        string source = Path.Combine(AppContext.BaseDirectory, "Cuda", "fake_libraries.c");
        CCompiler.Build(source, folder["libcuda.so.1"], "DRIVER");
        CCompiler.Build(source, folder["libcudnn.so.9"], "CUDNN");
        CCompiler.Build(source, folder["libcublas.so.12"], "CUBLAS");
        return folder;
    });

    private readonly TemporaryFolder folder = new();

    /// <summary>A path in the machine's folder.</summary>
    public string this[string name] => folder["cuda", name];

    /// <summary>A machine with driver, GPU, cuDNN and cuBLAS.</summary>
    public static FakeMachine Complete()
    {
        var machine = Empty();
        foreach (string file in Built.Value.Files) File.Copy(Built.Value[file], machine[file]);
        return machine;
    }

    /// <summary>A machine with nothing of NVIDIA's in the folder that is searched.</summary>
    public static FakeMachine Empty()
    {
        var machine = new FakeMachine();
        Directory.CreateDirectory(machine[""]);
        return machine;
    }

    /// <summary>Takes a library away; the test is skipped where the real machine has one of that name.</summary>
    public FakeMachine Without(string file)
    {
        File.Delete(this[file]);
        if (NativeLibrary.TryLoad(file, out _)) Assert.Inconclusive($"skipped: this machine has a real {file}");
        return this;
    }

    /// <summary>Runs the program; each of the settings is NAME=VALUE of the environment.</summary>
    public Outcome Run(string[] settings, params string[] args)
    {
        using var program = RunnerProgram.Start(folder, args, [.. settings, $"CUDNNRESNET_CUDA_PATH={this[""]}", $"CUDNNRESNET_CUDNN_PATH={this[""]}", TinyRun.Size]);
        return program.Wait();
    }

    /// <summary>Removes what all machines share.</summary>
    public static void RemoveBuilt()
    {
        if (Built.IsValueCreated) Built.Value.Dispose();
    }

    public void Dispose() => folder.Dispose();
}
