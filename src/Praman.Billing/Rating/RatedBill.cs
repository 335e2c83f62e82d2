using NodaTime;
using Praman.Billing.Tariffs;
using Praman.Proof;

namespace Praman.Billing.Rating;

/// <summary>An itemised bill before it is issued: what each line is and how it came about.</summary>
public sealed record RatedBill
{
    public required string TariffId { get; init; }
    public required Digest TariffHash { get; init; }
    public required string Currency { get; init; }

    /// <summary>Dated series that the tariff refers to.</summary>
    public required IReadOnlyList<TariffSeries> Series { get; init; }

    /// <summary>Months of the period, exact.</summary>
    public required ExactFraction Months { get; init; }

    /// <summary>Charges, then subsidies, then rebates; the latter two are negative. Lines that do not apply are absent.</summary>
    public required IReadOnlyList<RatedLine> Lines { get; init; }

    /// <summary>Sum of the charges; null where a line of them is open.</summary>
    public required decimal? Gross { get; init; }

    /// <summary>Sums of the subsidy and the rebate lines, zero or negative.</summary>
    public required decimal SubsidyTotal { get; init; }
    public required decimal RebateTotal { get; init; }

    /// <summary>Gross + subsidies + rebates; null where an open line is not waived.</summary>
    public required decimal? Net { get; init; }

    /// <summary>Total − net.</summary>
    public required decimal? Rounding { get; init; }

    /// <summary>Net, rounded as the tariff says.</summary>
    public required decimal? Total { get; init; }

    /// <summary>Export that is left for the next period, kWh; null without net metering.</summary>
    public decimal? KwhCarriedOut { get; init; }

    /// <summary>Load that a fixed charge derived from consumption, kW.</summary>
    public ExactFraction? DerivedLoadKw { get; init; }
    public IReadOnlyList<RatingWarning> Warnings { get; init; } = [];

    /// <summary>Each figure, from which figures it came and by which rule; empty unless asked for.</summary>
    public IReadOnlyList<TraceStep> Trace { get; init; } = [];

    /// <summary>The line of this id, or null.</summary>
    public RatedLine? Line(string id)
    {
        foreach (RatedLine line in Lines)
        {
            if (string.Equals(line.Id, id, StringComparison.Ordinal)) return line;
        }
        return null;
    }
}

/// <summary>One line of a bill.</summary>
public sealed record RatedLine
{
    public required string Id { get; init; }
    public required string Label { get; init; }
    public required ChargeGroup Group { get; init; }
    public required LineKind Kind { get; init; }

    /// <summary>Units, load, or the amount that a percentage is taken of.</summary>
    public required ExactFraction Quantity { get; init; }

    /// <summary>Unit of the quantity: <c>kWh</c>, <c>kW</c>, <c>connection</c>, or the currency.</summary>
    public required string Unit { get; init; }

    /// <summary>The one rate of the line; null where parts have different ones. A percentage where <see cref="Kind"/> is Percent.</summary>
    public required decimal? Rate { get; init; }
    public required decimal Amount { get; init; }

    /// <summary>Parts that were computed and rounded apart; their amounts add up to <see cref="Amount"/>.</summary>
    public required RatedPart[] Parts { get; init; }

    /// <summary>Ids of the sources of the rate.</summary>
    public required IReadOnlyList<string> Sources { get; init; }
    public required Rounding Rounding { get; init; }

    /// <summary>Average rate of the lines that the multipliers of a time-of-day line work on; null: it has none.</summary>
    public ExactFraction? Average { get; init; }

    /// <summary>True: an input that the line needs was not given, so its amount is not known and stands as zero.</summary>
    public bool IsOpen { get; init; }

    /// <summary>How the amount came about, in numbers: <c>195 kWh × 3.00 = 585.00; …</c>. Made on each call.</summary>
    public string Formula => LineFormula.Of(this);
}

/// <summary>Which rule made a line.</summary>
public enum LineKind
{
    Blocks,
    Unit,
    Fixed,
    Percent,
    TimeOfDay,
    Interval,
    Minimum,
    Subsidy,
    Rebate,
}

/// <summary>A part of a line: a slab, a segment of the period, a time-of-day period.</summary>
/// <param name="Units">Units of the slab; months or days of a fixed charge; the base of a percentage.</param>
/// <param name="Rate">Per unit; null where the part has none.</param>
/// <param name="Amount">Rounded.</param>
/// <param name="From">First day, where the part is a segment of the period.</param>
/// <param name="To">Last day, included.</param>
/// <param name="Name">Name of the time-of-day period.</param>
/// <param name="IsMultiplier">The rate is a multiplier of <see cref="RatedLine.Average"/>, of which the whole is charged elsewhere.</param>
public readonly record struct RatedPart(
    ExactFraction Units, decimal? Rate, decimal Amount, LocalDate? From = null, LocalDate? To = null, string? Name = null, bool IsMultiplier = false);

/// <summary>One figure of the computation.</summary>
/// <param name="Name">Such as <c>months</c>, <c>energy.limit[0]</c>, <c>energy</c>.</param>
/// <param name="Value">Exact, as text.</param>
/// <param name="From">Names of the figures that it was made from.</param>
/// <param name="Rule">By which rule, in words.</param>
public sealed record TraceStep(string Name, string Value, IReadOnlyList<string> From, string Rule);

/// <summary>Whether the trace is made.</summary>
public enum TraceDetail
{
    None,
    Full,
}
