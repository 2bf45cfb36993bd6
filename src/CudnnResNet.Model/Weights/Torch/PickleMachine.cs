using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace CudnnResNet.Model;

/// <summary>
/// Reads one pickle and executes nothing: the opcodes are those of <see cref="PickleOpcodes.Allowed"/>, what it may name stands in a table
/// of the caller's, and everything else is refused by name. Values are null, bool, <see cref="BigInteger"/> (every integer), double, string,
/// <see cref="PickleTuple"/>, a list, <see cref="PickleDict"/>, <see cref="PickleGlobal"/>, and what the table's functions give.
/// </summary>
/// <remarks>
/// Memory and time are in proportion to the file: an opcode makes at most one value, what a call does is counted by the items of its
/// arguments, the memo holds references, and there is no recursion, so nesting and references to references cost nothing.
/// The format: https://docs.python.org/3/library/pickletools.html
/// </remarks>
/// <param name="data">Bytes that begin with a pickle.</param>
/// <param name="globals">What it may name.</param>
/// <param name="load">Gives the object of a persistent id.</param>
/// <param name="budget">What the pickles of the file may do in all.</param>
internal sealed class PickleMachine(ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, PickleGlobal> globals, Func<object?, object?> load, PickleBudget budget)
{
    /// <summary>Longest text: a name, or the source of a class.</summary>
    private const int MaxText = 1 << 16;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<object?> stack = [];
    private readonly Stack<int> marks = new();
    private readonly Dictionary<int, object?> memo = [];
    private bool stopped;

    /// <summary>Bytes read so far; after <see cref="Run"/> the pickle's length.</summary>
    public int Position { get; private set; }

    /// <summary>Reads the pickle.</summary>
    /// <returns>Its value.</returns>
    /// <exception cref="WeightsException">It is not a pickle, or needs what is not in the tables.</exception>
    public object? Run()
    {
        int at = 0;
        try
        {
            while (!stopped)
            {
                at = Position;
                budget.Spend(1);
                byte opcode = Take(1)[0];
                if (!PickleOpcodes.Allowed.TryGetValue(opcode, out var allowed))
                    throw new WeightsException($"the opcode {PickleOpcodes.NameOf(opcode)} (0x{opcode:X2}) is not among those that a file of weights needs");
                allowed.Run(this);
            }
            if (marks.Count > 0 || stack.Count != 1) throw new WeightsException($"it ends with {stack.Count} values and {marks.Count} marks instead of one value");
            return stack[0];
        }
        catch (WeightsException error)
        {
            throw new WeightsException($"byte {at} of the pickle: {error.Message}", error);
        }
    }

