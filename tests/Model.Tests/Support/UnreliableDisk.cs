namespace CudnnResNet.Model.Tests;

/// <summary>What happens to a disk or its process.</summary>
public enum Disaster
{
    /// <summary>One operation is refused, the next ones are not.</summary>
    Refusal,

    /// <summary>The disk is gone: this operation and all later ones are refused.</summary>
    Removal,

    /// <summary>The process dies; the system has all that was written until then.</summary>
    Kill,

    /// <summary>The power fails. What was not flushed is gone: bytes of files, and names of folders.</summary>
    PowerLossKeepingNothing,

    /// <summary>The power fails. The names were on the disk already; the bytes were not, and are zeros.</summary>
    PowerLossKeepingNames,

    /// <summary>The power fails. Of what was not flushed some is there: any of the names, any part of the bytes, or others in their place.</summary>
    PowerLossKeepingSome,
}

/// <summary>The process is dead: what a test throws in its place, and no program catches.</summary>
internal sealed class DeadException() : Exception("dead");

/// <summary>
/// A disk in a folder of a test's, of which one operation goes wrong, as SQLite's tests have it: opening, a block of bytes, a flush, a
/// rename, a deletion. After a death, <see cref="Restart"/> leaves in the folder what the next process would find.
/// </summary>
/// <remarks>
/// It knows the two promises of a file system that a program may build on, and nothing else: bytes are there after the file's flush, names
/// after the folder's. Operations on names that were not flushed are kept or lost one by one.
/// </remarks>
internal sealed class UnreliableDisk : FileOperations
{
    // A weights file of ResNet-8 is two blocks, a checkpoint three; of a block that fails half is written.
    private const int BlockSize = 1 << 18;

    private readonly string folder;
    private readonly Disaster disaster;
    private readonly int at;
    private readonly Random random;
    private readonly Dictionary<string, Node> now = new(StringComparer.Ordinal), durable = new(StringComparer.Ordinal);
    private readonly List<NameChange> pending = [];

