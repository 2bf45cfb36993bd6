// Classifies the images of a CIFAR-10 file with the weights of a trained network, as one native program without .NET on the machine:
//     dotnet publish samples/PredictAot
//     PredictAot WEIGHTS.safetensors test_batch.bin            counts the wrong ones
//     PredictAot WEIGHTS.safetensors test_batch.bin 1          the first one only: what a start costs
//     PredictAot WEIGHTS.safetensors --speed SECONDS           images/s in batches of 128 and one by one

using System.Diagnostics;
using System.Globalization;
using CudnnResNet.Model;

const int ImageBytes = 3 * 32 * 32, RecordBytes = 1 + ImageBytes; // a label, then three planes

if (args.Length is < 2 or > 3 || (args[1] == "--speed" && args.Length != 3))
{
    Console.Error.WriteLine("usage: PredictAot WEIGHTS.safetensors (CIFAR-FILE.bin [IMAGES] | --speed SECONDS)");
    return 2;
}
try
{
    var weights = WeightsFile.Load(args[0]);
    if (args[1] != "--speed") return Count(weights, args[1], args.Length == 3 ? int.Parse(args[2], CultureInfo.InvariantCulture) : int.MaxValue);
    double seconds = double.Parse(args[2], CultureInfo.InvariantCulture);
    Console.WriteLine(FormattableString.Invariant($"{Speed(weights, 128, seconds):F0} {Speed(weights, 1, seconds):F0}"));
    return 0;
}
catch (Exception error) when (error is EngineException or IOException or FormatException)
{
    Console.Error.WriteLine($"error: {error.Message}");
    return 1;
}

static int Count(WeightsFile weights, string file, int most)
{
    byte[] records = File.ReadAllBytes(file);
    int n = Math.Min(records.Length / RecordBytes, most);
    if (n == 0 || records.Length % RecordBytes != 0) throw new FormatException($"{file} is not a file of {RecordBytes}-byte records");
    var pixels = new byte[n * ImageBytes];
    for (int i = 0; i < n; i++) records.AsSpan(i * RecordBytes + 1, ImageBytes).CopyTo(pixels.AsSpan(i * ImageBytes));

    using var predictor = new Predictor(weights, new() { Device = new() { Kind = DeviceKind.Cpu }, BatchSize = Math.Min(n, 128) });
    var predictions = predictor.Classify(pixels);
    int wrong = predictions.Where((prediction, i) => prediction.Best.Class != records[i * RecordBytes]).Count();
    Console.WriteLine($"{weights.Architecture.Name} on {predictor.DeviceDescription}");
    Console.WriteLine($"the first image is {predictions[0].Best.Name}, {predictions[0].Best.Probability:P1} sure");
    Console.WriteLine($"{wrong} of {n} wrong");
    return 0;
}

// Images a second in batches of one size, whose first passes are not counted: a just-in-time compiler would be at work in them.
static double Speed(WeightsFile weights, int batch, double seconds)
{
    using var network = new ResNet(weights.Architecture, new() { Device = new() { Kind = DeviceKind.Cpu }, BatchSize = batch, Training = false, Normalization = weights.Normalization });
    network.Load(weights.State);
    var images = new float[batch * ImageBytes];
    for (int i = 0; i < images.Length; i++) images[i] = MathF.Sin(i);
    var logits = new float[batch * weights.Architecture.Classes];
    Passes(network, images, logits, seconds / 2);
    return batch * Passes(network, images, logits, seconds);
}

static double Passes(ResNet network, float[] images, float[] logits, double seconds)
{
    long start = Stopwatch.GetTimestamp();
    int passes = 0;
    for (; Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; passes++) network.Infer(images, logits);
    return passes / Stopwatch.GetElapsedTime(start).TotalSeconds;
}
