using System.Numerics;
using CudnnResNet.VirtualGpu.Ptx.Execution;
using CudnnResNet.VirtualGpu.Ptx.Syntax;

namespace CudnnResNet.VirtualGpu.Ptx.Decoding;

/// <summary>Decodes ld, st, atom and red.</summary>
internal static class MemoryDecoder
{
    // How caches treat the data makes no difference here.
    private static readonly HashSet<string> cacheModifiers = new(StringComparer.Ordinal) { "nc", "ca", "cg", "cs", "lu", "cv", "wb", "wt", "volatile" };

    public static Instruction LoadOrStore(OperandDecoder operands, string[] parts)
    {
        bool isLoad = parts[0] == "ld";
        var space = default(Space?);
        int elements = 1;
        if (parts.Length < 2 || !DataType.TryParse(parts[^1], out var type) || type.Kind == 'p') throw operands.Unknown();
        foreach (string part in parts[1..^1])
        {
            if (part is "v2" or "v4" && elements == 1) elements = part[1] - '0';
            else if (SpaceOf(part, isLoad) is { } named && space is null) space = named;
            else if (!cacheModifiers.Contains(part)) throw operands.UnknownModifier(part);
        }
        if (type.Bytes * elements > 16) throw operands.Refuse("more than 16 bytes at once");

        operands.ExpectCount(2);
        var (data, place) = isLoad ? (operands.Operands[0], operands.Operands[1]) : (operands.Operands[1], operands.Operands[0]);
        if (place is not AddressOperand address) throw operands.Refuse("the address stands in no brackets");
        var (rows, bits) = Data(operands, data, type, elements, isLoad);

        if (space == Space.Parameter)
        {
            var parameter = operands.Parameter(address.Base);
            if (address.Offset < 0 || address.Offset + type.Bytes * elements > parameter.Size)
                throw operands.Refuse($"{type.Bytes * elements} bytes at offset {address.Offset} are not within the {parameter.Size} bytes of '{parameter.Name}'");
            long offset = parameter.Offset + address.Offset;
            if (offset % (type.Bytes * elements) != 0) throw operands.Refuse($"offset {address.Offset} of '{parameter.Name}' is misaligned");
            return new() { Execute = Loader(type, bits, isParameter: true), Rows = rows, Offset = offset };
        }

        var (row, isShort) = operands.Address(address);
        return new()
        {
            Execute = isLoad ? Loader(type, bits, isParameter: false) : Storer(type, bits),
            Rows = rows,
            Offset = address.Offset,
            A = row,
            HasShortAddress = isShort,
            Space = space ?? Space.Global,
        };
    }

    public static Instruction Atomic(OperandDecoder operands, string[] parts)
    {
        bool hasResult = parts[0] == "atom";
        int at = 1;
        var space = Space.Global;
        if (at < parts.Length && parts[at] is "global" or "shared") space = parts[at++] == "shared" ? Space.Shared : Space.Global;
        if (parts.Length != at + 2 || !DataType.TryParse(parts[^1], out var type)) throw operands.Unknown();
        Handler handler = (parts[at], type.ToString()) switch
        {
            ("add", "u32" or "s32") => MemoryAccess.Atomic<uint, AtomicSum<uint>>,
            ("add", "u64") => MemoryAccess.Atomic<ulong, AtomicSum<ulong>>,
            ("min", "u32") => MemoryAccess.Atomic<uint, AtomicMinimum<uint>>,
            ("min", "s32") => MemoryAccess.Atomic<int, AtomicMinimum<int>>,
            ("min", "u64") => MemoryAccess.Atomic<ulong, AtomicMinimum<ulong>>,
            ("min", "s64") => MemoryAccess.Atomic<long, AtomicMinimum<long>>,
            ("max", "u32") => MemoryAccess.Atomic<uint, AtomicMaximum<uint>>,
            ("max", "s32") => MemoryAccess.Atomic<int, AtomicMaximum<int>>,
            ("max", "u64") => MemoryAccess.Atomic<ulong, AtomicMaximum<ulong>>,
            ("max", "s64") => MemoryAccess.Atomic<long, AtomicMaximum<long>>,
            ("exch", "b32") when hasResult => MemoryAccess.Atomic<uint, AtomicExchange<uint>>,
            ("exch", "b64") when hasResult => MemoryAccess.Atomic<ulong, AtomicExchange<ulong>>,
            _ => throw operands.Unknown(),
        };

        operands.ExpectCount(hasResult ? 3 : 2);
        var sources = operands.Operands.Skip(hasResult ? 1 : 0).ToArray();
        if (sources[0] is not AddressOperand address) throw operands.Refuse("the address stands in no brackets");
        var (row, isShort) = operands.Address(address);
        return new()
        {
            Execute = handler,
            D = operands.Destination(hasResult ? operands.Operands[0] : new SymbolOperand("_"), type.Bits),
            A = row,
            HasShortAddress = isShort,
            Offset = address.Offset,
            B = operands.Source(sources[1], type),
            Space = space,
        };
    }

