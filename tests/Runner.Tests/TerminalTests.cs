namespace CudnnResNet.Runner.Tests;

/// <summary>What a terminal shows: one redrawn line below the table, and nothing of the kind where it is not wanted.</summary>
[TestClass]
public sealed class TerminalTests
{
    private const string HideCursor = "\u001b[?25l", ShowCursor = "\u001b[?25h";

    [TestInitialize]
    public void NeedsScript()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/script")) Assert.Inconclusive("skipped: /usr/bin/script of util-linux makes the terminal");
    }

    [TestMethod]
    public void A_terminal_gets_a_line_that_is_redrawn()
    {
        string output = Run("TERM=xterm-256color");
        Assert.Contains(HideCursor, output);
        Assert.Contains("20/20", output);
        foreach (string part in (string[])["loss", "err", "img/s", "eta"]) Assert.Contains(part, output);
        Assert.IsGreaterThan(output.LastIndexOf(HideCursor, StringComparison.Ordinal), output.LastIndexOf(ShowCursor, StringComparison.Ordinal));
        Assert.Contains("done      test error ", output);
    }

    [TestMethod]
    [DataRow("TERM=dumb")]
    [DataRow("TERM=xterm-256color", "NO_COLOR=1")]
    public void A_terminal_that_cannot_or_may_not_redraw_gets_lines(params string[] settings)
    {
        string output = Run(settings);
        Assert.DoesNotContain(HideCursor, output);
        Assert.DoesNotContain("\u001b[1m", output);
        Assert.Contains("    1/2", output);
        Assert.Contains("done      test error ", output);
    }

    private static string Run(params string[] settings)
    {
        using var folder = new TemporaryFolder();
        using var program = RunnerProgram.StartOnTerminal(folder, TinyRun.Args("--epochs", "2"), [TinyRun.Size, .. settings]);
        var outcome = program.Wait();
        Assert.AreEqual(0, outcome.ExitCode, outcome.ToString());
        return outcome.Out;
    }
}
