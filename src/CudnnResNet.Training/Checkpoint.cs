using System.Buffers.Binary;
using System.Security.Cryptography;
using CudnnResNet.Model;

namespace CudnnResNet.Training;

/// <summary>The epoch with the fewest errors so far.</summary>
/// <param name="Epoch">0-based.</param>
/// <param name="Error">Fraction wrong, 0..1.</param>
public sealed record BestEpoch(int Epoch, double Error);

/// <summary>
/// All that a run needs to go on as if it had never stopped, in one file. Order, crops, flips and initial weights need no state: they
/// follow from the seed, the epoch and the position.
/// </summary>
/// <remarks>
/// The file is 8 bytes <c>CRNSTATE</c>, the format version as 4 little-endian bytes, the SHA-256 of the rest, and a safetensors file with
/// <c>state.*</c>, <c>momentum.*</c> and, as metadata, the numbers; doubles are written so that they read back exactly.
/// </remarks>
public sealed record Checkpoint
{
    /// <summary>The format this program writes, and the newest it reads.</summary>
    public const int FormatVersion = 1;

    /// <summary>The file name of the checkpoint before the newest.</summary>
    public const string PreviousName = "previous.state";

    private const string StatePrefix = "state.", MomentumPrefix = "momentum.";
    private const int HeaderLength = 8 + sizeof(uint) + SHA256.HashSizeInBytes;

    /// <summary>The network.</summary>
    public required ArchitectureSpec Architecture { get; init; }

    /// <summary>Parameters and running statistics.</summary>
    public required StateDict State { get; init; }

    /// <summary>SGD's velocities.</summary>
    public required StateDict Momentum { get; init; }

    /// <summary>The effective options, as the trainer writes them: JSON.</summary>
    public required string Options { get; init; }

    /// <summary>The run's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Steps done since the start of the run.</summary>
    public required long Step { get; init; }

    /// <summary>The epoch that is going on, 0-based; the number of epochs when all are over.</summary>
    public required int Epoch { get; init; }

    /// <summary>Steps done in this epoch.</summary>
    public required int StepInEpoch { get; init; }

    /// <summary>What this epoch has counted so far.</summary>
    public Totals EpochTotals { get; init; }

    /// <summary>The best epoch so far; null before the first is over.</summary>
    public BestEpoch? Best { get; init; }

    /// <summary>True while the warm-up has not ended.</summary>
    public bool WarmingUp { get; init; }

    /// <summary>Seconds the run has taken, time between processes left out.</summary>
    public double ElapsedSeconds { get; init; }

    /// <summary>Seconds this epoch has taken so far.</summary>
    public double EpochSeconds { get; init; }

    /// <summary>Seconds of the run in training steps alone: what images per second are counted by.</summary>
    public double TrainingSeconds { get; init; }

    /// <summary>Seconds of this epoch in training steps alone.</summary>
    public double EpochTrainingSeconds { get; init; }

    /// <summary>What computed, <c>cpu</c>, <c>cuda</c> or <c>reference</c>; null in the file of a program that did not say.</summary>
    public string? Device { get; init; }

    /// <summary>cuDNN's algorithms, of the last device that had any; null where there was none.</summary>
    public AlgorithmChoice? Algorithms { get; init; }

    /// <summary>SHA-256 of the images that the run learns from and is tested with; null in the file of a program that did not keep it.</summary>
    public string? DataSha256 { get; init; }

    /// <summary>Rows of <c>summary.csv</c> written so far; a row beyond them belongs to an epoch that will be done again.</summary>
    public int SummaryRows { get; init; }

    // ---- Files ----

