namespace CudnnResNet.Model.Tests;

/// <summary>A disk that takes so many bytes more.</summary>
/// <param name="room">How many. Where a file fits exactly, its flush fails: with delayed allocation a file system finds out only then.</param>
/// <param name="name">The end of the names of the files that it is full for; by default for all.</param>
internal sealed class FullDisk(long room, string name = "") : FileOperations
{
    private long left = room;

    public override Stream Create(string path) => Limit(path, base.Create(path));

    public override Stream OpenEnd(string path) => Limit(path, base.OpenEnd(path));

    private Stream Limit(string path, Stream file) => path.EndsWith(name, StringComparison.Ordinal) ? new Limited(file, this) : file;

    private int Take(int count)
    {
        int fits = (int)Math.Min(count, left);
        left -= fits;
        return fits;
    }

    private static IOException Full() => new("No space left on device");

    private sealed class Limited(Stream file, FullDisk disk) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count)
        {
            int fits = disk.Take(count);
            file.Write(buffer, offset, fits);
            if (fits < count) throw Full();
        }

        public override void Flush()
        {
            if (disk.left == 0) throw Full();
            file.Flush();
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            file.Dispose();
            base.Dispose(disposing);
        }
    }
}
