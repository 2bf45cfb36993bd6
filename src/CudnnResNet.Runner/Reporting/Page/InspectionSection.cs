using CudnnResNet.Runner.Output;
using CudnnResNet.Training;

namespace CudnnResNet.Runner.Reporting;

/// <summary>A network's part of the page: which classes it mixes up, where it is surest and wrong, what it is shown, and its first filters.</summary>
internal static class InspectionSection
{
    private const int Shades = 8;

    /// <summary>The section.</summary>
    /// <param name="network">What to show.</param>
    /// <param name="id">The section's id on the page.</param>
    public static Markup Of(InspectedNetwork network, string id)
    {
        var confusion = network.Inspection.Confusion;
        return Markup.Of($"""
            <section id="{id}" aria-labelledby="{id}-title">
            <h2 id="{id}-title">{network.Name}: what the network sees</h2>
            {LabelList.Of(network.Labels)}
            <p>{network.Network} takes {confusion.Wrong:N0} of {confusion.Images:N0} test images for something else: {Words.Percent(confusion.Error)}.</p>
            <div class="columns">
            <div>
            <h3>Confusion matrix</h3>
            {ConfusionTable(network)}
            </div>
            <div>
            <h3>Error of each class</h3>
            {ClassTable(network)}
            </div>
            </div>
            <h3>Surest mistakes</h3>
            {Mistakes(network)}
            <div class="columns three">
            <div>
            <h3>Training images</h3>
            <p class="soft">Cropped and mirrored as in training.</p>
            {Samples(network, network.TrainSamples, "training")}
            </div>
            <div>
            <h3>Test images</h3>
            <p class="soft">As they are, the first of the set.</p>
            {Samples(network, network.TestSamples, "test")}
            </div>
            <div>
            <h3>First-layer filters</h3>
            {Filters(network)}
            </div>
            </div>
            </section>

            """);
    }

    private static Markup ConfusionTable(InspectedNetwork network)
    {
        var confusion = network.Inspection.Confusion;
        var classes = Enumerable.Range(0, ConfusionMatrix.Classes);
        int mostMissed = classes.Max(truth => classes.Where(prediction => prediction != truth).Max(prediction => confusion[truth, prediction]));
        return PageTable.Region($"Confusion matrix of {network.Name}",
            "A row for each true class, a column for what the network took its images for. What is right is shaded by its share of the class, mistakes by the commonest of them.",
            Markup.Of($"""
            <table class="confusion" aria-label="{$"Confusion matrix of {network.Name}"}">
            <thead><tr><td></td>{Markup.Each(network.Data.ClassNames, name => Markup.Of($"<th scope=\"col\" class=\"class\">{name}</th>"))}</tr></thead>
            <tbody>
            {Markup.Each(classes, truth => Markup.Of($"<tr><th scope=\"row\">{network.Data.ClassNames[truth]}</th>{Markup.Each(classes, prediction => Cell(truth, prediction))}</tr>\n"))}</tbody>
            </table>
            """));

        Markup Cell(int truth, int prediction)
        {
            int count = confusion[truth, prediction];
            if (count == 0) return Markup.Of($"<td class=\"none\">0</td>");
            return truth == prediction
                ? Markup.Of($"<td class=\"hit share-{Shade(count, confusion.ImagesOf(truth))}\">{count:N0}</td>")
                : Markup.Of($"<td class=\"miss share-{Shade(count, mostMissed)}\">{count:N0}</td>");
        }
    }

    private static int Shade(int count, int whole) => (int)Math.Ceiling(Shades * (double)count / whole);

    private static Markup ClassTable(InspectedNetwork network)
    {
        var confusion = network.Inspection.Confusion;
        var table = new PageTable($"Test images of each class that {network.Name} takes for another", "classes",
            new("class"), new("wrong", ColumnKind.Number), new("error, %", ColumnKind.Number), new("error"));
        double most = Enumerable.Range(0, ConfusionMatrix.Classes).Select(confusion.ErrorOf).Where(double.IsFinite).DefaultIfEmpty(1).Max();
        for (int label = 0; label < ConfusionMatrix.Classes; label++)
        {
            int images = confusion.ImagesOf(label);
            double error = confusion.ErrorOf(label);
            table.Add(PageCell.Text(network.ClassLabel(label)), PageCell.Count(images - confusion[label, label]), PageCell.Percent(error), Bar(error, most));
        }
        return table.ToMarkup();
    }

    private static PageCell Bar(double error, double most) => double.IsNaN(error)
        ? new(default, "")
        : new(Markup.Of($"<meter aria-label=\"error\" max=\"{Math.Max(most, 1e-9):R}\" value=\"{error:R}\">{Words.Percent(error)}</meter>"), Words.Text($"{error:R}"));

    private static Markup Mistakes(InspectedNetwork network)
    {
        if (network.Inspection.Mistakes.Count == 0) return Markup.Of($"<p>There are none.</p>\n");
        return Markup.Of($"""
            <p class="soft">The wrong answers that the network gives the highest probability.</p>
            <ul class="pictures mistakes">
            {Markup.Each(network.Inspection.Mistakes, mistake => Markup.Of($"<li>{Image(network.PictureOf(mistake), $"test image {mistake.Image}, {network.Data.ClassNames[mistake.Truth]}")}<p>{network.ClassLabel(mistake.Truth)}<br>taken for <span class=\"taken\">{network.ClassLabel(mistake.Prediction)}</span><br>{InspectedNetwork.Sureness(mistake)}</p></li>\n"))}</ul>

            """);
    }

    private static Markup Samples(InspectedNetwork network, IReadOnlyList<SampleImage> samples, string set) => Markup.Of($"""
        <ul class="pictures samples">
        {Markup.Each(samples, sample => Markup.Of($"<li>{Image(Picture.OfImage(sample.Pixels), $"{set} image, {network.Data.ClassNames[sample.Label]}")}<p>{network.ClassLabel(sample.Label)}</p></li>\n"))}</ul>

        """);

    private static Markup Filters(InspectedNetwork network) => Markup.Of($"""
        <p class="soft">What every image meets first: {network.Inspection.Filters.Count} filters of 3x3 pixels and three colours. Grey is 0; each is scaled to its own largest weight.</p>
        <ul class="pictures filters">
        {Markup.Each(network.Inspection.Filters.Select((filter, i) => (filter, i)), pair => Markup.Of($"<li>{Image(Picture.OfFilter(pair.filter), $"filter {pair.i}")}</li>\n"))}</ul>

        """);

    private static Markup Image(Picture picture, string alternative) =>
        Markup.Of($"<img src=\"{Png.DataUri(picture.ToPng())}\" width=\"{picture.Width}\" height=\"{picture.Height}\" alt=\"{alternative}\">");
}
