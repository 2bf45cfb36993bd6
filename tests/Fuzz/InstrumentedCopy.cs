using System.Text.RegularExpressions;
using dnlib.DotNet;
using dnlib.DotNet.Emit;

namespace CudnnResNet.Fuzz;

/// <summary>
/// A copy of this program whose readers count what they run: by edges, which SharpFuzz's instrumentation does and fuzzing is guided by, or by
/// source lines, for the report. Both write into the memory of <c>SharpFuzz.Common.Trace</c>.
/// </summary>
internal sealed class InstrumentedCopy : IDisposable
{
    /// <summary>What symbols say of code that no line stands for.</summary>
    private const int HiddenLine = 0xFEEFEE;

    private const string Program = "CudnnResNet.Fuzz.dll";

    private static readonly string[] Readers = ["CudnnResNet.Model.dll", "CudnnResNet.Training.dll", "CudnnResNet.Runner.dll"];

    private readonly TemporaryFolder folder = new();
    private readonly List<SourceLine> lines = [];

    private InstrumentedCopy() => CopyFolder(AppContext.BaseDirectory, folder.Path);

    /// <summary>The copy's program.</summary>
    public string Path => folder[Program];

    /// <summary>What each byte of the memory stands for, in a copy that counts lines.</summary>
    public IReadOnlyList<SourceLine> Lines => lines;

    /// <summary>Makes a copy that counts edges.</summary>
    public static InstrumentedCopy OfEdges()
    {
        var copy = new InstrumentedCopy();
        foreach (string assembly in Readers) SharpFuzz.Fuzzer.Instrument(copy.folder[assembly], _ => true, SharpFuzz.Options.Value);
        SharpFuzz.Fuzzer.Instrument(copy.Path, type => type == typeof(Targets.PlantedBug).FullName, SharpFuzz.Options.Value);
        int next = 0;
        foreach (string assembly in (string[])[.. Readers, Program]) Renumber(copy.folder[assembly], ref next);
        return copy;
    }

    /// <summary>Makes a copy that notes which lines were run.</summary>
    public static InstrumentedCopy OfLines()
    {
        var copy = new InstrumentedCopy();
        foreach (string assembly in Readers) copy.CountLines(System.IO.Path.Combine(AppContext.BaseDirectory, assembly), copy.folder[assembly]);
        return copy.lines.Count <= CoverageMemory.Size ? copy : throw new InvalidOperationException($"{copy.lines.Count} statements are more than {CoverageMemory.Size}");
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    private static void CopyFolder(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(file => Regex.IsMatch(file, @"\.(dll|so|dylib|json)$")))
        {
            string target = System.IO.Path.Combine(to, System.IO.Path.GetRelativePath(from, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    // ---- Edges ----

    /// <summary>SharpFuzz numbers blocks at random; numbers that follow from their order make a run with a given seed the same every time.</summary>
    private static void Renumber(string assembly, ref int next)
    {
        byte[] bytes = File.ReadAllBytes(assembly);
        using var module = ModuleDefMD.Load(bytes);
        foreach (var body in Methods(module).Select(method => method.Body))
        {
            body.SimplifyBranches();
            for (int i = 0; i + 1 < body.Instructions.Count; i++)
            {
                // SharpFuzz: SharedMem[number ^ PrevLocation]++; PrevLocation = number >> 1.
                if (!IsField(body.Instructions[i], OpCodes.Ldsfld, "SharedMem") || !body.Instructions[i + 1].IsLdcI4()) continue;
                int number = Spread(next++);
                Set(body.Instructions[i + 1], number);
                int end = i + 2;
                while (!IsField(body.Instructions[end], OpCodes.Stsfld, "PrevLocation")) end++;
                Set(body.Instructions[end - 1], number >> 1);
            }
            body.OptimizeBranches();
        }
        module.Write(assembly);

        static void Set(Instruction instruction, int number) => (instruction.OpCode, instruction.Operand) = (OpCodes.Ldc_I4, number);

        static bool IsField(Instruction instruction, OpCode code, string name) =>
            instruction.OpCode == code && instruction.Operand is IField field && field.Name == name && field.DeclaringType.FullName == "SharpFuzz.Common.Trace";
    }

    /// <summary>0, 1, 2, … all over 16 bits, each number once: an odd factor and shifts can be undone.</summary>
    private static int Spread(int number)
    {
        ushort x = (ushort)(number * 0x9E37);
        x ^= (ushort)(x >> 7);
        return (ushort)(x * 0x6C8F);
    }

    // ---- Lines ----

    private void CountLines(string source, string target)
    {
        using var module = ModuleDefMD.Load(source, new ModuleCreationOptions { TryToLoadPdbFromDisk = true });
        using var common = ModuleDefMD.Load(System.IO.Path.Combine(AppContext.BaseDirectory, "SharpFuzz.Common.dll"));
        var map = module.Import(common.Types.Single(type => type.FullName == "SharpFuzz.Common.Trace").FindField("SharedMem"));
        foreach (var method in Methods(module).Where(method => !IsAutoProperty(method)))
        {
            var body = method.Body;
            body.SimplifyBranches();
            foreach (var instruction in body.Instructions.Where(instruction => instruction.SequencePoint is { StartLine: not HiddenLine }).ToList())
            {
                int number = lines.Count;
                lines.Add(new(instruction.SequencePoint.Document.Url.Replace('\\', '/'), instruction.SequencePoint.StartLine, method.DeclaringType.Name + "." + method.Name));
                // The instruction itself becomes the first of those before it, so that whatever jumps to it runs them.
                Instruction[] after =
                [
                    Instruction.CreateLdcI4(number), OpCodes.Add.ToInstruction(), Instruction.CreateLdcI4(1), OpCodes.Stind_I1.ToInstruction(),
                    new(instruction.OpCode, instruction.Operand),
                ];
                (instruction.OpCode, instruction.Operand) = (OpCodes.Ldsfld, map);
                int at = body.Instructions.IndexOf(instruction);
                for (int i = 0; i < after.Length; i++) body.Instructions.Insert(at + 1 + i, after[i]);
            }
            body.OptimizeBranches();
        }
        module.Write(target);
    }

    private static bool IsAutoProperty(MethodDef method) => (method.IsGetter || method.IsSetter) && method.CustomAttributes.IsDefined("System.Runtime.CompilerServices.CompilerGeneratedAttribute");

    private static IEnumerable<MethodDef> Methods(ModuleDefMD module) => module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody);
}