    /// <summary>A value as a few words of a message.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "None",
        string text => $"the text {PrintableText.Quoted(text)}",
        bool or BigInteger or double => $"the value {PrintableText.Quoted(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value}"))}",
        PickleTuple => "a tuple",
        List<object?> => "a list",
        PickleDict => "a dictionary",
        PickleGlobal named => named.Name,
        TorchStorage => "a storage",
        TorchTensor => "a tensor",
        _ => "another value",
    };

    // ---- The opcodes, in the order of their table ----

    internal void Protocol()
    {
        int version = Take(1)[0];
        if (version is < 2 or > 5) throw new WeightsException($"the pickle protocol {version} is not within 2..5");
    }

    internal void Frame()
    {
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
        if (length > (ulong)(data.Length - Position)) throw new WeightsException($"a frame of {length} bytes, but {data.Length - Position} follow");
    }

    internal void Stop() => stopped = true;

    internal void Mark() => marks.Push(stack.Count);

    internal void Push(object? value) => stack.Add(value);

    internal void PushInteger(int bytes, bool signed) => Push(new BigInteger(Take(bytes), isUnsigned: !signed));

    internal void PushDouble() => Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8)));

    internal void PushText(int lengthBytes)
    {
        int length = Length(lengthBytes);
        if (length > MaxText) throw new WeightsException($"a text of {length} bytes, more than the {MaxText} allowed");
        try
        {
            Push(Utf8.GetString(Take(length)));
        }
        catch (DecoderFallbackException error)
        {
            throw new WeightsException("a text is not UTF-8", error);
        }
    }

    internal void PushTuple(int count)
    {
        var items = new object?[count];
        for (int i = count - 1; i >= 0; i--) items[i] = Pop();
        Push(new PickleTuple(items));
    }

    internal void Append(IReadOnlyList<object?> items)
    {
        if (Top() is not List<object?> list) throw new WeightsException($"items are appended to {Describe(Top())}");
        list.AddRange(items);
    }

    internal void SetItem()
    {
        object? value = Pop(), key = Pop();
        SetItems([key, value]);
    }

    internal void SetItems(IReadOnlyList<object?> items)
    {
        if (Top() is not PickleDict dictionary) throw new WeightsException($"items are set in {Describe(Top())}");
        if (items.Count % 2 != 0) throw new WeightsException("a key has no value");
        for (int i = 0; i < items.Count; i += 2) dictionary.Add(items[i], items[i + 1]);
    }

    internal void Put(int index) => memo[index] = Top();

    internal void Memoize() => memo[memo.Count] = Top();

    internal void Get(int index) => Push(memo.TryGetValue(index, out object? value) ? value : throw new WeightsException($"the memo has no entry {index}"));

    internal void Global(string module, string name)
    {
        string global = $"{module}.{name}";
        Push(globals.TryGetValue(global, out var value) ? value : throw new WeightsException($"{PrintableText.Quoted(global)} is not among the names that a file of weights needs; nothing is imported or executed"));
    }

    internal void StackGlobal()
    {
        if (Pop() is string name && Pop() is string module) Global(module, name);
        else throw new WeightsException("a global's name is not a text");
    }

    internal void Persistent() => Push(load(Pop()));

    internal void Reduce()
    {
        object? arguments = Pop(), callable = Pop();
        if (callable is not PickleFunction function) throw new WeightsException($"{Describe(callable)} is called, which is no function");
        if (arguments is not PickleTuple tuple) throw new WeightsException($"{function.Name} is called with {Describe(arguments)} instead of a tuple");
        foreach (object? argument in tuple.Items) budget.Spend(argument switch { List<object?> list => list.Count, PickleTuple items => items.Items.Count, _ => 0 });
        Push(function.Call(tuple.Items));
    }

    // PyTorch gives a state dict an attribute, _metadata, with version numbers. Attributes are dropped; nothing else has any.
    internal void Build()
    {
        _ = Pop();
        if (Top() is not PickleDict) throw new WeightsException($"{Describe(Top())} is given attributes");
    }

    // ---- Stack and bytes ----

    internal object? Pop()
    {
        object? top = Top();
        stack.RemoveAt(stack.Count - 1);
        return top;
    }

    internal List<object?> PopToMark()
    {
        if (!marks.TryPop(out int mark)) throw new WeightsException("there is no mark");
        var items = stack.GetRange(mark, stack.Count - mark);
        stack.RemoveRange(mark, stack.Count - mark);
        return items;
    }

    /// <summary>A length or an index of one or four bytes.</summary>
    internal int Length(int bytes)
    {
        uint length = bytes == 1 ? Take(1)[0] : BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
        return length <= int.MaxValue ? (int)length : throw new WeightsException($"the number {length} is too large for a length or an index");
    }

    /// <summary>The text up to the next line feed.</summary>
    internal string Line()
    {
        int length = data.Span[Position..].IndexOf((byte)'\n');
        if (length < 0) throw TooShort(1);
        string line = Encoding.Latin1.GetString(Take(length));
        Position++;
        return line;
    }

    // A value below the last mark belongs to what was begun before it.
    private object? Top() => stack.Count > (marks.TryPeek(out int mark) ? mark : 0) ? stack[^1] : throw new WeightsException("the stack is empty");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > data.Length - Position) throw TooShort(count);
        Position += count;
        return data.Span.Slice(Position - count, count);
    }

    private WeightsException TooShort(int count) => new($"{count} bytes are needed and {data.Length - Position} follow; the file is truncated or damaged");
}
