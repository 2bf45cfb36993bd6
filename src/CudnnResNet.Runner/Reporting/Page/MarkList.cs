namespace CudnnResNet.Runner.Reporting;

/// <summary>What must not be overlooked in a result, as a list of labels.</summary>
internal static class MarkList
{
    /// <summary>The list; nothing where there are no marks.</summary>
    public static Markup Of(IReadOnlyList<string> marks) =>
        Markup.If(marks.Count > 0, $"<ul class=\"marks\" aria-label=\"labels\">{Markup.Each(marks, mark => Markup.Of($"<li class=\"mark warn\">{mark}</li>"))}</ul>\n");
}
