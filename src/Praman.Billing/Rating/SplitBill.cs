using System.Globalization;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>Joins the parts of a period within which the tariff changed: one part per tariff, each with its own months; one final rounding.</summary>
public static class SplitBill
{
    /// <summary>Lines are named <c>1.energy</c>, <c>2.energy</c> after their parts.</summary>
    /// <param name="totalRounding">The rounding of the last part's tariff.</param>
    public static RatedBill Join(IReadOnlyList<RatedBill> parts, Rounding totalRounding)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(totalRounding);
        ArgumentOutOfRangeException.ThrowIfZero(parts.Count);
        List<RatedLine> lines = [];
        List<TraceStep> trace = [];
        List<RatingWarning> warnings = [];
        ExactFraction months = 0;
        decimal? gross = 0, net = 0;
        decimal subsidies = 0, rebates = 0;
        for (int i = 0; i < parts.Count; i++)
        {
            RatedBill part = parts[i];
            if (part.Currency != parts[0].Currency) throw new ArgumentException("The parts of a bill are in one currency.", nameof(parts));
            string prefix = string.Create(CultureInfo.InvariantCulture, $"{i + 1}.");
            foreach (RatedLine line in part.Lines) lines.Add(line with { Id = prefix + line.Id });
            foreach (TraceStep step in part.Trace) trace.Add(step with { Name = prefix + step.Name, From = [.. step.From.Select(f => prefix + f)] });
            warnings.AddRange(part.Warnings);
            months += part.Months;
            gross += part.Gross;
            net += part.Net;
            subsidies += part.SubsidyTotal;
            rebates += part.RebateTotal;
        }
        decimal? total = net is { } sum ? totalRounding.Apply(sum) : null;
        if (trace.Count > 0 && total is not null)
        {
            trace.Add(new("net", DecimalText.Money(net!.Value), [.. Enumerable.Range(1, parts.Count).Select(n => $"{n}.net")], "sum of the parts"));
            trace.Add(new("total", DecimalText.Money(total.Value), ["net"], string.Create(CultureInfo.InvariantCulture, $"rounded once to {totalRounding.Step}")));
        }
        return parts[^1] with
        {
            Lines = lines,
            Months = months,
            Gross = gross,
            SubsidyTotal = subsidies,
            RebateTotal = rebates,
            Net = net,
            Total = total,
            Rounding = total - net,
            Warnings = warnings,
            Trace = trace,
            Series = [.. parts.SelectMany(p => p.Series).Distinct()],
        };
    }
}
