namespace CudnnResNet.VirtualGpu.Ptx.Syntax;

/// <summary>Parses what stands at module scope.</summary>
internal sealed class ModuleParser
{
    private readonly TokenReader reader;
    private readonly ModuleSyntax module;

    private ModuleParser(string text)
    {
        reader = new(Lexer.Tokens(text));
        module = new(text);
    }

    /// <summary>Parses a text.</summary>
    public static ModuleSyntax Parse(string text)
    {
        var parser = new ModuleParser(text);
        if (!parser.reader.Next.Is(".version")) throw parser.reader.Unexpected("'.version'");
        while (parser.reader.Next.Kind != TokenKind.End) parser.Statement();
        return parser.module;
    }

    private void Statement()
    {
        var token = reader.Expect(TokenKind.Directive, "a directive");
        switch (token.Text)
        {
            case ".version":
            case ".target":
            case ".file":
                SkipLine(token.Line);
                break;
            case ".address_size":
                if (reader.ExpectSize() != 64) throw PtxError.At(token.Line, "addresses have 64 bits here");
                break;
            case ".visible":
            case ".weak":
            case ".extern":
                Declaration(isExtern: token.Text == ".extern");
                break;
            case ".entry":
                module.Kernels.Add(FunctionParser.Parse(reader));
                break;
            case ".global":
            case ".const":
            case ".shared":
                module.Variables.Add(VariableParser.Parse(reader, token, isExtern: false));
                break;
            case ".func":
                throw PtxError.At(token.Line, "functions (.func) are not supported: kernels are expected to be inlined whole");
            default:
                throw PtxError.At(token.Line, $"unknown directive '{token.Text}'");
        }
    }

    private void Declaration(bool isExtern)
    {
        if (!isExtern || !reader.Next.Is(".shared")) return;
        var space = reader.Take();
        module.Variables.Add(VariableParser.Parse(reader, space, isExtern));
    }

    // .version 6.3 and the like end with their line.
    private void SkipLine(int line)
    {
        while (reader.Next.Kind != TokenKind.End && reader.Line == line) reader.Take();
    }
}
