using System.Globalization;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>The PTX of one file of <c>kernels/</c>, embedded when this assembly was built, with what its first lines say of it.</summary>
/// <param name="Name">The file without its ending: <c>augment</c>.</param>
/// <param name="Text">The PTX, ASCII.</param>
/// <param name="SourceHash">SHA-256 of the source, in hexadecimal digits; see <c>tools/ptx.sh</c>.</param>
/// <param name="Compiler">What compiled it.</param>
/// <param name="Isa">The version of the PTX language, which the driver has to know.</param>
/// <param name="Target">The oldest GPU that it runs on: <c>sm_70</c>.</param>
internal sealed record KernelPtx(string Name, byte[] Text, string SourceHash, string Compiler, Version Isa, string Target)
{
    private const string Prefix = "kernels/", Suffix = ".ptx";

    /// <summary>The kernels' files: <c>augment</c>, <c>join</c>, <c>sgd</c>, <c>softmax_cross_entropy</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. typeof(KernelPtx).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => name[Prefix.Length..^Suffix.Length]).Order(StringComparer.Ordinal)];

    /// <summary>Reads one of <see cref="Names"/>.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static KernelPtx Read(string name)
    {
        using var resource = typeof(KernelPtx).Assembly.GetManifestResourceStream(Prefix + name + Suffix)
            ?? throw new ArgumentException($"no kernels are called '{name}'; there are {string.Join(", ", Names)}", nameof(name));
        var text = new byte[resource.Length];
        resource.ReadExactly(text);

        var lines = System.Text.Encoding.ASCII.GetString(text).Split('\n');
        string source = Header(lines, name, "source"), isa = Header(lines, name, "isa");
        string[] words = isa.Split(' '); // PTX 6.3 for sm_70
        return new(name, text, source[(source.LastIndexOf(' ') + 1)..], Header(lines, name, "compiler"), Version.Parse(words[1]), words[^1]);
    }

    /// <summary>Has the driver compile one of <see cref="Names"/> for the context's GPU.</summary>
    /// <param name="context">The context, current on this thread.</param>
    /// <param name="name">The file.</param>
    /// <param name="kernels">The kernels that are looked for in it.</param>
    /// <returns>The module, and the kernels in the order of <paramref name="kernels"/>.</returns>
    /// <exception cref="CudaException">The driver's compiler refused it, or it lacks a kernel.</exception>
    public static (CudaModule Module, CudaFunction[] Kernels) Load(CudaContext context, string name, params string[] kernels)
    {
        var module = CudaModule.FromPtx(context, Read(name).Text, $"kernels/{name}.cu");
        try
        {
            return (module, Array.ConvertAll(kernels, module.GetFunction));
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    private static string Header(string[] lines, string name, string field)
    {
        string start = $"// {field}: ";
        return lines.FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal))?[start.Length..]
            ?? throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"the embedded PTX '{name}' does not begin with '{start}…': it was not made by tools/ptx.sh"));
    }
}
