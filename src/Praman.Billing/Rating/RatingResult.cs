using System.Diagnostics.CodeAnalysis;

namespace Praman.Billing.Rating;

/// <summary>A bill, or why there is none.</summary>
public readonly record struct RatingResult
{
    private RatingResult(RatedBill? bill, RatingRefusal? refusal, IReadOnlyList<TraceStep> trace, ExactFraction? derivedLoadKw) =>
        (Bill, Refusal, Trace, DerivedLoadKw) = (bill, refusal, trace, derivedLoadKw);

    public RatedBill? Bill { get; }
    public RatingRefusal? Refusal { get; }

    /// <summary>Figures computed, also before a refusal; empty unless asked for.</summary>
    public IReadOnlyList<TraceStep> Trace { get; }

    /// <summary>Load derived from consumption, also before a refusal.</summary>
    public ExactFraction? DerivedLoadKw { get; }

    [MemberNotNullWhen(true, nameof(Bill))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsRated => Bill is not null;

    internal static RatingResult Of(RatedBill bill) => new(bill, null, bill.Trace, bill.DerivedLoadKw);
    internal static RatingResult Of(RatingRefusal refusal, IReadOnlyList<TraceStep>? trace = null, ExactFraction? load = null) => new(null, refusal, trace ?? [], load);
}
