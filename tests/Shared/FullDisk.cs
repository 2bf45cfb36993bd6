namespace CudnnResNet.Tests;

/// <summary>A file on a disk that has room for some bytes only.</summary>
internal sealed class FullDisk(Stream file, int room) : Stream
{
    private int left = room;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count)
    {
        int written = Math.Min(count, left);
        file.Write(buffer, offset, written);
        left -= written;
        if (written < count) throw new IOException("No space left on device");
    }

    // Delayed allocation: some file systems find out only now.
    public override void Flush() => throw new IOException("No space left on device");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        file.Dispose();
        base.Dispose(disposing);
    }
}