    /// <summary>Where <see cref="Save(string)"/> keeps the checkpoint before this one: <see cref="PreviousName"/> in the same folder.</summary>
    public static string PreviousPath(string path) => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!, PreviousName);

    /// <summary>
    /// Writes the checkpoint and keeps the one before it at <see cref="PreviousPath"/>. At every moment, also when the disk is full or the
    /// process is killed, a whole checkpoint is at one of the two places, if there ever was one.
    /// </summary>
    /// <param name="path">The file to create or replace, <c>last.state</c>; its folder must exist.</param>
    /// <exception cref="IOException">The disk is full, the folder is missing, or the like.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public void Save(string path) => Save(path, files: null);

    /// <summary>The same on a given file system; null for the machine's.</summary>
    internal void Save(string path, FileOperations? files)
    {
        byte[] payload = Payload();
        // A damaged file must not push out the good one that the run went on from.
        string? keepAs = IsWhole(path) ? PreviousPath(path) : null;
        AtomicFile.Write(path, stream => Write(stream, payload), keepAs, files);
    }

    /// <summary>Reads one file.</summary>
    /// <exception cref="WeightsException">It cannot be read, is no checkpoint, is damaged, or is of a newer program.</exception>
    public static Checkpoint Load(string path)
    {
        byte[] payload = ReadPayload(path);
        var file = SafeTensors.Read(new MemoryStream(payload), path);
        try
        {
            return CheckpointMetadata.Read(file.Metadata, architecture => (
                Tensors(file, StatePrefix).OrderedFor(architecture),
                Tensors(file, MomentumPrefix).OrderedFor(architecture, parametersOnly: true)));
        }
        catch (EngineException error)
        {
            throw new WeightsException($"{path}: {error.Message}", error);
        }
    }

    /// <summary>Reads the newest whole checkpoint: <paramref name="path"/>, else the one before it.</summary>
    /// <param name="path">The file that <see cref="Save(string)"/> was given.</param>
    /// <param name="notice">A line for people where it is not the newest, else null.</param>
    /// <exception cref="WeightsException">Neither can be used; the message is about the newest.</exception>
    public static Checkpoint LoadNewest(string path, out string? notice)
    {
        notice = null;
        try
        {
            return Load(path);
        }
        catch (WeightsException damage)
        {
            string previous = PreviousPath(path);
            if (!File.Exists(previous)) throw;
            try
            {
                var checkpoint = Load(previous);
                notice = $"{damage.Message}; going on from the checkpoint before it, {previous}, of step {checkpoint.Step}";
                return checkpoint;
            }
            catch (WeightsException alsoDamaged)
            {
                throw new WeightsException($"{damage.Message}; the checkpoint before it cannot be used either: {alsoDamaged.Message}", damage);
            }
        }
    }

    /// <summary>Makes sure that the checkpoint is of a given network.</summary>
    /// <exception cref="WeightsException">It is of another; the message names both.</exception>
    public void Require(ArchitectureSpec architecture) => StateCheck.SameNetwork("the checkpoint is", Architecture, architecture);

    // ---- The format ----

    private static ReadOnlySpan<byte> Magic => "CRNSTATE"u8;

    private byte[] Payload()
    {
        using var stream = new MemoryStream();
        var tensors = State.OrderedFor(Architecture).Tensors.Select(tensor => tensor with { Name = StatePrefix + tensor.Name })
            .Concat(Momentum.OrderedFor(Architecture, parametersOnly: true).Tensors.Select(tensor => tensor with { Name = MomentumPrefix + tensor.Name }));
        SafeTensors.Write(stream, tensors, CheckpointMetadata.Write(this));
        return stream.ToArray();
    }

    private static void Write(Stream stream, byte[] payload)
    {
        var header = new byte[HeaderLength];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(Magic.Length), FormatVersion);
        SHA256.HashData(payload, header.AsSpan(Magic.Length + sizeof(uint)));
        stream.Write(header);
        stream.Write(payload);
    }

    private static byte[] ReadPayload(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var header = new byte[HeaderLength];
            if (stream.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength || !header.AsSpan().StartsWith(Magic))
                throw new WeightsException($"{path}: not a checkpoint, or cut off within its first {HeaderLength} bytes");
            uint version = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(Magic.Length));
            if (version is 0 or > FormatVersion)
                throw new WeightsException($"{path}: format version {version} is not within 1..{FormatVersion}; the checkpoint is of a newer program, or damaged");
            if (stream.Length - HeaderLength > Array.MaxLength) throw new WeightsException($"{path}: {stream.Length} bytes are too many for a checkpoint");
            var payload = new byte[stream.Length - HeaderLength];
            stream.ReadExactly(payload);
            if (!SHA256.HashData(payload).AsSpan().SequenceEqual(header.AsSpan(Magic.Length + sizeof(uint))))
                throw new WeightsException($"{path}: damaged: its SHA-256 is not the one it was written with");
            return payload;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new WeightsException($"{path}: there is no such checkpoint", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new WeightsException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    private static bool IsWhole(string path)
    {
        try
        {
            ReadPayload(path);
            return true;
        }
        catch (WeightsException)
        {
            return false;
        }
    }

    // A run stops at the first value that is not finite, and saves none.
    private static StateDict Tensors(SafeTensors file, string prefix)
    {
        var state = new StateDict();
        foreach (string name in file.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            string own = name[prefix.Length..];
            float[] values = file.Floats(name);
            StateCheck.Values(own, values, told: name);
            state.Add(own, file.Shape(name), values);
        }
        return state;
    }
}
