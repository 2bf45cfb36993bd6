using CudnnResNet.Model;

namespace CudnnResNet.Training.Data;

/// <summary>What a download is doing.</summary>
public enum DownloadStage
{
    /// <summary>Another process downloads into the same folder; its result will be used.</summary>
    WaitingForAnotherProcess,

    /// <summary>The server is asked.</summary>
    Connecting,

    /// <summary>Bytes arrive.</summary>
    Receiving,

    /// <summary>The archive's checksum is computed.</summary>
    Checking,

    /// <summary>The files are taken out of the archive.</summary>
    Unpacking,
}

/// <summary>How far a download is.</summary>
/// <param name="Stage">What it is doing.</param>
/// <param name="Bytes">Bytes of the archive that are on this machine, those of earlier attempts included.</param>
/// <param name="Total">Bytes of the whole archive.</param>
public readonly record struct DownloadProgress(DownloadStage Stage, long Bytes, long Total);

/// <summary>What to download and how long to wait; tests put a small archive and short times here.</summary>
internal sealed record DownloadSettings
{
    /// <summary>The environment variable that names a mirror of the archive.</summary>
    public const string MirrorVariable = "CUDNNRESNET_DATA_URL";

    public static readonly DownloadSettings Official = new()
    {
        Address = new Uri("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"),
        Length = 170_052_171,
        Md5 = "c32a1d4ab5d03f1284b67883e8d87530",
        RecordsPerFile = Cifar10.RecordsPerFile,
    };

    public required Uri Address { get; init; }

    public required long Length { get; init; }

    public required string Md5 { get; init; }

    public required int RecordsPerFile { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From the first question to the first byte of the archive, connecting and repetitions included; a run without data must train within 10 s.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(7);

    /// <summary>How long a server may be silent once it has begun to send.</summary>
    public TimeSpan SilenceTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often a transfer that got somewhere and broke off is resumed.</summary>
    public int Resumptions { get; init; } = 5;

    /// <summary>How often a question is repeated that a server answers with an error of the moment, such as 503.</summary>
    public int Repetitions { get; init; } = 2;

    /// <summary>Before a resumption and a repetition.</summary>
    public TimeSpan ResumptionDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The same with the mirror's address, where one is given.</summary>
    /// <exception cref="InvalidSettingException">It is not an http or https address.</exception>
    public DownloadSettings WithMirror(string? mirror)
    {
        if (string.IsNullOrEmpty(mirror))
            return this;
        return Uri.TryCreate(mirror, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
            ? this with { Address = address }
            : throw new InvalidSettingException($"{MirrorVariable}={mirror}: wanted is an http or https address of cifar-10-binary.tar.gz");
    }
}
