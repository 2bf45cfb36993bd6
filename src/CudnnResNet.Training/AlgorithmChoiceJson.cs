using System.Text.Json;
using System.Text.Json.Serialization;
using CudnnResNet.Model;

namespace CudnnResNet.Training;

/// <summary>The form in which a checkpoint keeps cuDNN's algorithms; made by the compiler, so that it needs no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AlgorithmChoice))]
internal sealed partial class AlgorithmChoiceJson : JsonSerializerContext
{
    /// <summary>One line of JSON.</summary>
    public static string Write(AlgorithmChoice choice) => JsonSerializer.Serialize(choice, Default.AlgorithmChoice);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="WeightsException">It is something else.</exception>
    public static AlgorithmChoice Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, Default.AlgorithmChoice) ?? throw new WeightsException("the checkpoint's algorithms are empty");
        }
        catch (JsonException error)
        {
            throw new WeightsException($"the checkpoint's algorithms cannot be read: {PrintableText.Shortened(error.Message, 300)}", error);
        }
    }
}