    /// <summary>Takes what is in the folder as lying safely on the disk.</summary>
    /// <param name="folder">The disk.</param>
    /// <param name="disaster">What goes wrong.</param>
    /// <param name="at">Which operation it goes wrong at, from 1.</param>
    public UnreliableDisk(string folder, Disaster disaster, int at)
    {
        (this.folder, this.disaster, this.at, random) = (folder, disaster, at, new(at));
        foreach (string path in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories)) now[path] = new(isFolder: true);
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            byte[] bytes = File.ReadAllBytes(path);
            now[path] = new(isFolder: false) { Durable = bytes, Written = [.. bytes] };
        }
        foreach (var (path, node) in now) durable[path] = node;
    }

    /// <summary>Operations until now.</summary>
    public int Operations { get; private set; }

    /// <summary>Whether it has gone wrong.</summary>
    public bool HasHappened => Operations >= at;

    /// <summary>Leaves what the next process finds. No file may be open.</summary>
    public void Restart()
    {
        if (disaster < Disaster.PowerLossKeepingNothing) return;
        var left = new Dictionary<string, Node>(durable, StringComparer.Ordinal);
        foreach (var change in pending)
        {
            if (disaster == Disaster.PowerLossKeepingNames || disaster == Disaster.PowerLossKeepingSome && random.Next(2) == 0) change.Apply(left);
        }
        foreach (string path in Directory.GetDirectories(folder)) Directory.Delete(path, recursive: true);
        foreach (string path in Directory.GetFiles(folder)) File.Delete(path);
        foreach (var (path, node) in left.OrderBy(entry => entry.Key.Length))
        {
            string parent = Path.GetDirectoryName(path)!;
            if (parent != folder && !left.ContainsKey(parent)) continue;
            if (node.IsFolder) Directory.CreateDirectory(path);
            else File.WriteAllBytes(path, Left(node));
        }
    }

    public override Stream Create(string path)
    {
        Step($"create {path}");
        return new Writing(this, New(path), base.Create(path));
    }

    public override void Flush(Stream file)
    {
        var writing = (Writing)file;
        writing.Flush();
        Step("flush");
        writing.Node.Durable = [.. writing.Node.Written];
    }

    public override Stream OpenEnd(string path)
    {
        Step($"open {path}");
        return new Writing(this, now.GetValueOrDefault(path) ?? New(path), base.OpenEnd(path));
    }

    public override void Move(string from, string to)
    {
        Step($"rename {from}");
        base.Move(from, to);
        Change(new(Path.GetDirectoryName(to)!, from, to, now[from]));
    }

    public override void Delete(string path)
    {
        Step($"delete {path}");
        base.Delete(path);
        if (now.TryGetValue(path, out var node)) Change(new(Path.GetDirectoryName(path)!, path, null, node));
    }

    public override void MakeFolder(string path)
    {
        Step($"make folder {path}");
        base.MakeFolder(path);
        if (!now.ContainsKey(path)) Change(new(Path.GetDirectoryName(path)!, null, path, new(isFolder: true)));
    }

    public override void FlushFolder(string path)
    {
        Step($"flush folder {path}");
        foreach (var change in pending.Where(change => change.Folder == path)) change.Apply(durable);
        pending.RemoveAll(change => change.Folder == path);
    }

    private void Step(string operation)
    {
        Operations++;
        bool fails = disaster == Disaster.Refusal ? Operations == at : Operations >= at;
        if (!fails) return;
        if (disaster > Disaster.Removal) throw new DeadException();
        throw new IOException($"refused: operation {Operations}, {operation}");
    }

    private Node New(string path)
    {
        var node = new Node(isFolder: false);
        Change(new(Path.GetDirectoryName(path)!, null, path, node));
        return node;
    }

    private void Change(NameChange change)
    {
        change.Apply(now);
        pending.Add(change);
    }

    private byte[] Left(Node node)
    {
        byte[] written = [.. node.Written];
        int safe = node.Durable.Length;
        if (written.AsSpan().SequenceEqual(node.Durable)) return written;
        if (disaster == Disaster.PowerLossKeepingNothing) return node.Durable;
        bool grown = written.Length >= safe && written.AsSpan(0, safe).SequenceEqual(node.Durable);
        int from = grown ? safe : 0;
        if (disaster == Disaster.PowerLossKeepingNames)
        {
            written.AsSpan(from).Clear();
            return written;
        }
        switch (random.Next(4))
        {
            case 0: return node.Durable;
            case 1: return written[..random.Next(from, written.Length + 1)];
            case 2:
                random.NextBytes(written.AsSpan(random.Next(from, written.Length + 1)));
                return written;
            default: return written;
        }
    }

    /// <summary>A file or a folder, whatever its name.</summary>
    private sealed class Node(bool isFolder)
    {
        public bool IsFolder => isFolder;

        public List<byte> Written { get; init; } = [];

        public byte[] Durable { get; set; } = [];
    }

    /// <summary>A name that a folder loses, one that it gets, or both.</summary>
    private sealed record NameChange(string Folder, string? Removed, string? Added, Node Node)
    {
        public void Apply(Dictionary<string, Node> names)
        {
            if (Removed is not null && names.GetValueOrDefault(Removed) == Node) names.Remove(Removed);
            if (Added is not null) names[Added] = Node;
        }
    }

    /// <summary>A file that is being written, a block at a time. It reaches the real file too, for the process that goes on.</summary>
    private sealed class Writing(UnreliableDisk disk, Node node, Stream file) : Stream
    {
        private readonly List<byte> block = [];

        public Node Node => node;

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            while (block.Count + buffer.Length >= BlockSize)
            {
                var fitting = buffer[..(BlockSize - block.Count)];
                block.AddRange(fitting);
                buffer = buffer[fitting.Length..];
                Emit();
            }
            block.AddRange(buffer);
        }

        public override void Flush()
        {
            if (block.Count > 0) Emit();
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();

        // As a FileStream does it: what is still in the buffer reaches the system, not the disk.
        protected override void Dispose(bool disposing)
        {
            using (file) Flush();
            base.Dispose(disposing);
        }

        private void Emit()
        {
            byte[] bytes = [.. block];
            block.Clear();
            try
            {
                disk.Step("write");
            }
            catch (Exception)
            {
                Take(bytes.AsSpan(0, bytes.Length / 2));
                throw;
            }
            Take(bytes);
        }

        private void Take(ReadOnlySpan<byte> bytes)
        {
            node.Written.AddRange(bytes);
            file.Write(bytes);
            file.Flush();
        }
    }
}
