namespace Praman.Billing.Rating;

/// <summary>What one billing cycle costs at each whole number of units, and where one more unit reprices the others.</summary>
/// <param name="Points">By ascending units; units that the tariff cannot rate are absent.</param>
/// <param name="Cliffs">In the order of units.</param>
/// <param name="Unrated">Stretches of units without a bill, each with the first reason.</param>
/// <param name="Warnings">Of the bills, each once.</param>
public sealed record CostCurve(IReadOnlyList<CostPoint> Points, IReadOnlyList<CostCliff> Cliffs, IReadOnlyList<UnratedUnits> Unrated, IReadOnlyList<RatingWarning> Warnings)
{
    /// <summary>Most units of a curve.</summary>
    public const int UnitsMax = 20_000;

    /// <summary>A unit is a cliff where it moves the bill by more than this many times what the unit before it and the one after it do.</summary>
    private const int CliffFactor = 2;

    /// <summary>Rates 0, 1, 2, … units under one tariff.</summary>
    /// <param name="inputs">Connection, flags, external values and period; its energy is replaced. A tariff with prices by the time of day or by
    /// interval gets the units spread evenly over the period, at the price of <see cref="IntervalEnergy.Price"/> of the first of its intervals.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="unitsMax"/> is not 1 to <see cref="UnitsMax"/>.</exception>
    public static CostCurve Of(CompiledTariff tariff, BillingDeterminants inputs, int unitsMax)
    {
        ArgumentNullException.ThrowIfNull(tariff);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentOutOfRangeException.ThrowIfLessThan(unitsMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(unitsMax, UnitsMax);
        EvenSpread spread = EvenSpread.Of(tariff.Tariff, inputs);
        List<CostPoint> points = new(unitsMax + 1);
        List<UnratedUnits> unrated = [];
        List<RatingWarning> warnings = [];
        for (int units = 0; units <= unitsMax; units++)
        {
            RatingResult result = RatingEngine.Rate(tariff, spread.At(units));
            if (result.Bill is { Net: { } net, Total: { } total } bill)
            {
                points.Add(new(units, net, total));
                foreach (RatingWarning warning in bill.Warnings)
                {
                    if (!warnings.Exists(w => w.Code == warning.Code)) warnings.Add(warning);
                }
                continue;
            }
            RatingRefusal refusal = result.Refusal ?? OpenLine(result.Bill!);
            if (unrated.Count > 0 && unrated[^1].To == units - 1 && unrated[^1].Refusal.Missing == refusal.Missing) unrated[^1] = unrated[^1] with { To = units };
            else unrated.Add(new(units, units, refusal));
        }
        return new(points, FindCliffs(points), unrated, warnings);
    }

    private static RatingRefusal OpenLine(RatedBill bill)
    {
        string id = bill.Lines.First(line => line.IsOpen).Id;
        return new(RefusalCodes.InputInvalid, $"Line '{id}' is not computed: an input that it needs is not known.", id);
    }

    private static List<CostCliff> FindCliffs(List<CostPoint> points)
    {
        List<CostCliff> cliffs = [];
        for (int i = 1; i < points.Count; i++)
        {
            if (points[i].Units != points[i - 1].Units + 1) continue;
            decimal step = points[i].Net - points[i - 1].Net;
            decimal before = StepAt(points, i - 1) ?? StepAt(points, i + 1) ?? 0, after = StepAt(points, i + 1) ?? before;
            decimal usual = Math.Max(Math.Abs(before), Math.Abs(after));
            if (Math.Abs(step) > usual * CliffFactor) cliffs.Add(new(points[i - 1].Units, points[i - 1].Net, points[i].Net, step - after));
        }
        return cliffs;
    }

    /// <summary>What the unit at an index adds to the one before it; null where either has no bill.</summary>
    private static decimal? StepAt(List<CostPoint> points, int i) =>
        i >= 1 && i < points.Count && points[i].Units == points[i - 1].Units + 1 ? points[i].Net - points[i - 1].Net : null;
}

/// <summary>The cost of some units.</summary>
/// <param name="Net">Before the rounding of the total.</param>
/// <param name="Total">As it is asked for.</param>
public readonly record struct CostPoint(int Units, decimal Net, decimal Total);

/// <summary>One more unit moves the bill by far more than a unit.</summary>
/// <param name="Units">The last units before it.</param>
/// <param name="Before">Net of the bill with them.</param>
/// <param name="After">Net with one unit more.</param>
/// <param name="Jump">What the step adds beside the unit itself; below zero: the bill falls.</param>
public readonly record struct CostCliff(int Units, decimal Before, decimal After, decimal Jump);

/// <summary>Units for which the tariff makes no bill.</summary>
public readonly record struct UnratedUnits(int From, int To, RatingRefusal Refusal);
