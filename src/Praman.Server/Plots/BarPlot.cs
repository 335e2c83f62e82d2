using System.Globalization;
using Praman.Server.Usage;

namespace Praman.Server.Plots;

/// <summary>One bar.</summary>
/// <param name="Value">Height, in the plot's unit; 0 where missing.</param>
/// <param name="Title">The bar in words: shown on hover and read aloud.</param>
/// <param name="Tick">Text below the axis; null for most bars.</param>
/// <param name="Href">Where a tap leads; null for nowhere.</param>
/// <param name="Second">A hatched part on top of the bar, such as the estimated share.</param>
/// <param name="IsOff">The supply was off for a part or all of it: marked on the axis, so that no bar is no riddle.</param>
public sealed record Bar(decimal Value, Sureness Sureness, string Title, string? Tick = null, string? Href = null, decimal Second = 0, bool IsOff = false);

/// <summary>A bar plot drawn on the server as SVG, with room for its axes; sizes are user units that equal CSS pixels on a phone.</summary>
/// <param name="Id">Unique on its page, for the names of title, description and pattern.</param>
/// <param name="Unit">Unit of the values, at the top of the axis.</param>
public sealed record BarPlot(string Id, string Title, string Description, string Unit, IReadOnlyList<Bar> Bars)
{
    public const decimal Width = 360, Height = 190, Left = 30, Right = 2, Top = 16, Bottom = 20;

    private readonly decimal _step = NiceStep(Bars.Count == 0 ? 0 : Bars.Max(b => b.Value + b.Second));
    private readonly decimal _highest = Bars.Count == 0 ? 0 : Bars.Max(b => b.Value + b.Second);

    /// <summary>Axis marks from 0 to the top: at most four steps.</summary>
    public IEnumerable<decimal> Marks => Enumerable.Range(0, StepCount + 1).Select(i => _step * i);

    private int StepCount => Math.Max(1, (int)Math.Ceiling(_highest / _step));

    public decimal Slot => (Width - Left - Right) / Math.Max(1, Bars.Count);

    /// <summary>Width of a bar: most of its slot, never so wide that few bars look like a wall.</summary>
    public decimal BarWidth => Math.Min(Slot * 0.8m, 40);

    public decimal XOf(int index) => Left + (Slot * index) + ((Slot - BarWidth) / 2);

    public decimal HeightOf(decimal value) => value / (_step * StepCount) * (Height - Top - Bottom);

    public decimal YOf(decimal value) => Height - Bottom - HeightOf(value);

    public static string N(decimal number) => Math.Round(number, 2, MidpointRounding.AwayFromZero).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>The smallest round step of which four reach the highest bar.</summary>
    private static decimal NiceStep(decimal highest)
    {
        if (highest <= 0) return 1;
        decimal magnitude = 1;
        while (highest > 40 * magnitude) magnitude *= 10;
        while (highest <= 4 * magnitude) magnitude /= 10;
        foreach (decimal step in (decimal[])[2, 2.5m, 5])
        {
            if (highest <= 4 * step * magnitude) return step * magnitude;
        }
        return 10 * magnitude;
    }
}
