using System.Text.RegularExpressions;
using CudnnResNet.Kernels.Tests.Ptx;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.VirtualGpu.Tests.Driver;

/// <summary>The engine's own kernels by the engine's own way: its wrappers, the driver's functions, the library that is compiled ahead of time.</summary>
[TestClass]
public sealed partial class EngineKernelTests
{
    [TestMethod]
    public void All_kernels_load()
    {
        using var gpu = new EmulatedGpu(EmulatorOrder.Late);
        string[] files = Directory.GetFiles(Repository.At("kernels", "ptx"), "*.ptx");
        Assert.IsNotEmpty(files);
        foreach (string file in files)
        {
            CudaModule module = gpu.Keep(CudaModule.FromPtx(gpu.Context, File.ReadAllBytes(file), file));
            string[] kernels = [.. Entry().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)];
            Assert.IsNotEmpty(kernels);
            foreach (string kernel in kernels) Assert.IsGreaterThan(0, module.GetFunction(kernel).MaxThreadsPerBlock);
        }
    }

    [TestMethod]
    [DataRow(EmulatorOrder.Early)]
    [DataRow(EmulatorOrder.Late)]
    public void A_chain_of_kernels_computes_what_csharp_does(EmulatorOrder order)
    {
        const int N = 3001;
        float[] a = Values(N, 1), s = Values(N, 2), dy = Values(N, 3), y = new float[N], g = new float[N];
        using (var gpu = new EmulatedGpu(order))
        {
            CudaModule join = gpu.Keep(CudaModule.FromPtx(gpu.Context, File.ReadAllBytes(Repository.At("kernels", "ptx", "join.ptx")), "join"));
            DeviceBuffer deviceA = gpu.Empty(4 * N), deviceS = gpu.Empty(4 * N), deviceDy = gpu.Empty(4 * N), deviceY = gpu.Empty(4 * N), deviceG = gpu.Empty(4 * N);
            gpu.Stream.Upload<float>(a, deviceA.Pointer);
            gpu.Stream.Upload<float>(s, deviceS.Pointer);
            gpu.Stream.Upload<float>(dy, deviceDy.Pointer);
            const int Blocks = (N + 1023) / 1024;
            join.GetFunction("add_relu_forward").Launch(gpu.Stream, Blocks, 256, 0, deviceA.Pointer, deviceS.Pointer, N, deviceY.Pointer);
            join.GetFunction("relu_backward").Launch(gpu.Stream, Blocks, 256, 0, deviceY.Pointer, deviceDy.Pointer, N, deviceG.Pointer);
            gpu.Stream.Download(deviceY.Pointer, y.AsSpan());
            gpu.Stream.Download(deviceG.Pointer, g.AsSpan());
        }
        for (int i = 0; i < N; i++)
        {
            float sum = a[i] + s[i];
            Assert.AreEqual(sum < 0 ? 0 : sum, y[i]);
            Assert.AreEqual(y[i] <= 0 ? 0 : dy[i], g[i]);
        }
        Assert.IsEmpty(Emulator.Mistakes);
    }

    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }

    [GeneratedRegex(@"\.entry (\w+)")]
    private static partial Regex Entry();
}
