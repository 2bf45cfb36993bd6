using CudnnResNet.Training.Data;
using CudnnResNet.Training.Tests.Data;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>A folder of CIFAR-10 records, one a file; the test file is the input.</summary>
internal sealed class CifarTarget : Target
{
    private const int Records = 1;

    private readonly string folder;

    public CifarTarget() => CifarFiles.Write(folder = InFolder("cifar-10-batches-bin"), Records);

    public override string Name => "cifar";

    public override string Reads => "CIFAR-10 records";

    public override IReadOnlyList<string> Sources => ["Data/Cifar10.cs"];

    public override int MaxLength => 2 * Cifar10.RecordBytes;

    public override IEnumerable<byte[]> Seeds() => [CifarFiles.File(5, Records), CifarFiles.File(5, 2 * Records), []];

    public override void Read(byte[] file)
    {
        File.WriteAllBytes(Path.Combine(folder, Cifar10.TestFile), file);
        Cifar10.CheckLengths(folder, Records);
        Cifar10.Read(folder, Records);
    }
}
