namespace CudnnResNet.VirtualGpu.Ptx.Syntax;

/// <summary>What a token is.</summary>
internal enum TokenKind
{
    /// <summary>A name, a register or an opcode: <c>%r1</c>, <c>$L__BB0_1</c>, <c>add.rn.f32</c>.</summary>
    Word,

    /// <summary>A word that begins with a dot: <c>.reg</c>.</summary>
    Directive,

    /// <summary>Begins with a digit: <c>0f3F800000</c>.</summary>
    Number,

    /// <summary>Within quotation marks.</summary>
    Text,

    /// <summary>One character of punctuation.</summary>
    Symbol,

    /// <summary>After the last.</summary>
    End,
}

/// <summary>A token of a PTX text and the line that it stands on, counted from 1.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Line)
{
    /// <summary>Whether this is that punctuation.</summary>
    public bool Is(char symbol) => Kind == TokenKind.Symbol && Text[0] == symbol;

    /// <summary>Whether this is that directive, given with its dot.</summary>
    public bool Is(string directive) => Kind == TokenKind.Directive && Text == directive;

    /// <summary>For messages.</summary>
    public string Quoted => Kind == TokenKind.End ? "the end of the text" : $"'{Text}'";
}
