namespace CudnnResNet.VirtualGpu.Ptx.Syntax;

/// <summary>Parses an entry: its parameters, the directives after them, and its body.</summary>
internal sealed class FunctionParser
{
    private readonly TokenReader reader;
    private readonly KernelSyntax kernel;

    // Registers of the body and of the braces within it, the innermost last.
    private readonly List<Dictionary<string, Register>> scopes = [];

    private FunctionParser(TokenReader reader, KernelSyntax kernel)
    {
        this.reader = reader;
        this.kernel = kernel;
    }

    /// <summary>Parses an entry whose directive has been read.</summary>
    public static KernelSyntax Parse(TokenReader reader)
    {
        var parser = new FunctionParser(reader, new(reader.Expect(TokenKind.Word, "the entry's name").Text));
        if (reader.Accept('(')) parser.Parameters();
        parser.Directives();
        parser.Body();
        return parser.kernel;
    }

    private void Parameters()
    {
        if (reader.Accept(')')) return;
        do
        {
            if (!reader.Accept(".param")) throw reader.Unexpected("'.param'");
            int alignment = reader.Accept(".align") ? reader.ExpectSize() : 0;
            var type = DataType.Expect(reader);
            // What nvcc knows of a pointer's target: .ptr .global .align 1
            while (reader.Next.Kind == TokenKind.Directive) if (reader.Take().Is(".align")) reader.ExpectSize();
            string name = reader.Expect(TokenKind.Word, "a parameter's name").Text;
            int size = type.Bytes;
            if (reader.Accept('['))
            {
                size *= reader.ExpectSize();
                reader.Expect(']');
            }
            alignment = Math.Max(alignment, type.Bytes);
            int offset = (kernel.ParameterBytes + alignment - 1) / alignment * alignment;
            kernel.Parameters.Add(new(name, offset, size));
            kernel.ParameterBytes = offset + size;
        }
        while (reader.Accept(','));
        reader.Expect(')');
    }

    private void Directives()
    {
        while (!reader.Next.Is('{'))
        {
            var directive = reader.Expect(TokenKind.Directive, "'{' or a directive");
            int product = reader.ExpectSize();
            while (reader.Accept(',')) product *= reader.ExpectSize();
            switch (directive.Text)
            {
                case ".maxntid": kernel.MaxThreads = product; break;
                case ".reqntid": kernel.RequiredThreads = product; break;
                case ".minnctapersm" or ".maxnreg": break;
                default: throw PtxError.At(directive.Line, $"unknown directive '{directive.Text}'");
            }
        }
    }

    private void Body()
    {
        reader.Expect('{');
        scopes.Add(new(StringComparer.Ordinal));
        while (scopes.Count > 0)
        {
            var token = reader.Take();
            if (token.Is('{')) scopes.Add(new(StringComparer.Ordinal));
            else if (token.Is('}')) scopes.RemoveAt(scopes.Count - 1);
            else if (token.Kind == TokenKind.Directive) Directive(token);
            else if (token.Kind == TokenKind.Word && reader.Accept(':')) Label(token);
            else Instruction(token);
            kernel.LastLine = token.Line;
        }
    }

    private void Directive(Token token)
    {
        switch (token.Text)
        {
            case ".reg": Registers(); break;
            case ".shared": kernel.SharedVariables.Add(VariableParser.Parse(reader, token, isExtern: false)); break;
            case ".pragma": reader.SkipStatement(); break;
            case ".loc": SkipLine(token.Line); break;
            case ".local": throw PtxError.At(token.Line, "local memory (.local) is not supported");
            default: throw PtxError.At(token.Line, $"unknown directive '{token.Text}'");
        }
    }

    private void SkipLine(int line)
    {
        while (reader.Line == line) reader.Take();
    }

    private void Registers()
    {
        int line = reader.Line;
        var type = DataType.Expect(reader);
        if (type.Bits == 8) throw PtxError.At(line, $"there are no registers of type {type}");
        do
        {
            string name = reader.Expect(TokenKind.Word, "a register's name").Text;
            if (reader.Accept('<'))
            {
                int count = reader.ExpectSize();
                reader.Expect('>');
                for (int i = 0; i < count; i++) Declare(name + i, type, line);
            }
            else Declare(name, type, line);
        }
        while (reader.Accept(','));
        reader.Expect(';');
    }

    private void Declare(string name, DataType type, int line)
    {
        var register = new Register(name, type.Bits);
        if (!scopes[^1].TryAdd(name, register)) throw PtxError.At(line, $"the register '{name}' is declared twice");
        kernel.Registers.Add(register);
    }

    private void Label(Token token)
    {
        if (!kernel.Labels.TryAdd(token.Text, kernel.Instructions.Count)) throw PtxError.At(token.Line, $"the label '{token.Text}' stands twice in the kernel");
    }

    private void Instruction(Token token)
    {
        Register? guard = null;
        bool negated = false;
        var opcode = token;
        if (token.Is('@'))
        {
            negated = reader.Accept('!');
            var name = reader.Expect(TokenKind.Word, "a predicate");
            guard = Find(name.Text) ?? throw PtxError.At(name.Line, $"the predicate '{name.Text}' is not declared");
            if (guard.Bits != 1) throw PtxError.At(name.Line, $"'{name.Text}' is no predicate");
            opcode = reader.Take();
        }
        if (opcode.Kind != TokenKind.Word) throw PtxError.At(opcode.Line, $"an instruction is expected, not {opcode.Quoted}");

        var operands = new List<Operand>();
        if (!reader.Accept(';'))
        {
            do operands.Add(Operand());
            while (reader.Accept(','));
            reader.Expect(';');
        }
        kernel.Instructions.Add(new(opcode.Line, opcode.Text, guard, negated, operands));
    }

    private Operand Operand()
    {
        if (reader.Accept('{'))
        {
            var elements = new List<Operand>();
            do elements.Add(Simple());
            while (reader.Accept(','));
            reader.Expect('}');
            return new VectorOperand(elements);
        }
        if (reader.Accept('['))
        {
            var place = Simple();
            long offset = 0;
            if (reader.Accept('+')) offset = Literal.Offset(Number(), reader.Line);
            else if (reader.Next.Is('-')) offset = Literal.Offset(Number(), reader.Line);
            reader.Expect(']');
            return new AddressOperand(place, offset);
        }
        if (reader.Next.Is('!')) throw PtxError.At(reader.Line, "a negated predicate as an operand is not supported");

        var first = Simple();
        return reader.Accept('|') ? new PairOperand(first, Simple()) : first;
    }

    private Operand Simple()
    {
        if (reader.Next.Kind == TokenKind.Number || reader.Next.Is('-')) return new LiteralOperand(Number());
        var token = reader.Expect(TokenKind.Word, "an operand");
        if (Find(token.Text) is { } register) return new RegisterOperand(register);
        if (token.Text[0] != '%') return new SymbolOperand(token.Text);
        return SpecialRegister.IsKnown(token.Text) ? new SpecialOperand(token.Text) : throw PtxError.At(token.Line, $"the register '{token.Text}' is neither declared nor a special register known here");
    }

    private string Number()
    {
        string sign = reader.Accept('-') ? "-" : "";
        return sign + reader.Expect(TokenKind.Number, "a number").Text;
    }

    private Register? Find(string name)
    {
        for (int i = scopes.Count - 1; i >= 0; i--)
        {
            if (scopes[i].TryGetValue(name, out var register)) return register;
        }
        return null;
    }
}
