using System.Runtime.InteropServices;

namespace CudnnResNet.Kernels.Tests.Conformance;

/// <summary>What a run read from the GPU, by name.</summary>
internal sealed class Outputs
{
    private readonly Dictionary<string, byte[]> tensors = [];

    public void Add<T>(string name, T[] values) where T : unmanaged => tensors.Add(name, MemoryMarshal.AsBytes<T>(values).ToArray());

    public T[] Get<T>(string name) where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensors[name]).ToArray();

    public void AssertSameBytes(Outputs other, string what)
    {
        CollectionAssert.AreEquivalent(other.tensors.Keys, tensors.Keys);
        foreach (var (name, bytes) in tensors)
            Assert.IsTrue(bytes.AsSpan().SequenceEqual(other.tensors[name]), $"{what}: {name} has other bytes than in the first run");
    }
}
