using System.Text.Json;
using System.Text.Json.Serialization;

namespace CudnnResNet.Training;

/// <summary>Writes an enum's names as the command line does: in lower case, without separators.</summary>
internal sealed class LowerCaseEnum<T>() : JsonStringEnumConverter<T>(new LowerCase(), allowIntegerValues: false) where T : struct, Enum
{
    private sealed class LowerCase : JsonNamingPolicy
    {
        public override string ConvertName(string name) => name.ToLowerInvariant();
    }
}
