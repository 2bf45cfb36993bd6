// Convolves one image with cuDNN and compares the result with a loop on the processor. It uses CudnnResNet.Native only:
//     dotnet run --project samples/ConvolveOneImage
// Where driver, GPU or cuDNN is missing it says which, and where it looked.

using CudnnResNet.Native.Loading;
using CudnnResNet.Native.Safe;

const int Size = 6;

// A square, and a filter that answers to vertical edges.
float[] x = new float[Size * Size];
for (int row = 2; row < 5; row++)
{
    for (int column = 2; column < 5; column++) x[(row * Size) + column] = 1;
}
float[] w = [-1, 0, 1, -2, 0, 2, -1, 0, 1];

float[] y;
try
{
    y = ConvolveOnGpu(x, w);
}
catch (NativeLibraryNotFoundException error)
{
    Console.Error.WriteLine($"cannot convolve on a GPU here: {error.Message}");
    foreach (LoadAttempt attempt in error.Report.Of(error.Library)) Console.Error.WriteLine($"  tried {attempt}");
    return 3;
}
catch (NativeException error)
{
    Console.Error.WriteLine($"cannot convolve on a GPU here: {error.Message}");
    return 3;
}

for (int row = 0; row < Size; row++) Console.WriteLine(string.Join(" ", y.Skip(row * Size).Take(Size).Select(value => $"{value,4}")));
float[] expected = ConvolveOnProcessor(x, w);
bool same = y.Zip(expected).All(pair => Math.Abs(pair.First - pair.Second) < 1e-5f);
Console.WriteLine(same ? "ok: the GPU and the processor agree" : "wrong: the GPU and the processor differ");
return same ? 0 : 1;

static float[] ConvolveOnGpu(float[] x, float[] w)
{
    using var context = new CudaContext(CudaDriver.GetDevice(0));
    using var scope = context.Enter();
    using var stream = new CudaStream(context);
    using var cudnn = new CudnnHandle(stream);
    Console.WriteLine($"{context.Device}, cuDNN {CudnnHandle.Version}");

    using var image = new TensorDescriptor(1, 1, Size, Size);
    using var filter = new FilterDescriptor(1, 1, 3, 3);
    using var convolution = new ConvolutionDescriptor(padding: 1, stride: 1, ConvolutionMath.Fma);

    using var memory = new DeviceArena(context, "tensors");
    DeviceSlice xMemory = memory.Reserve("x", x.Length * sizeof(float));
    DeviceSlice wMemory = memory.Reserve("w", w.Length * sizeof(float));
    DeviceSlice yMemory = memory.Reserve("y", x.Length * sizeof(float));
    memory.Allocate(stream);
    stream.Upload<float>(x, xMemory.Pointer);
    stream.Upload<float>(w, wMemory.Pointer);

    // cuDNN lists its algorithms best first; this takes the best one that needs no workspace and always gives the same bits.
    AlgorithmChoice<ForwardAlgorithm> choice = cudnn.ForwardAlgorithms(image, filter, convolution, image).First(choice => choice is { IsSupported: true, IsDeterministic: true, Workspace: 0 });
    convolution.Math = choice.Math;
    cudnn.ConvolutionForward(
        new(image, xMemory.Pointer), new(filter, wMemory.Pointer), convolution, choice.Algorithm, Workspace.None, new(image, yMemory.Pointer));

    float[] y = new float[x.Length];
    stream.Download(yMemory.Pointer, y.AsSpan());
    return y;
}

static float[] ConvolveOnProcessor(float[] x, float[] w)
{
    float[] y = new float[x.Length];
    for (int row = 0; row < Size; row++)
    {
        for (int column = 0; column < Size; column++)
        {
            for (int r = 0; r < 3; r++)
            {
                for (int s = 0; s < 3; s++)
                {
                    (int sourceRow, int sourceColumn) = (row + r - 1, column + s - 1);
                    if (sourceRow is >= 0 and < Size && sourceColumn is >= 0 and < Size) y[(row * Size) + column] += w[(r * 3) + s] * x[(sourceRow * Size) + sourceColumn];
                }
            }
        }
    }
    return y;
}
