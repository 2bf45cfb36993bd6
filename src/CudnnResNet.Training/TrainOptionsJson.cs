using System.Text.Json;
using System.Text.Json.Serialization;
using CudnnResNet.Model;

namespace CudnnResNet.Training;

/// <summary>The form of <c>args.json</c>; made by the compiler, so that it needs no reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(TrainOptions))]
internal sealed partial class TrainOptionsJson : JsonSerializerContext
{
    /// <summary>What a person may write into a file of options.</summary>
    public static JsonDocumentOptions Reading { get; } = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false };
}
