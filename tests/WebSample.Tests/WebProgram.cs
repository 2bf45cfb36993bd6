using System.Diagnostics;
using CudnnResNet.Model;

namespace CudnnResNet.WebSample.Tests;

/// <summary>The real program as a child process, with Kestrel on a free port of the loopback interface.</summary>
internal sealed class WebProgram : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder folder = new();
    private readonly Process process;

    public WebProgram()
    {
        Weights = folder["weights.safetensors"];
        var architecture = new ArchitectureSpec(Architecture.ResNet, 8);
        using (var network = new ResNet(architecture, new() { Device = new() { Kind = DeviceKind.Cpu, Threads = 1 }, Training = false, Seed = 7 }))
            WeightsFile.Save(Weights, architecture, Normalization.Reference, network.State());
        process = Start("--weights", Weights, "--urls", "http://127.0.0.1:0");
        Client = new() { BaseAddress = Address(), Timeout = Limit };
        Client.DefaultRequestHeaders.ExpectContinue = true; // a body that is refused by its length is not sent
    }

    /// <summary>What it classifies with.</summary>
    public string Weights { get; }

    public HttpClient Client { get; }

    /// <summary>Runs it to its end.</summary>
    /// <returns>Its exit code and what it wrote to stderr.</returns>
    public static (int ExitCode, string Error) Run(params string[] args)
    {
        using var process = Start(args);
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error);
    }

    public void Dispose()
    {
        Client.Dispose();
        process.Kill();
        process.WaitForExit();
        process.Dispose();
        folder.Dispose();
    }

    private Uri Address()
    {
        const string before = "Now listening on: ";
        while (process.StandardOutput.ReadLine() is { } line)
        {
            int at = line.IndexOf(before, StringComparison.Ordinal);
            if (at < 0) continue;
            _ = process.StandardOutput.ReadToEndAsync(); // its log would fill the pipe
            _ = process.StandardError.ReadToEndAsync();
            return new(line[(at + before.Length)..]);
        }
        throw new InvalidOperationException($"the program ended: {process.StandardError.ReadToEnd()}");
    }

    private static Process Start(params string[] args)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
        var start = new ProcessStartInfo(dotnet, ["exec", Path.Combine(AppContext.BaseDirectory, "ClassifyImage.Web.dll"), .. args]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("weights");
        return Process.Start(start)!;
    }
}