    private static Space? SpaceOf(string part, bool isLoad) => part switch
    {
        "global" => Space.Global,
        "shared" => Space.Shared,
        "param" when isLoad => Space.Parameter,
        "const" when isLoad => Space.Global,
        _ => null,
    };

    // The rows of the data, and how many bits their registers have: those of the type or more.
    private static (int[] Rows, int Bits) Data(OperandDecoder operands, Operand data, DataType type, int elements, bool isLoad)
    {
        IReadOnlyList<Operand> list = data is VectorOperand vector ? vector.Elements : [data];
        if (list.Count != elements) throw operands.Refuse($"{elements} registers are expected, not {list.Count},");
        var registers = list.OfType<RegisterOperand>().Select(operand => operands.WideRegister(operand, type)).ToArray();
        int bits = registers.Length > 0 ? registers[0].Bits : Math.Max(type.Bits, 16);
        if (Array.Exists(registers, register => register.Bits != bits)) throw operands.Refuse("the registers differ in width");
        if (isLoad && registers.Length != elements) throw operands.Refuse("the destination is no register");

        var wide = new DataType(type.Kind, bits);
        return ([.. list.Select(operand => operand is RegisterOperand { Register: var register } ? operands.Place(register) : operands.Source(operand, wide))], bits);
    }

    private static Handler Loader(DataType type, int bits, bool isParameter) => type switch
    {
        ('s', 8) => Loader<sbyte>(bits, isParameter),
        ('s', 16) => Loader<short>(bits, isParameter),
        ('s', 32) => Loader<int>(bits, isParameter),
        (_, 8) => Loader<byte>(bits, isParameter),
        (_, 16) => Loader<ushort>(bits, isParameter),
        (_, 32) => Loader<uint>(bits, isParameter),
        _ => Loader<ulong>(bits, isParameter),
    };

    private static Handler Loader<TMemory>(int bits, bool isParameter) where TMemory : unmanaged, IBinaryInteger<TMemory> => (bits, isParameter) switch
    {
        (16, false) => MemoryAccess.Load<TMemory, ushort>,
        (32, false) => MemoryAccess.Load<TMemory, uint>,
        (_, false) => MemoryAccess.Load<TMemory, ulong>,
        (16, true) => MemoryAccess.LoadParameter<TMemory, ushort>,
        (32, true) => MemoryAccess.LoadParameter<TMemory, uint>,
        _ => MemoryAccess.LoadParameter<TMemory, ulong>,
    };

    private static Handler Storer(DataType type, int bits) => type.Bits switch
    {
        8 => Storer<byte>(bits),
        16 => Storer<ushort>(bits),
        32 => Storer<uint>(bits),
        _ => Storer<ulong>(bits),
    };

    private static Handler Storer<TMemory>(int bits) where TMemory : unmanaged, IBinaryInteger<TMemory> => bits switch
    {
        16 => MemoryAccess.Store<TMemory, ushort>,
        32 => MemoryAccess.Store<TMemory, uint>,
        _ => MemoryAccess.Store<TMemory, ulong>,
    };
}
