using CudnnResNet.Runner.Reporting;
using CudnnResNet.Runner.Reporting.Figures;
using SkiaSharp;

namespace CudnnResNet.Runner.Tests.Reporting;

/// <summary>The PNG has its text, whatever fonts a machine has.</summary>
[TestClass]
public sealed class PngFigureTests
{
    private const string Fonts = "/usr/share/fonts";

    [TestMethod]
    public void There_is_ink_where_the_texts_are()
    {
        var figure = RunFigures.Errors(ReferenceResults.Runs);
        AssertInk(PngFigure.Write(figure), figure);
    }

    [TestMethod]
    public void A_machine_without_fonts_draws_the_same_picture()
    {
        using var folder = new TemporaryFolder();
        // An empty folder in the place of the system's fonts, in a mount namespace of the process's own.
        string hide = Directory.Exists(Fonts) ? $"mount -t tmpfs none {Fonts} && " : "";
        using (var probe = RunnerProgram.StartInShell(folder, $"unshare -rm sh -c '{hide}ls {Fonts}' 2>&1; exit 0", []))
        {
            string found = probe.Wait().Out;
            if (Directory.Exists(Fonts) && found.Trim().Length > 0) Assert.Inconclusive($"skipped: {Fonts} cannot be hidden from a process here: {found}");
        }
        using var program = RunnerProgram.StartInShell(folder, $"exec unshare -rm sh -c '{hide}exec \"$@\"' sh \"$@\"", ["report", "--quiet"], "FONTCONFIG_FILE=/dev/null");
        program.Wait().Succeeds();
        var figure = RunFigures.Errors(ReferenceResults.Runs);
        byte[] png = File.ReadAllBytes(folder["report", "figure6.png"]);
        AssertInk(png, figure);
        CollectionAssert.AreEqual(PngFigure.Write(figure), png);
    }

    [TestMethod]
    public void The_labels_of_a_run_that_is_not_real_are_in_the_picture()
    {
        using var folder = new TemporaryFolder();
        var run = ReportFixture.Read(folder, "run", ReportFixture.Paper with { Epochs = 2 }, [0.5, 0.4], double.NaN);
        var figure = RunFigures.Errors([run]);
        AssertInk(PngFigure.Write(figure), figure);
        var bare = figure with { Labels = ["."] };
        Assert.IsGreaterThan(Ink(PngFigure.Write(bare), LabelLine(bare, 0)) + 300, Ink(PngFigure.Write(figure), LabelLine(figure, 0)));
    }

    /// <summary>Looks at the place of every text: title, labels, keys, axes, ticks and the ends of curves.</summary>
    private static void AssertInk(byte[] png, Figure figure)
    {
        using var picture = SKBitmap.Decode(png);
        var layout = FigureLayout.Create(figure);
        Assert.AreEqual((int)Math.Ceiling(layout.Width * PngFigure.Scale), picture.Width);
        Look("the title", new(FigureLayout.Edge, FigureLayout.TitleBaseline - 12, 200, 14), 300);
        for (int i = 0; i < layout.LabelLines.Count; i++) Look(layout.LabelLines[i], LabelLine(figure, i), 200);
        foreach (var (key, at) in layout.Keys) Look(key.Text, new(at.X + FigureLayout.KeyWidth, at.Y - 9, 40, 10), 60);
        foreach (var (panel, area) in layout.Panels.Select(placed => (placed.Panel, placed.Area)))
        {
            Look(panel.Title, new(area.Left, area.Top - FigureLayout.PanelTitleAbove - 10, 60, 12), 100);
            Look(panel.X.Title, new(area.Left + area.Width / 2 - 30, area.Bottom + 25, 60, 14), 60);
            Look(panel.Y.Title, new(area.Left - FigureLayout.AxisTitleLeft - 10, area.Top + area.Height / 2 - 30, 14, 60), 60);
            foreach (var tick in panel.X.Ticks) Look($"x {tick.Label}", new(area.Left + panel.X.Place(tick.Value) * area.Width - 5, area.Bottom + 6, 10, 14), 8);
            foreach (var tick in panel.Top!.Ticks) Look($"top {tick.Label}", new(area.Left + panel.Top.Place(tick.Value) * area.Width - 5, area.Top - 20, 10, 14), 8);
            foreach (var tick in panel.Y.Ticks) Look($"y {tick.Label}", new(area.Left - 24, area.Bottom - panel.Y.Place(tick.Value) * area.Height - 7, 18, 14), 8);
        }
        foreach (var label in layout.Panels.SelectMany(panel => panel.Labels)) Look(label.Curve.EndLabel!, new(label.At.X + FigureLayout.MarkWidth, label.At.Y - 6, 40, 12), 80);

        void Look(string what, Box box, int least) => Assert.IsGreaterThanOrEqualTo(least, Ink(picture, box), $"no ink for {what} in {box}");
    }

    private static Box LabelLine(Figure figure, int line) => new(FigureLayout.Edge, FigureLayout.TitleBaseline + (line + 1) * FigureLayout.LabelLineHeight - 7, 50 + FigureLayout.Create(figure).Width / 3, 12);

    private static int Ink(byte[] png, Box box)
    {
        using var picture = SKBitmap.Decode(png);
        return Ink(picture, box);
    }

    /// <summary>Pixels of a box that are clearly not white.</summary>
    private static int Ink(SKBitmap picture, Box box)
    {
        int ink = 0;
        for (int y = (int)(box.Top * PngFigure.Scale); y < box.Bottom * PngFigure.Scale; y++)
        {
            for (int x = (int)(box.Left * PngFigure.Scale); x < box.Right * PngFigure.Scale; x++)
            {
                if (x >= 0 && y >= 0 && x < picture.Width && y < picture.Height && picture.GetPixel(x, y).Green < 160) ink++;
            }
        }
        return ink;
    }
}
