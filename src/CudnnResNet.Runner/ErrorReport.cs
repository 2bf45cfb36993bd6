using System.Text.Json.Nodes;
using CudnnResNet.Model;
using CudnnResNet.Native.Safe;
using CudnnResNet.Runner.Output;

namespace CudnnResNet.Runner;

/// <summary>How an error leaves the program: one line on stderr, and a stack trace only where it was asked for.</summary>
internal static class ErrorReport
{
    /// <summary>Writes the error.</summary>
    /// <returns>The exit code.</returns>
    public static int Write(Exception error, string[] args)
    {
        if (error is AggregateException { InnerException: { } inner }) error = inner;
        int code = WriteLine(error, args.Contains("--json") || IsSet("CUDNNRESNET_JSON"));
        if (args.Contains("--debug") || IsSet("CUDNNRESNET_DEBUG")) Console.Error.WriteLine(error);
        return code;
    }

    /// <summary>Writes the line of an error that does not end the program.</summary>
    /// <returns>The exit code.</returns>
    public static int WriteLine(Exception error, bool json)
    {
        int code = ExitCode.Of(error);
        string text = PrintableText.Of(OneLine(error));
        Console.Error.WriteLine(json
            ? new JsonObject { ["event"] = "error", ["exit_code"] = code, ["message"] = text }.ToJsonString(JsonLines.Options)
            : $"error: {text}");
        return code;
    }

    private static string OneLine(Exception error) => error switch
    {
        EngineException or NativeException => error.Message,
        OutOfMemoryException => "not enough memory; a smaller --batch-size or --depth needs less",
        IOException or UnauthorizedAccessException => error.Message,
        _ => $"internal error, {error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")} (--debug shows where)",
    };

    private static bool IsSet(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value && value != "0" && value != "false";
}
