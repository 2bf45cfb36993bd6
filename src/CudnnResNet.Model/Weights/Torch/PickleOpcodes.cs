namespace CudnnResNet.Model;

/// <summary>The opcodes of the pickle format by their names in Python's pickletools, and which of them are executed here.</summary>
internal static class PickleOpcodes
{
    /// <summary>
    /// What files of weights need: constants, containers, the memo, and the three that reach outside, GLOBAL, STACK_GLOBAL and BINPERSID,
    /// which look into the reader's tables and nowhere else.
    /// </summary>
    public static readonly IReadOnlyDictionary<byte, (string Name, Action<PickleMachine> Run)> Allowed = new Dictionary<byte, (string, Action<PickleMachine>)>
    {
        [0x80] = ("PROTO", machine => machine.Protocol()),
        [0x95] = ("FRAME", machine => machine.Frame()),
        [(byte)'.'] = ("STOP", machine => machine.Stop()),
        [(byte)'('] = ("MARK", machine => machine.Mark()),

        [(byte)'N'] = ("NONE", machine => machine.Push(null)),
        [0x88] = ("NEWTRUE", machine => machine.Push(true)),
        [0x89] = ("NEWFALSE", machine => machine.Push(false)),
        [(byte)'J'] = ("BININT", machine => machine.PushInteger(4, signed: true)),
        [(byte)'K'] = ("BININT1", machine => machine.PushInteger(1, signed: false)),
        [(byte)'M'] = ("BININT2", machine => machine.PushInteger(2, signed: false)),
        [0x8A] = ("LONG1", machine => machine.PushInteger(machine.Length(1), signed: true)),
        [(byte)'G'] = ("BINFLOAT", machine => machine.PushDouble()),
        [(byte)'X'] = ("BINUNICODE", machine => machine.PushText(4)),
        [0x8C] = ("SHORT_BINUNICODE", machine => machine.PushText(1)),
        [(byte)'T'] = ("BINSTRING", machine => machine.PushText(4)),
        [(byte)'U'] = ("SHORT_BINSTRING", machine => machine.PushText(1)),

        [(byte)')'] = ("EMPTY_TUPLE", machine => machine.Push(PickleTuple.Empty)),
        [0x85] = ("TUPLE1", machine => machine.PushTuple(1)),
        [0x86] = ("TUPLE2", machine => machine.PushTuple(2)),
        [0x87] = ("TUPLE3", machine => machine.PushTuple(3)),
        [(byte)'t'] = ("TUPLE", machine => machine.Push(new PickleTuple(machine.PopToMark()))),
        [(byte)']'] = ("EMPTY_LIST", machine => machine.Push(new List<object?>())),
        [(byte)'a'] = ("APPEND", machine => machine.Append([machine.Pop()])),
        [(byte)'e'] = ("APPENDS", machine => machine.Append(machine.PopToMark())),
        [(byte)'}'] = ("EMPTY_DICT", machine => machine.Push(new PickleDict())),
        [(byte)'s'] = ("SETITEM", machine => machine.SetItem()),
        [(byte)'u'] = ("SETITEMS", machine => machine.SetItems(machine.PopToMark())),

        [(byte)'q'] = ("BINPUT", machine => machine.Put(machine.Length(1))),
        [(byte)'r'] = ("LONG_BINPUT", machine => machine.Put(machine.Length(4))),
        [0x94] = ("MEMOIZE", machine => machine.Memoize()),
        [(byte)'h'] = ("BINGET", machine => machine.Get(machine.Length(1))),
        [(byte)'j'] = ("LONG_BINGET", machine => machine.Get(machine.Length(4))),

        [(byte)'c'] = ("GLOBAL", machine => machine.Global(machine.Line(), machine.Line())),
        [0x93] = ("STACK_GLOBAL", machine => machine.StackGlobal()),
        [(byte)'Q'] = ("BINPERSID", machine => machine.Persistent()),
        [(byte)'R'] = ("REDUCE", machine => machine.Reduce()),
        [(byte)'b'] = ("BUILD", machine => machine.Build()),
    };

    /// <summary>What an opcode is called, executed here or not.</summary>
    public static string NameOf(byte opcode) =>
        Allowed.TryGetValue(opcode, out var allowed) ? allowed.Name : Refused.GetValueOrDefault(opcode, "unknown");

    private static readonly Dictionary<byte, string> Refused = new()
    {
        [(byte)'I'] = "INT", [(byte)'L'] = "LONG", [0x8B] = "LONG4", [(byte)'S'] = "STRING", [(byte)'B'] = "BINBYTES", [(byte)'C'] = "SHORT_BINBYTES",
        [0x8E] = "BINBYTES8", [0x96] = "BYTEARRAY8", [0x97] = "NEXT_BUFFER", [0x98] = "READONLY_BUFFER", [(byte)'V'] = "UNICODE", [0x8D] = "BINUNICODE8",
        [(byte)'F'] = "FLOAT", [(byte)'l'] = "LIST", [(byte)'d'] = "DICT", [0x8F] = "EMPTY_SET", [0x90] = "ADDITEMS", [0x91] = "FROZENSET",
        [(byte)'0'] = "POP", [(byte)'2'] = "DUP", [(byte)'1'] = "POP_MARK", [(byte)'g'] = "GET", [(byte)'p'] = "PUT",
        [0x82] = "EXT1", [0x83] = "EXT2", [0x84] = "EXT4", [(byte)'i'] = "INST", [(byte)'o'] = "OBJ", [0x81] = "NEWOBJ", [0x92] = "NEWOBJ_EX", [(byte)'P'] = "PERSID",
    };
}
