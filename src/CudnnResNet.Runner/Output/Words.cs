using System.Globalization;
using CudnnResNet.Model;

namespace CudnnResNet.Runner.Output;

/// <summary>How numbers are told to people, whatever the machine's language.</summary>
internal static class Words
{
    /// <summary>A fraction as <c>8.04%</c>; a dash where there is none.</summary>
    public static string Percent(double? fraction) => fraction is { } value ? Text($"{value * 100:F2}%") : "-";

    /// <summary>A time in at most six characters: <c>4.2s</c>, <c>1m05s</c>, <c>2h07m</c>, <c>3d04h</c>.</summary>
    public static string Time(TimeSpan time)
    {
        double seconds = Math.Max(0, time.TotalSeconds);
        if (seconds < 59.95) return Text($"{seconds:F1}s");
        long whole = (long)Math.Round(seconds);
        if (whole < 3600) return Text($"{whole / 60}m{whole % 60:D2}s");
        long minutes = whole / 60;
        return minutes < 24 * 60 ? Text($"{minutes / 60}h{minutes % 60:D2}m") : Text($"{minutes / 1440}d{minutes / 60 % 24:D2}h");
    }

    /// <summary>Images per second; a dash for NaN, on an emulator.</summary>
    public static string Speed(double imagesPerSecond) => double.IsNaN(imagesPerSecond) ? "-" : Text($"{imagesPerSecond:F0}");

    /// <summary>The same as part of a sentence.</summary>
    public static string SpeedInWords(double imagesPerSecond) => double.IsNaN(imagesPerSecond) ? "no speed, because an emulator is not hardware" : $"{Speed(imagesPerSecond)} images/s";

    /// <summary>A learning rate: three digits, <c>0.0667</c> or <c>1.2e-05</c>.</summary>
    public static string Rate(double rate) => rate.ToString("G3", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);

    /// <summary>A count with a comma between thousands.</summary>
    public static string Count(double count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A network's shortcuts as part of a list: <c>trailing shortcuts, </c>; nothing where it has none.</summary>
    public static string Shortcut(ArchitectureSpec network) => network.Architecture == Architecture.Plain ? "" : $"{network.Shortcut.ToString().ToLowerInvariant()} shortcuts, ";

    /// <summary>Formats as everywhere in the world the same.</summary>
    public static string Text(FormattableString text) => FormattableString.Invariant(text);
}
