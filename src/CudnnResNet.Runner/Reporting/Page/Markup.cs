using System.Globalization;
using System.Net;

namespace CudnnResNet.Runner.Reporting;

/// <summary>HTML that is safe to write as it stands.</summary>
/// <param name="Html">Its text.</param>
internal readonly record struct Markup(string Html)
{
    /// <summary>
    /// HTML with values in its holes. Every value is escaped, so that a run's name can hold what it likes, except what is
    /// <see cref="Markup"/> already. Numbers are written as everywhere in the world the same.
    /// </summary>
    public static Markup Of(FormattableString html) => new(html.ToString(Escaping.Instance));

    /// <summary>The pieces one after another.</summary>
    public static Markup Join(IEnumerable<Markup> pieces) => new(string.Concat(pieces.Select(piece => piece.Html)));

    /// <summary>A piece for each item, one after another.</summary>
    public static Markup Each<T>(IEnumerable<T> items, Func<T, Markup> piece) => Join(items.Select(piece));

    /// <summary>The piece where the condition holds, else nothing.</summary>
    public static Markup If(bool condition, FormattableString html) => condition ? Of(html) : default;

    /// <inheritdoc/>
    public override string ToString() => Html;

    private sealed class Escaping : IFormatProvider, ICustomFormatter
    {
        public static readonly Escaping Instance = new();

        public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : null;

        public string Format(string? format, object? value, IFormatProvider? provider) => value switch
        {
            Markup markup => markup.Html ?? "",
            IFormattable number => WebUtility.HtmlEncode(number.ToString(format, CultureInfo.InvariantCulture)),
            _ => WebUtility.HtmlEncode(value?.ToString()) ?? "",
        };
    }
}
