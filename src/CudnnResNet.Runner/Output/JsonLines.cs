using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CudnnResNet.Runner.Output;

/// <summary>How objects for programs are written.</summary>
internal static class JsonLines
{
    /// <summary>One line, and paths and dashes readable instead of \u escapes; the lines go to a terminal or a pipe, never into HTML.</summary>
    public static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A number, or null for NaN and infinities, which JSON does not have.</summary>
    public static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;
}
