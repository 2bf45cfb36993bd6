namespace CudnnResNet.Runner.Reporting;

/// <summary>What must not be overlooked in a result, as labels that catch the eye.</summary>
internal static class LabelList
{
    /// <summary>A list; nothing where there are no labels.</summary>
    public static Markup Of(IReadOnlyList<string> labels) =>
        Markup.If(labels.Count > 0, $"<ul class=\"marks\" aria-label=\"labels\">{Markup.Each(labels, label => Markup.Of($"<li class=\"mark\">{label}</li>"))}</ul>\n");

    /// <summary>In a line of text or a cell.</summary>
    public static Markup Marks(IReadOnlyList<string> labels) => Markup.Each(labels, label => Markup.Of($"<span class=\"mark\">{label}</span> "));
}
