using CudnnResNet.Training.Data;

namespace CudnnResNet.Training.Tests.Data;

/// <summary>Writes CIFAR-10 folders of a few records: record r of file f has label r mod 10 and pixels that depend on f, r and their place and do not compress well.</summary>
internal static class CifarFiles
{
    public const int Records = 20;

    public static byte Pixel(int file, int record, int p) => (byte)((uint)((file * 10_000 + record) * 3072 + p) * 2_654_435_761u >> 24);

    public static byte[] File(int file, int records = Records)
    {
        var bytes = new byte[records * 3073];
        for (int r = 0; r < records; r++)
        {
            bytes[r * 3073] = (byte)(r % 10);
            for (int p = 0; p < 3072; p++)
                bytes[r * 3073 + 1 + p] = Pixel(file, r, p);
        }
        return bytes;
    }

    public static void Write(string folder, int records = Records)
    {
        Directory.CreateDirectory(folder);
        for (int f = 0; f < Cifar10.AllFiles.Length; f++)
            System.IO.File.WriteAllBytes(Path.Combine(folder, Cifar10.AllFiles[f]), File(f, records));
    }
}
