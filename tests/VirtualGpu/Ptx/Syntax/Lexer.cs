namespace CudnnResNet.VirtualGpu.Ptx.Syntax;

/// <summary>Cuts a PTX text into tokens; comments vanish.</summary>
internal static class Lexer
{
    private const string Punctuation = ",;:{}[]()<>+-!|@=";

    /// <summary>All tokens, <see cref="TokenKind.End"/> last.</summary>
    public static List<Token> Tokens(string text)
    {
        var tokens = new List<Token>();
        int line = 1, at = 0;
        while (at < text.Length)
        {
            char c = text[at];
            if (c == '\n') line++;
            if (char.IsWhiteSpace(c))
            {
                at++;
                continue;
            }
            if (Follows(text, at, "//"))
            {
                at = End(text.IndexOf('\n', at), text);
                continue;
            }
            if (Follows(text, at, "/*"))
            {
                int end = text.IndexOf("*/", at + 2, StringComparison.Ordinal);
                if (end < 0) throw PtxError.At(line, "a comment is not closed");
                line += text.AsSpan(at, end - at).Count('\n');
                at = end + 2;
                continue;
            }

            var (kind, length) = Measure(text, at, line);
            tokens.Add(new(kind, text.Substring(at, length), line));
            at += length;
        }
        tokens.Add(new(TokenKind.End, "", line));
        return tokens;
    }

    private static (TokenKind Kind, int Length) Measure(string text, int at, int line)
    {
        char c = text[at];
        if (c == '.') return (TokenKind.Directive, 1 + Run(text, at + 1, IsPartOfName));
        if (char.IsAsciiDigit(c)) return (TokenKind.Number, Run(text, at, IsPartOfName));
        if (c == '"')
        {
            int end = text.IndexOf('"', at + 1);
            return end < 0 ? throw PtxError.At(line, "a quotation mark is not closed") : (TokenKind.Text, end + 1 - at);
        }
        if (IsPartOfName(c) || c == '%') return (TokenKind.Word, 1 + Run(text, at + 1, part => IsPartOfName(part) || part == '.'));
        if (Punctuation.Contains(c, StringComparison.Ordinal)) return (TokenKind.Symbol, 1);
        throw PtxError.At(line, $"'{c}' is no part of PTX");
    }

    private static bool IsPartOfName(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '$';

    private static int Run(string text, int from, Func<char, bool> belongs)
    {
        int at = from;
        while (at < text.Length && belongs(text[at])) at++;
        return at - from;
    }

    private static bool Follows(string text, int at, string mark) => string.CompareOrdinal(text, at, mark, 0, mark.Length) == 0;

    private static int End(int index, string text) => index < 0 ? text.Length : index;
}
