using System.Security.Cryptography;
using CudnnResNet.Model;
using CudnnResNet.Training;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>The checkpoint of a network of eight layers, with the checksum put right; the values are zeros but for the first.</summary>
internal sealed class CheckpointTarget : Target
{
    private const int ChecksumAt = 12, HeaderLength = ChecksumAt + SHA256.HashSizeInBytes;

    private static readonly ArchitectureSpec Plain8 = new(Architecture.Plain, 8);

    private readonly byte[] start;

    public CheckpointTarget() => start = Written(Sample())[..ChecksumAt];

    public override string Name => "checkpoint";

    public override string Reads => "checkpoint state";

    public override IReadOnlyList<string> Sources => ["CudnnResNet.Training/Checkpoint.cs", "CudnnResNet.Training/CheckpointMetadata.cs", "CudnnResNet.Training/AlgorithmChoiceJson.cs"];

    public override IReadOnlyList<string> NotReading => ["Save", "Write", "Payload", "Require", "IsWhole", "Text"];

    public override int MaxLength => 1 << 15;

    public override IReadOnlyList<string> Words =>
    [
        .. SafeTensorsTarget.HeaderWords, "\"arch\":\"plain\"", "\"depth\":\"8\"", "\"classes\":\"10\"", "\"shortcut\":\"trailing\"", "\"options\":\"{}\"", "\"seed\":\"1\"", "\"step\":\"1\"", "\"epoch\":\"", "\"best_epoch\":\"1\"",
        "\"best_error\":\"NaN\"", "\"warming_up\":\"1\"", "\"device\":\"cuda\"", "\"algorithms\":\"", "\"algorithms\":\"null\"", "state.", "momentum.", "conv1.weight", "\\u0022",
    ];

    public override IReadOnlyList<byte[]> BinaryWords => [[(byte)'}', 0, 0, 0xC0, 0x7F]];

    public override IEnumerable<byte[]> Seeds() => new[]
    {
        Sample(), Sample() with { Best = new(3, 0.25), Device = "cuda", WarmingUp = true, Algorithms = new("gpu", "9.1", Precision.Fp32, []) },
    }.Select(checkpoint => HeaderOnly.Of(Written(checkpoint).AsSpan(HeaderLength)));

    public override byte[] ToFile(byte[] input)
    {
        byte[] file = HeaderOnly.ToFile(input, HeaderLength);
        start.CopyTo(file, 0);
        SHA256.HashData(file.AsSpan(HeaderLength), file.AsSpan(ChecksumAt));
        return file;
    }

    public override void Read(byte[] file)
    {
        string path = InFolder(RunFolder.CheckpointName);
        File.WriteAllBytes(path, file);
        Checkpoint.LoadNewest(path, out _);
    }

    private byte[] Written(Checkpoint checkpoint)
    {
        string path = InFolder("seed.state");
        checkpoint.Save(path);
        return File.ReadAllBytes(path);
    }

    private static Checkpoint Sample() => new()
    {
        Architecture = Plain8,
        State = WeightsTarget.Zeros(Plain8, parametersOnly: false),
        Momentum = WeightsTarget.Zeros(Plain8, parametersOnly: true),
        Options = "{}",
        Seed = 1,
        Step = 4040,
        Epoch = 4,
        StepInEpoch = 40,
        SummaryRows = 4,
    };
}
