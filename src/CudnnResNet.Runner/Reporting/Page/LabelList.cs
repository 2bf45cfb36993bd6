namespace CudnnResNet.Runner.Reporting;

/// <summary>What must not be overlooked in a result, as a list of labels.</summary>
internal static class LabelList
{
    /// <summary>The list; nothing where there are no labels.</summary>
    public static Markup Of(IReadOnlyList<string> labels) =>
        Markup.If(labels.Count > 0, $"<ul class=\"marks\" aria-label=\"labels\">{Markup.Each(labels, label => Markup.Of($"<li class=\"mark warn\">{label}</li>"))}</ul>\n");
}
