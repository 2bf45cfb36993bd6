using System.Security.Cryptography;

namespace CudnnResNet.Tests.Hostile;

/// <summary>Puts bytes where a checksum hides them from mutations: what is inside is under attack, what is around is right.</summary>
internal static class Seal
{
    private const string PickleName = "archive/data.pkl";
    private const int CheckpointHeader = 8 + sizeof(uint) + SHA256.HashSizeInBytes;

    /// <summary>A file of torch.save's around a pickle, with the storages of <see cref="Seeds.Torch"/>.</summary>
    public static byte[] Pickle(byte[] pickle) => ZipWriter.Write([new(PickleName, pickle), .. Seeds.Torch().ZipEntries().Where(entry => entry.Name != PickleName)]);

    /// <summary>A checkpoint around its safetensors part.</summary>
    public static byte[] Checkpoint(byte[] payload) => [.. "CRNSTATE"u8, 1, 0, 0, 0, .. SHA256.HashData(payload), .. payload];

    /// <summary>A safetensors file without tensors around a JSON object of metadata.</summary>
    public static byte[] Metadata(byte[] json) => SafeTensorsBytes.Build([.. "{\"__metadata__\":"u8, .. json, (byte)'}'], []);

    /// <summary>The safetensors part of a checkpoint.</summary>
    public static byte[] PayloadOf(byte[] checkpoint) => checkpoint[CheckpointHeader..];
}
