using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CudnnResNet.Peers.Worker;

/// <summary>What a side of the comparison is asked to do: the same weights and the same images for every side.</summary>
/// <param name="Weights">A weights file; it also says which network.</param>
/// <param name="Inputs">A file of <see cref="Worker.Inputs"/>.</param>
/// <param name="Variant">What only this side knows: a layout, a device.</param>
/// <param name="Kind">What a step is.</param>
/// <param name="BatchSize">Images of one batch.</param>
/// <param name="Threads">Threads that compute.</param>
public sealed record Work(string Weights, string Inputs, string Variant, WorkKind Kind, int BatchSize, int Threads);

/// <summary>What a step is.</summary>
public enum WorkKind
{
    /// <summary>Forward, cross-entropy, backward and update, from a batch of floats.</summary>
    Training,

    /// <summary>From a batch of floats to its logits.</summary>
    Inference,

    /// <summary>This engine only: the test error of as many images as CIFAR-10 tests, out of bytes in memory.</summary>
    Evaluation,

    /// <summary>This engine only: augmenting and normalising the next batch of an epoch's order, out of bytes in memory.</summary>
    Loading,
}

/// <summary>One line to a worker.</summary>
/// <param name="Command">What to do.</param>
public sealed record Request(Command Command)
{
    /// <summary>Of <see cref="Command.Open"/> and <see cref="Command.Logits"/>.</summary>
    public Work? Work { get; init; }

    /// <summary>Of <see cref="Command.Turn"/>: how long to go on.</summary>
    public double Seconds { get; init; }

    /// <summary>Of <see cref="Command.Train"/>.</summary>
    public TrainingRequest? Training { get; init; }
}

/// <summary>What a worker can be asked for.</summary>
public enum Command
{
    /// <summary>Build the network and get ready; answered by <see cref="Reply.Opened"/>.</summary>
    Open,

    /// <summary>Run steps of the work that is open; answered by <see cref="Reply.Turn"/>.</summary>
    Turn,

    /// <summary>Classify the images; answered by <see cref="Reply.Logits"/>.</summary>
    Logits,

    /// <summary>Get ready to train a network; answered by <see cref="Reply.Ready"/>. From then on nothing but <see cref="Epoch"/> is understood.</summary>
    Train,

    /// <summary>Train one epoch and evaluate the network; answered by <see cref="Reply.Epoch"/>.</summary>
    Epoch,
}

/// <summary>One line from a worker: one of these is not null.</summary>
public sealed record Reply
{
    /// <summary>Why it cannot be done.</summary>
    public string? Error { get; init; }

    /// <summary>The work is ready.</summary>
    public Opened? Opened { get; init; }

    /// <summary>The turn is over.</summary>
    public Turn? Turn { get; init; }

    /// <summary>(N, 10).</summary>
    public double[]? Logits { get; init; }

    /// <summary>Training can begin: name and version of the library.</summary>
    public string? Ready { get; init; }

    /// <summary>An epoch is over.</summary>
    public Epoch? Epoch { get; init; }
}

/// <summary>Who computes.</summary>
/// <param name="Version">Name and version of the library.</param>
/// <param name="Device">What it says it computes with: threads, instructions.</param>
/// <param name="ExecutedMultiplyAdds">Multiply-adds that a step executes, where the library tells.</param>
public sealed record Opened(string Version, string Device, double? ExecutedMultiplyAdds);

/// <summary>What a turn came to.</summary>
/// <param name="Steps">Steps that were timed.</param>
/// <param name="MedianSeconds">The median of their times.</param>
/// <param name="PeakFlops">Operations a second that the same threads reach right after the turn with nothing but fused multiply-adds, where the library can tell.</param>
/// <param name="PeakBytes">The most memory the process has had so far.</param>
public sealed record Turn(int Steps, double MedianSeconds, double? PeakFlops, long PeakBytes);

/// <summary>What an epoch of training came to.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="TrainLoss">Mean cross-entropy over the epoch's batches, in nats.</param>
/// <param name="TestError">Fraction of the test images that were wrong, 0..1.</param>
/// <param name="TrainingSeconds">Training alone, all epochs up to this one; what goes by between the side's turns is never counted.</param>
/// <param name="ElapsedSeconds">The same with the evaluation after each epoch.</param>
public sealed record Epoch(int Number, double TrainLoss, double TestError, double TrainingSeconds, double ElapsedSeconds);

/// <summary>How the lines are written.</summary>
public static class Messages
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The object as one line.</summary>
    public static string Write<T>(T message) => JsonSerializer.Serialize(message, Options);

    /// <summary>Reads a line.</summary>
    public static T Read<T>(string line) => JsonSerializer.Deserialize<T>(line, Options) ?? throw new JsonException("null is no message");
}
