using CudnnResNet.Model;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>The weights of a network of eight layers with their metadata; the values are zeros but for the first.</summary>
internal sealed class WeightsTarget : Target
{
    private static readonly ArchitectureSpec ResNet8 = new(Architecture.ResNet, 8);

    public override string Name => "weights";

    public override string Reads => "weights with metadata";

    public override IReadOnlyList<string> Sources =>
        ["Weights/TensorFile.cs", "Weights/WeightsFile.cs", "Weights/WeightsMetadata.cs", "Weights/NameMapping.cs", "Weights/StateDict.cs", "Weights/StateCheck.cs"];

    public override IReadOnlyList<string> NotReading => ["Save", "Write", "Require", "NameIn", "SameLayout", "ReadTorch", "CopyTo", "OrderedFor"];

    public override int MaxLength => 1 << 15;

    public override IReadOnlyList<string> Words =>
    [
        .. SafeTensorsTarget.HeaderWords, "\"arch\":\"plain\"", "\"resnet\"", "\"depth\":\"8\"", "\"classes\":\"10\"", "\"class_names\":\"[", "\"normalize\":\"pixel\"", "\"normalize_mean\":\"0,0,0\"", "\"normalize_std\":\"1,1,1\"",
        "\"normalize_pixel_mean\":\"", "\"shortcut\":\"reshape\"", "\"centred\"", "\"trailing\"", "\"weights_sha256\":\"", "\"epoch\":\"", "\"test_error\":\"0.5\"", "\"seed\":\"1\"", "\"dataset\":\"", "module.", "layer1.0.conv1.weight",
        "layer2.7.bn1.bias", "fc.weight", "linear.bias", "convIn.weight", "stack2a.", "stack3b.0.", "running_var", "NaN",
    ];

    public override IReadOnlyList<byte[]> BinaryWords => [[(byte)'}', 0, 0, 0xC0, 0x7F], [(byte)'}', 0, 0, 0x80, 0xFF]];

    public override IEnumerable<byte[]> Seeds()
    {
        yield return Written(Normalization.Reference, NamingScheme.Own, ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]);
        yield return Written(Normalization.Channel([0.5, 0.5, 0.5], [0.25, 0.25, 0.25]), NamingScheme.Common, null);
        yield return Written(Normalization.Pixel(new float[3 * 32 * 32]), NamingScheme.ReferenceProject, null);
        // Files of other projects have names only.
        foreach (byte[] input in (byte[][])[Written(Normalization.ImageNet, NamingScheme.Common, null), Written(Normalization.ImageNet, NamingScheme.ReferenceProject, null)])
            yield return [(byte)'{', .. input.AsSpan(input.AsSpan().IndexOf("},"u8) + 2)];
    }

    public override byte[] ToFile(byte[] input) => HeaderOnly.ToFile(input);

    public override void Read(byte[] file)
    {
        string path = InFolder("weights.safetensors");
        File.WriteAllBytes(path, file);
        var weights = WeightsFile.Load(path);
        foreach (var tensor in weights.State.Tensors)
        {
            if (!Array.TrueForAll(tensor.Values, float.IsFinite)) throw new InvalidOperationException($"{tensor.Name} is not finite and was loaded");
        }
    }

    private byte[] Written(Normalization normalization, NamingScheme scheme, string[]? classNames)
    {
        string path = InFolder("seed.safetensors");
        WeightsFile.Save(path, ResNet8, normalization, Zeros(ResNet8, parametersOnly: false), new(Epoch: 3, TestError: 0.25, Seed: 7, Dataset: "cifar10"), classNames, scheme);
        return HeaderOnly.Of(File.ReadAllBytes(path));
    }

    /// <summary>A network's state of zeros.</summary>
    public static StateDict Zeros(ArchitectureSpec architecture, bool parametersOnly)
    {
        var state = new StateDict();
        foreach (var (name, shape) in StateCheck.Expected(architecture, parametersOnly)) state.Add(name, shape, new float[shape.Aggregate(1, (product, size) => product * size)]);
        return state;
    }
}
