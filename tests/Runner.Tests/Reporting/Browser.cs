using System.Text.Json;
using OpenQA.Selenium;
using OpenQA.Selenium.Chrome;

namespace CudnnResNet.Runner.Tests.Reporting;

/// <summary>A headless Chromium that looks at one page of a file and keeps what its console said and what it wanted from the network.</summary>
internal sealed class Browser : IDisposable
{
    private static readonly string[] Browsers = ["/usr/bin/chromium", "/usr/bin/google-chrome"], Drivers = ["/usr/bin/chromedriver"];

    private readonly ChromeDriver driver;

    private Browser(string browser, string driverPath)
    {
        var options = new ChromeOptions { BinaryLocation = browser };
        options.AddArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars");
        options.SetLoggingPreference(LogType.Browser, LogLevel.All);
        options.SetLoggingPreference("performance", LogLevel.All);
        var service = ChromeDriverService.CreateDefaultService(Path.GetDirectoryName(driverPath), Path.GetFileName(driverPath));
        service.SuppressInitialDiagnosticInformation = true;
        driver = new(service, options, TimeSpan.FromMinutes(2));
    }

    /// <summary>Starts it; the test is skipped, saying so, where there is no Chromium or no driver of it.</summary>
    public static Browser Start()
    {
        string? browser = Browsers.FirstOrDefault(File.Exists), driver = Drivers.FirstOrDefault(File.Exists);
        if (browser is null || driver is null) Assert.Inconclusive("skipped: chromium and chromedriver are not installed (Debian: chromium, chromium-driver)");
        return new(browser!, driver!);
    }

    /// <summary>Loads a page in a window of this width, with light or dark preferred.</summary>
    public void Open(string path, int width, bool dark)
    {
        driver.ExecuteCdpCommand("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = 900, ["deviceScaleFactor"] = 1, ["mobile"] = false });
        driver.ExecuteCdpCommand("Emulation.setEmulatedMedia", new()
        {
            ["features"] = new object[] { new Dictionary<string, object> { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" } },
        });
        driver.Navigate().GoToUrl(new Uri(path).AbsoluteUri);
    }

    /// <summary>The window's title.</summary>
    public string Title => driver.Title;

    /// <summary>What the console has said.</summary>
    public IReadOnlyList<string> Console() => [.. driver.Manage().Logs.GetLog(LogType.Browser).Select(entry => entry.Message)];

    /// <summary>What was asked for since the last call, data inside of the page left out.</summary>
    public IReadOnlyList<string> Requests() => [.. driver.Manage().Logs.GetLog("performance")
        .Select(entry => JsonDocument.Parse(entry.Message).RootElement.GetProperty("message"))
        .Where(message => message.GetProperty("method").GetString() == "Network.requestWillBeSent")
        .Select(message => message.GetProperty("params").GetProperty("request").GetProperty("url").GetString()!)
        .Where(url => !url.StartsWith("data:", StringComparison.Ordinal))];

    /// <summary>Runs a script in the page.</summary>
    public T Run<T>(string script) => (T)driver.ExecuteScript(script)!;

    /// <summary>Presses keys, wherever the focus is.</summary>
    public void Press(string keys) => driver.SwitchTo().ActiveElement().SendKeys(keys);

    /// <summary>The whole page as a PNG.</summary>
    public byte[] Photograph()
    {
        var size = (Dictionary<string, object>)((Dictionary<string, object>)driver.ExecuteCdpCommand("Page.getLayoutMetrics", [])!)["cssContentSize"];
        var clip = new Dictionary<string, object> { ["x"] = 0, ["y"] = 0, ["width"] = size["width"], ["height"] = size["height"], ["scale"] = 1 };
        var shot = (Dictionary<string, object>)driver.ExecuteCdpCommand("Page.captureScreenshot", new() { ["format"] = "png", ["captureBeyondViewport"] = true, ["clip"] = clip })!;
        return Convert.FromBase64String((string)shot["data"]);
    }

    public void Dispose() => driver.Dispose();
}
