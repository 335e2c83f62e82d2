using System.Globalization;
using System.Security;
using System.Text;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;

namespace Praman.Cli.Tariffs;

/// <summary>Cost against use as a picture that stands alone: one line, cliffs in another colour and dashed, with the same said in its description.</summary>
internal static class CostPlotSvg
{
    private const int Width = 760, Height = 420, Left = 80, Right = 24, Top = 56, Bottom = 56, TickCount = 5, LabelCountMax = 6, LabelLines = 3, LabelWidth = 170;

    private const string Style =
        ":root{color-scheme:light dark}text{font:13px system-ui,sans-serif;fill:#222}.title{font-size:16px;font-weight:600}.grid{stroke:#ccc}.axis{stroke:#555}" +
        ".cost{fill:none;stroke:#0b6;stroke-width:2}.cliff{stroke:#c22;stroke-width:2;stroke-dasharray:4 3}.cliff-text{fill:#c22}.ground{fill:#fff}" +
        "@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}.axis{stroke:#999}.cost{stroke:#4d9}.cliff{stroke:#f77}.cliff-text{fill:#f77}.ground{fill:#161616}}";

    public static string Of(CostCurve curve, Tariff tariff)
    {
        decimal low = Math.Min(0, curve.Points.Count == 0 ? 0 : curve.Points.Min(point => point.Net)), high = NiceAbove(curve.Points.Count == 0 ? 1 : curve.Points.Max(point => point.Net));
        int last = curve.Points.Count == 0 ? 1 : Math.Max(1, curve.Points[^1].Units);
        decimal X(int units) => Left + ((decimal)units / last * (Width - Left - Right));
        decimal Y(decimal net) => Height - Bottom - ((net - low) / (high - low) * (Height - Top - Bottom));
        StringBuilder svg = new();
        string title = $"{string.Join(", ", tariff.Utilities)}, {tariff.Name}: cost of a bill against use";
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-labelledby=\"t d\">\n");
        svg.Append("<title id=\"t\">").Append(Escape(title)).Append("</title>\n<desc id=\"d\">").Append(Escape(Describe(curve, tariff.Currency))).Append("</desc>\n");
        svg.Append("<style>").Append(Style).Append("</style>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"ground\" width=\"{Width}\" height=\"{Height}\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"title\" x=\"{Left}\" y=\"24\">{Escape(title)}</text>\n");
        for (int i = 0; i <= TickCount; i++)
        {
            decimal net = low + ((high - low) * i / TickCount);
            int units = (int)((long)last * i / TickCount);
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(net):0.#}\" y2=\"{Y(net):0.#}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{Y(net) + 4:0.#}\" text-anchor=\"end\">{net:0.##}</text>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(units):0.#}\" y=\"{Height - Bottom + 20}\" text-anchor=\"middle\">{units}</text>\n");
        }
        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"axis\" fill=\"none\" d=\"M{Left} {Top}V{Height - Bottom}H{Width - Right}\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 14}\" text-anchor=\"middle\">units in a bill</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{Top - 12}\" text-anchor=\"end\">{Escape(tariff.Currency)}</text>\n");
        HashSet<int> cliffs = [.. curve.Cliffs.Select(cliff => cliff.Units + 1)];
        svg.Append("<path class=\"cost\" d=\"").Append(Line(curve, cliffs, X, Y)).Append("\"/>\n");
        int[] labelled = [.. curve.Cliffs.OrderByDescending(cliff => Math.Abs(cliff.Jump)).Take(LabelCountMax).Select(cliff => cliff.Units).Order()];
        foreach (CostCliff cliff in curve.Cliffs)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"cliff\" x1=\"{X(cliff.Units):0.#}\" y1=\"{Y(cliff.Before):0.#}\" x2=\"{X(cliff.Units + 1):0.#}\" y2=\"{Y(cliff.After):0.#}\"/>");
            int label = Array.IndexOf(labelled, cliff.Units);
            if (label < 0) continue;
            bool isRight = X(cliff.Units) > Left + LabelWidth; // beside the rise, away from the line that goes on to the right
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"cliff-text\" x=\"{X(cliff.Units) + (isRight ? -6 : 6):0.#}\" y=\"{Math.Max(Top, Y(Math.Max(cliff.Before, cliff.After))) - 6 - (label % LabelLines * 14):0.#}\" text-anchor=\"{(isRight ? "end" : "start")}\">");
            svg.Append(CultureInfo.InvariantCulture, $"{cliff.Units} → {cliff.Units + 1}: {(cliff.Jump < 0 ? "−" : "+")}{DecimalText.Money(Math.Abs(cliff.After - cliff.Before))}</text>\n");
        }
        return svg.Append("</svg>\n").ToString();
    }

    private static string Describe(CostCurve curve, string currency)
    {
        StringBuilder text = new();
        if (curve.Points.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"From {DecimalText.Money(curve.Points[0].Net)} {currency} at {curve.Points[0].Units} units to {DecimalText.Money(curve.Points[^1].Net)} at {curve.Points[^1].Units}.");
        }
        foreach (string cliff in CostPlotText.Cliffs(curve, currency)) text.Append(' ').Append(cliff.TrimStart('!', ' ')).Append('.');
        foreach (UnratedUnits unrated in curve.Unrated) text.Append(' ').Append(CostPlotText.Unrated(unrated));
        return text.ToString();
    }

    /// <summary>Only points at which the slope changes; a cliff and a stretch without bills break the line.</summary>
    private static string Line(CostCurve curve, HashSet<int> cliffs, Func<int, decimal> x, Func<decimal, decimal> y)
    {
        StringBuilder path = new();
        IReadOnlyList<CostPoint> points = curve.Points;
        for (int i = 0; i < points.Count; i++)
        {
            bool starts = i == 0 || points[i].Units != points[i - 1].Units + 1 || cliffs.Contains(points[i].Units);
            bool ends = i == points.Count - 1 || points[i + 1].Units != points[i].Units + 1 || cliffs.Contains(points[i + 1].Units);
            if (!starts && !ends && points[i + 1].Net - points[i].Net == points[i].Net - points[i - 1].Net) continue;
            path.Append(CultureInfo.InvariantCulture, $"{(starts ? 'M' : 'L')}{x(points[i].Units):0.#} {y(points[i].Net):0.#}");
        }
        return path.ToString();
    }

    /// <summary>The next of 1, 2, 2.5, 5, 10 × a power of ten.</summary>
    private static decimal NiceAbove(decimal value)
    {
        decimal power = 1;
        while (power * 10 <= value) power *= 10;
        foreach (decimal step in (decimal[])[1, 2, 2.5m, 5])
        {
            if (power * step >= value) return power * step;
        }
        return power * 10;
    }

    private static string Escape(string text) => SecurityElement.Escape(text);
}
