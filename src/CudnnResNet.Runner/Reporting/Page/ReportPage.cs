using System.Text;
using System.Xml.Linq;
using CudnnResNet.Model;
using CudnnResNet.Runner.Output;
using CudnnResNet.Runner.Reporting.Figures;

namespace CudnnResNet.Runner.Reporting;

/// <summary><c>report.html</c>: results, curves, and what the networks see, for a browser without a network.</summary>
internal static class ReportPage
{
    /// <summary>Its file's name.</summary>
    public const string FileName = "report.html";

    /// <summary>Writes the file; a browser finds the old page or the new one, whole.</summary>
    /// <param name="folder">Exists.</param>
    /// <param name="content">What it shows.</param>
    /// <exception cref="IOException">The disk is full, or the like.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Write(string folder, PageContent content)
    {
        byte[] page = Bytes(content);
        AtomicFile.Write(Path.Combine(folder, FileName), stream => stream.Write(page));
    }

    /// <summary>The page as its file has it.</summary>
    public static byte[] Bytes(PageContent content) => Encoding.UTF8.GetBytes(Of(content).Html);

    /// <summary>The page.</summary>
    public static Markup Of(PageContent content)
    {
        var labels = ReportLabels.Of(content.Runs);
        string title = content.Runs is [var single] ? single.Name : $"Plain and residual networks on CIFAR-10{(IsReferenceOnly(content) ? ": the reference project" : "")}";
        string marks = string.Concat(labels.Where(label => label is "SYNTHETIC" or "EMULATED").Select(label => $"{label} · "));
        return PageDocument.Of(Progress(content) + marks + title, content.RefreshSeconds, Markup.Of($"""
            <header>
            <h1>{title}</h1>
            {Subtitle(content)}
            {LabelList.Of(labels)}
            <nav aria-label="Parts of the report"><ul>
            <li><a href="#results">Results</a></li><li><a href="#curves">Curves</a></li><li><a href="#runs">Runs</a></li>{Markup.Each(Numbered(content), part => Markup.Of($"<li><a href=\"#{part.Id}\">{part.Network.Name}</a></li>"))}
            </ul></nav>
            </header>
            <main>
            {ResultSection.Networks(ResultTable.Create(content.Runs))}
            {CurveSection(content.Runs)}
            {ResultSection.Runs(content.Runs)}
            {Markup.Each(Numbered(content), part => InspectionSection.Of(part.Network, part.Id))}
            {Notes(content.Notes)}
            </main>
            <footer>
            <p>Written {content.Written.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC by CudnnResNet {typeof(ReportPage).Assembly.GetName().Version?.ToString(3)}. Networks and recipe: He et al. 2015, <cite>Deep residual learning for image recognition</cite>, section 4.2.</p>
            </footer>

            """));
    }

    private static IEnumerable<(InspectedNetwork Network, string Id)> Numbered(PageContent content) => content.Networks.Select((network, i) => (network, $"network-{i + 1}"));

    private static Markup Subtitle(PageContent content)
    {
        var refresh = Markup.If(content.RefreshSeconds is not null, $" This page loads itself again every {content.RefreshSeconds} seconds while the training goes on.");
        return content.Runs switch
        {
            [{ Final: { } final, Best: { } best } run] => Markup.Of($"<p>{run.Network}, epoch {run.Epochs.Count} of {run.PlannedEpochs}: {Judged(run)} error {Words.Percent(final.TestError)}, training error {Words.Percent(final.TrainError)}; best {Words.Percent(best.TestError)} after epoch {best.Epoch + 1}.{refresh}</p>"),
            [var run] => Markup.Of($"<p>{run.Network}: no epoch is over yet.{refresh}</p>"),
            _ when IsReferenceOnly(content) => Markup.Of($"<p>The curves that the reference project has published. <code>report RUN...</code> sets the folders of runs beside them.</p>"),
            _ => Markup.Of($"<p>{content.Runs.Count} runs beside the paper and the reference project.{refresh}</p>"),
        };
    }

    private static string Progress(PageContent content) => content is { RefreshSeconds: not null, Runs: [var run] } ? $"{run.Epochs.Count}/{run.PlannedEpochs} · " : "";

    private static bool IsReferenceOnly(PageContent content) => content.Runs.All(run => run.Origin == RunOrigin.ReferenceProject);

    private static string Judged(ReportRun run) => run.HasValidation ? "validation" : "test";

    private static Markup CurveSection(IReadOnlyList<ReportRun> runs)
    {
        var figures = RunFigures.All([.. runs.Where(run => run.Epochs.Count > 0)]);
        // Of one kind of network there is one panel a figure, and two figures fit side by side.
        string size = figures.All(figure => figure.Panels.Count == 1) ? "small" : "large";
        return Markup.Of($"""
            <section id="curves" aria-labelledby="curves-title">
            <h2 id="curves-title">Curves</h2>
            <div class="charts {size}">
            {Markup.Each(figures, Chart)}</div>
            </section>

            """);
    }

    /// <summary>Panels side by side, and where there are several once more one below the other for a phone; the style sheet shows one of them.</summary>
    private static Markup Chart(Figure figure) => Markup.Of($"""
        <figure>
        {(figure.Panels.Count == 1 ? Drawing(figure, null) : Markup.Of($"<div class=\"wide\">{Drawing(figure, null)}</div>\n<div class=\"narrow\">{Drawing(figure with { Id = $"{figure.Id}-narrow" }, 1)}</div>"))}
        <figcaption>{figure.Description}</figcaption>
        </figure>

        """);

    private static Markup Drawing(Figure figure, int? columns) => new(SvgFigure.Element(figure, columns).ToString(SaveOptions.DisableFormatting));

    private static Markup Notes(IReadOnlyList<string> notes) => Markup.If(notes.Count > 0, $"""
        <section aria-labelledby="notes-title">
        <h2 id="notes-title">Not shown</h2>
        <ul>
        {Markup.Each(notes, note => Markup.Of($"<li>{note}</li>\n"))}</ul>
        </section>

        """);
}
