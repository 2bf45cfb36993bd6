using System.Globalization;

namespace CudnnResNet.VirtualGpu.Ptx.Syntax;

/// <summary>Walks over the tokens of a text.</summary>
internal sealed class TokenReader(List<Token> tokens)
{
    private int at;

    /// <summary>The token that is read next.</summary>
    public Token Next => tokens[at];

    /// <summary>The line of the token that is read next.</summary>
    public int Line => Next.Line;

    /// <summary>Takes a token of any kind.</summary>
    public Token Take()
    {
        var token = tokens[at];
        if (token.Kind != TokenKind.End) at++;
        return token;
    }

    /// <summary>Takes the punctuation if it comes next.</summary>
    public bool Accept(char symbol)
    {
        if (!Next.Is(symbol)) return false;
        at++;
        return true;
    }

    /// <summary>Takes the directive if it comes next.</summary>
    public bool Accept(string directive)
    {
        if (!Next.Is(directive)) return false;
        at++;
        return true;
    }

    /// <summary>Takes that punctuation, which has to come next.</summary>
    public void Expect(char symbol)
    {
        if (!Accept(symbol)) throw Unexpected($"'{symbol}'");
    }

    /// <summary>Takes a token of that kind, which has to come next.</summary>
    public Token Expect(TokenKind kind, string what) => Next.Kind == kind ? Take() : throw Unexpected(what);

    /// <summary>Takes a size: digits without sign.</summary>
    public int ExpectSize()
    {
        var token = Expect(TokenKind.Number, "a number");
        return int.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : throw PtxError.At(token.Line, $"'{token.Text}' is no size");
    }

    /// <summary>Takes all up to and including a semicolon.</summary>
    public void SkipStatement()
    {
        while (Next.Kind != TokenKind.End && !Accept(';')) Take();
    }

    /// <summary>The refusal of the token that comes next.</summary>
    public DeviceFault Unexpected(string wanted) => PtxError.At(Line, $"{wanted} is expected, not {Next.Quoted}");
}
