using CudnnResNet.Runner.Reporting;
using OpenQA.Selenium;

namespace CudnnResNet.Runner.Tests.Reporting;

/// <summary>The page in a real browser, on a phone and on a wide screen, light and dark. Its photographs are kept with the results of the test.</summary>
[TestClass, TestCategory("Long"), DoNotParallelize]
public sealed class ReportPageBrowserTests
{
    private static TemporaryFolder? folder;
    private static Browser? browser;

    private static Browser Chromium => browser!;

    private static string Page => folder![ReportPage.FileName];

    public required TestContext TestContext { get; init; }

    [ClassInitialize]
    public static void Start(TestContext context)
    {
        browser = Browser.Start();
        folder = new();
        ReportPage.Write(folder.Path, SamplePage.Content);
    }

    [ClassCleanup]
    public static void Stop()
    {
        browser?.Dispose();
        folder?.Dispose();
    }

    [TestMethod]
    [DataRow(360, false)]
    [DataRow(360, true)]
    [DataRow(1400, false)]
    [DataRow(1400, true)]
    public void It_fits_asks_for_nothing_and_is_silent(int width, bool dark)
    {
        _ = (Chromium.Console(), Chromium.Requests());
        Chromium.Open(Page, width, dark);
        Keep($"report-{width}-{(dark ? "dark" : "light")}.png");
        Assert.AreEqual((long)width, Chromium.Run<long>("return innerWidth"));
        Assert.IsLessThanOrEqualTo((long)width, Chromium.Run<long>("return document.documentElement.scrollWidth"));
        CollectionAssert.AreEqual(Array.Empty<string>(), Chromium.Console().ToArray());
        CollectionAssert.AreEqual(new[] { new Uri(Page).AbsoluteUri }, Chromium.Requests().ToArray());
    }

    [TestMethod]
    public void Light_and_dark_differ()
    {
        double Lightness(bool dark)
        {
            Chromium.Open(Page, 1400, dark);
            return Chromium.Run<long>($"return {Rgb}(getComputedStyle(document.documentElement).backgroundColor).reduce((a, b) => a + b)") / (3 * 255.0);
        }

        Assert.IsGreaterThan(0.9, Lightness(dark: false));
        Assert.IsLessThan(0.2, Lightness(dark: true));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void All_text_can_be_read(bool dark)
    {
        Chromium.Open(Page, 1400, dark);
        Assert.AreEqual("", Chromium.Run<string>(FaintText));
    }

    [TestMethod]
    public void A_table_is_sorted_with_the_keyboard_alone()
    {
        Chromium.Open(Page, 1400, dark: false);
        const string errors = "[...document.querySelectorAll('table.results tbody tr')].map(row => row.cells[2].dataset.value)";
        string before = Chromium.Run<string>($"return {errors}.join()");
        const string focused = "document.activeElement.closest('table.results thead th')?.cellIndex ?? -1";
        for (int tabs = 0; Chromium.Run<long>($"return {focused}") != 2; tabs++)
        {
            Assert.IsLessThan(40, tabs, "the third column's button cannot be reached with Tab");
            Chromium.Press(Keys.Tab);
        }
        Assert.AreNotEqual("none", Chromium.Run<string>("return getComputedStyle(document.activeElement).outlineStyle"));

        Chromium.Press(Keys.Enter);
        string[] ascending = Chromium.Run<string>($"return {errors}.join()").Split(',');
        Assert.AreNotEqual(before, string.Join(',', ascending));
        Assert.AreEqual("ascending", Chromium.Run<string>("return document.activeElement.closest('th').ariaSort"));
        var values = ascending.TakeWhile(text => text.Length > 0).Select(text => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        CollectionAssert.AreEqual(values.Order().ToArray(), values);
        Assert.HasCount(8, values);
        Assert.IsTrue(ascending.Skip(8).All(text => text.Length == 0), "networks without a value come last");

        Chromium.Press(Keys.Space);
        Assert.AreEqual("descending", Chromium.Run<string>("return document.activeElement.closest('th').ariaSort"));
        Assert.AreEqual(values[^1].ToString("R", System.Globalization.CultureInfo.InvariantCulture), Chromium.Run<string>($"return {errors}[0]"));
    }

    [TestMethod]
    public void Whatever_scrolls_is_reached_by_the_keyboard()
    {
        Chromium.Open(Page, 360, dark: false);
        Assert.AreEqual("", Chromium.Run<string>("""
            return [...document.querySelectorAll("*")].filter(e => e.scrollWidth > e.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(e).overflowX))
                .filter(e => e.tabIndex < 0 || !e.ariaLabel).map(e => e.outerHTML.slice(0, 80)).join("\n")
            """));
        Assert.IsGreaterThan(0L, Chromium.Run<long>("return [...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth).length"));
    }

    [TestMethod]
    public void A_hostile_name_is_only_shown()
    {
        Chromium.Open(Page, 1400, dark: false);
        Assert.AreEqual(1L, Chromium.Run<long>("return document.scripts.length"));
        Assert.AreEqual(SamplePage.HostileName, Chromium.Run<string>("return document.querySelector('table.runs tbody tr:last-child th').textContent"));
        Assert.AreEqual("Plain and residual networks on CIFAR-10", Chromium.Run<string>("return document.querySelector('h1').textContent"));
        Assert.EndsWith("Plain and residual networks on CIFAR-10", Chromium.Title);
    }

    [TestMethod]
    public void Pictures_are_enlarged_and_not_smoothed()
    {
        Chromium.Open(Page, 1400, dark: false);
        Assert.AreEqual(9L + 9 + 16 + SamplePage.Network.Inspection.Mistakes.Count, Chromium.Run<long>("return [...document.images].filter(i => i.complete && i.naturalWidth > 0 && i.alt && getComputedStyle(i).imageRendering === 'pixelated' && i.clientWidth > i.naturalWidth).length"));
    }

    private const string Rgb = "(c => c.match(/[\\d.]+/g).slice(0, 3).map(Number))";

    /// <summary>Texts with less than WCAG's contrast of 4.5 to their background, which is drawn onto a canvas, so that every form of colour is understood.</summary>
    private const string FaintText = """
        const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        const blend = colours => {
            pixel.clearRect(0, 0, 1, 1);
            for (const colour of colours) { pixel.fillStyle = colour; pixel.fillRect(0, 0, 1, 1); }
            return [...pixel.getImageData(0, 0, 1, 1).data].slice(0, 3).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        };
        const light = rgb => 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
        const behind = e => { const all = []; for (; e; e = e.parentElement) all.unshift(e.matches("svg") ? getComputedStyle(e.querySelector(".figure-background")).fill : getComputedStyle(e).backgroundColor); return all; };
        const faint = new Set();
        for (const e of document.querySelectorAll("body *")) {
            if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || e.closest("script, meter, title, desc, style")) continue;
            const below = behind(e), style = getComputedStyle(e), ink = e.closest("svg") ? style.fill : style.color;
            const [a, b] = [light(blend(below)), light(blend([...below, ink]))].sort((a, b) => b - a);
            if ((a + 0.05) / (b + 0.05) < 4.5) faint.add(`${e.tagName}.${e.getAttribute("class")} "${e.textContent.trim().slice(0, 30)}" ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
        }
        return [...faint].join("\n");
        """;

    private void Keep(string name)
    {
        string path = Path.Combine(TestContext.TestRunResultsDirectory ?? Path.GetTempPath(), name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Chromium.Photograph());
        TestContext.AddResultFile(path);
    }
}
