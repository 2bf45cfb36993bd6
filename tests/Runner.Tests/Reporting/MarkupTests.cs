using CudnnResNet.Runner.Reporting;

namespace CudnnResNet.Runner.Tests.Reporting;

[TestClass]
public sealed class MarkupTests
{
    [TestMethod]
    public void Every_value_is_escaped_in_text_and_in_attributes() =>
        Assert.AreEqual("<p title=\"&quot;&#39;&gt;\">&lt;b&gt; &amp;amp;</p>", Markup.Of($"<p title=\"{"\"'>"}\">{"<b>"} {"&amp;"}</p>").Html);

    [TestMethod]
    public void Markup_is_not_escaped_twice() => Assert.AreEqual("<ul><li>&lt;</li></ul>", Markup.Of($"<ul>{Markup.Each(["<"], item => Markup.Of($"<li>{item}</li>"))}</ul>").Html);

    [TestMethod]
    public void Numbers_do_not_depend_on_the_language() => Assert.AreEqual("1,234.50", Markup.Of($"{1234.5:N2}").Html);

    [TestMethod]
    public void A_condition_leaves_a_piece_out() => Assert.AreEqual("<p>b</p>", Markup.Of($"<p>{Markup.If(false, $"a")}{Markup.If(true, $"b")}{default(Markup)}</p>").Html);
}
