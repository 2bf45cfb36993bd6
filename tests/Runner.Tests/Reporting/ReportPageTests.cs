using System.Text.RegularExpressions;
using CudnnResNet.Runner.Reporting;

namespace CudnnResNet.Runner.Tests.Reporting;

[TestClass]
public sealed partial class ReportPageTests
{
    private static readonly string Page = ReportPage.Of(SamplePage.Content).Html;

    [TestMethod]
    public void Whatever_comes_from_files_is_escaped()
    {
        Assert.HasCount(1, Script().Matches(Page));
        Assert.IsFalse(Page.Contains("<img src=x", StringComparison.Ordinal), "a name became a picture");
        Assert.Contains("&lt;script&gt;alert(", Page);
    }

    [TestMethod]
    public void The_page_needs_nothing_but_itself()
    {
        foreach (string address in Address().Matches(Page).Select(match => match.Groups[1].Value))
            Assert.IsTrue(address.StartsWith("data:", StringComparison.Ordinal) || address.StartsWith('#'), address);
        Assert.Contains("default-src &#39;none&#39;", Page);
        Assert.IsFalse(Page.Contains("@import", StringComparison.Ordinal), "a style sheet is imported");
        Assert.IsFalse(Page.Replace("url(#", "", StringComparison.Ordinal).Contains("url(", StringComparison.Ordinal), "a style points outside");
    }

    [TestMethod]
    public void Every_link_leads_to_a_part_and_no_id_is_there_twice()
    {
        var ids = Id().Matches(Page).Select(match => match.Groups[1].Value).ToList();
        CollectionAssert.AllItemsAreUnique(ids);
        foreach (Match link in Link().Matches(Page)) Assert.Contains(link.Groups[1].Value, ids);
    }

    [TestMethod]
    public void Title_and_labels_say_what_must_not_be_overlooked()
    {
        string title = Title().Match(Page).Groups[1].Value;
        Assert.Contains("Plain and residual networks on CIFAR-10", title);
        string head = Page[Page.IndexOf("<h1>", StringComparison.Ordinal)..Page.IndexOf("</header>", StringComparison.Ordinal)];
        Assert.Contains(">SYNTHETIC (plain-32)<", head);
        Assert.Contains(">unfinished: 60 of 164 epochs (plain-32)<", head);

        string single = ReportPage.Of(new() { Runs = [SamplePage.Runs[1] with { Name = "mine", IsEmulated = true }] }).Html;
        Assert.Contains("<title>SYNTHETIC &#183; EMULATED &#183; mine</title>", single);
    }

    [TestMethod]
    public void Only_a_page_that_is_rewritten_loads_itself_again()
    {
        Assert.IsFalse(Page.Contains("http-equiv=\"refresh\"", StringComparison.Ordinal), "it loads itself again");
        Assert.Contains("<meta http-equiv=\"refresh\" content=\"20\">", ReportPage.Of(SamplePage.Content with { RefreshSeconds = 20 }).Html);
    }

    [TestMethod]
    public void The_table_has_a_row_for_each_network_and_run()
    {
        foreach (string network in (string[])["plain-20", "plain-56", "ResNet-20", "ResNet-110"]) Assert.Contains($"<th scope=\"row\">{network}</th>", Page);
        Assert.Contains("<th scope=\"row\" class=\"words\">resnet20-paper-seed1</th>", Page);
        Assert.Contains("8.00 (8.04)", Page);
    }

    [TestMethod]
    public void The_reference_project_alone_is_named_in_the_title()
    {
        string page = ReportPage.Of(new() { Runs = ReferenceResults.Runs }).Html;
        Assert.Contains("8.00 (8.04)", page);
        Assert.Contains("the reference project</h1>", page);
        Assert.Contains("<svg", page);
    }

    [GeneratedRegex("<script", RegexOptions.IgnoreCase)]
    private static partial Regex Script();

    [GeneratedRegex("\\s(?:src|href)=\"([^\"]*)\"")]
    private static partial Regex Address();

    [GeneratedRegex("\\sid=\"([^\"]*)\"")]
    private static partial Regex Id();

    [GeneratedRegex("href=\"#([^\"]*)\"")]
    private static partial Regex Link();

    [GeneratedRegex("<title>(.*?)</title>")]
    private static partial Regex Title();
}
