using System.Security.Cryptography;
using System.Text;
using CudnnResNet.Runner.Reporting.Figures;

namespace CudnnResNet.Runner.Reporting;

/// <summary>
/// An HTML document that needs nothing but itself: style sheet, script and pictures are inside, and its content security policy forbids
/// the browser to fetch anything or to run any other script.
/// </summary>
internal static class PageDocument
{
    private static readonly string Css = Resource("report.css"), Js = Resource("report.js");

    // The hash lets this one script run and no other, not even one that a file has smuggled into the page.
    private static readonly string Policy =
        $"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Js)))}'; base-uri 'none'; form-action 'none'";

    /// <summary>The whole document.</summary>
    /// <param name="title">Of the browser's window.</param>
    /// <param name="refreshSeconds">How often the browser is to load it again, or null for a page that does not change any more.</param>
    /// <param name="body">What it shows.</param>
    public static Markup Of(string title, int? refreshSeconds, Markup body) => Markup.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="{Policy}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        {Markup.If(refreshSeconds is not null, $"<meta http-equiv=\"refresh\" content=\"{refreshSeconds}\">\n")}<link rel="icon" href="data:,">
        <title>{title}</title>
        <style>
        {new Markup(SvgFigure.Style)}
        {new Markup(Css)}</style>
        </head>
        <body>
        {body}<script>{new Markup(Js)}</script>
        </body>
        </html>

        """);

    private static string Resource(string name)
    {
        using var stream = typeof(PageDocument).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
