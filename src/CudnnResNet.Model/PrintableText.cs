namespace CudnnResNet.Model;

/// <summary>Text from files and from elsewhere, made fit for a line on a terminal.</summary>
internal static class PrintableText
{
    /// <summary>Longest name that <see cref="Quoted"/> shows whole.</summary>
    private const int LongestName = 100;

    /// <summary>The text with a question mark for every character that would end the line, drive a terminal, or turn the direction of writing round.</summary>
    public static string Of(string text)
    {
        int first = 0;
        while (first < text.Length && IsPrintable(text[first])) first++;
        return first == text.Length ? text : string.Create(text.Length, text, static (result, text) =>
        {
            for (int i = 0; i < result.Length; i++) result[i] = IsPrintable(text[i]) ? text[i] : '?';
        });
    }

    /// <summary>At most that many characters of a text, and an ellipsis where some are left out.</summary>
    public static string Shortened(string text, int longest) => text.Length > longest ? text[..longest] + "…" : text;

    /// <summary>A name from a file as one short piece of a line.</summary>
    public static string Quoted(string name) => $"'{Of(Shortened(name, LongestName))}'";

    // Control characters are U+0000..1F and U+007F..9F, of which U+009B begins a command as ESC [ does. The others are the line and the
    // paragraph separator, and the embeddings, overrides and isolates of bidirectional text, which can make a line read as another one.
    private static bool IsPrintable(char letter) =>
        !char.IsControl(letter) && letter is not ('\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069'));
}
