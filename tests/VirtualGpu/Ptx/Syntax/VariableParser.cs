namespace CudnnResNet.VirtualGpu.Ptx.Syntax;

/// <summary>Parses <c>.align 4 .b8 name[12] = {1, 2};</c> after the directive that names the space.</summary>
internal static class VariableParser
{
    /// <summary>Parses one variable, its semicolon too.</summary>
    /// <param name="reader">After the space.</param>
    /// <param name="space">The space's directive.</param>
    /// <param name="isExtern">Whether the array may lack a length.</param>
    public static VariableSyntax Parse(TokenReader reader, Token space, bool isExtern)
    {
        int alignment = reader.Accept(".align") ? reader.ExpectSize() : 0;
        var type = DataType.Expect(reader);
        string name = reader.Expect(TokenKind.Word, "a name").Text;
        int size = type.Bytes;
        bool isDynamic = false;
        while (reader.Accept('['))
        {
            isDynamic = reader.Next.Is(']');
            size *= isDynamic ? 0 : reader.ExpectSize();
            reader.Expect(']');
        }
        if (isDynamic && !isExtern) throw PtxError.At(space.Line, $"'{name}' lacks a length");

        byte[] initial = reader.Accept('=') ? Values(reader, type, size) : [];
        if (initial.Length > 0 && space.Text == ".shared") throw PtxError.At(space.Line, $"shared memory has no initial value ('{name}')");
        reader.Expect(';');
        return new(space.Line, space.Text[1..], name, size, Math.Max(alignment, type.Bytes), isDynamic, initial);
    }

    private static byte[] Values(TokenReader reader, DataType type, int size)
    {
        var bytes = new byte[size];
        bool isList = reader.Accept('{');
        int at = 0;
        do
        {
            int line = reader.Line;
            string sign = reader.Accept('-') ? "-" : "";
            ulong bits = Literal.Bits(sign + reader.Expect(TokenKind.Number, "a number").Text, type, line);
            if (at + type.Bytes > size) throw PtxError.At(line, "there are more values than elements");
            for (int i = 0; i < type.Bytes; i++) bytes[at++] = (byte)(bits >> (8 * i));
        }
        while (isList && reader.Accept(','));
        if (isList) reader.Expect('}');
        return bytes;
    }
}
