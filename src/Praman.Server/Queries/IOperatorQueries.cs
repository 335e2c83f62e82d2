using NodaTime;
using Praman.Metering;

namespace Praman.Server.Queries;

/// <summary>What the operator's and the auditor's pages ask: counts, meters and bills, no half-hours.</summary>
public interface IOperatorQueries
{
    /// <summary>How many of the expected day blocks came, a row a local day, by day.</summary>
    ValueTask<IReadOnlyList<CoverageDay>> CoverageAsync(LocalDate from, LocalDate to, CancellationToken cancellationToken);

    /// <summary>The newest local day that any meter delivered; null before the first.</summary>
    ValueTask<LocalDate?> LastDayAsync(CancellationToken cancellationToken);

    /// <summary>Meters whose last session failed or whose data are late, the longest silent first.</summary>
    ValueTask<IReadOnlyList<FailingMeter>> FailingMetersAsync(CancellationToken cancellationToken);

    /// <summary>Findings of validation by rule, most frequent first, each with its newest examples.</summary>
    ValueTask<IReadOnlyList<FindingGroup>> FindingsAsync(LocalDate from, LocalDate to, CancellationToken cancellationToken);

    /// <summary>Usage points by number, <paramref name="count"/> from <paramref name="after"/> on (exclusive; null starts at the first).</summary>
    ValueTask<IReadOnlyList<UsagePointRow>> UsagePointsAsync(UsagePointId? after, int count, CancellationToken cancellationToken);

    /// <summary>Bills in the order of the log, newest first, <paramref name="count"/> after the first <paramref name="skip"/>.</summary>
    ValueTask<IssuedBills> BillsAsync(int skip, int count, CancellationToken cancellationToken);
}

/// <summary>Collection of one local day.</summary>
/// <param name="Expected">Day blocks that installed meters owed.</param>
/// <param name="Measured">Of them, complete and measured throughout.</param>
/// <param name="Estimated">Of them, complete with estimates in them.</param>
/// <param name="LateReceived">Of the measured, how many came only after the first night.</param>
public sealed record CoverageDay(LocalDate Day, int Expected, int Measured, int Estimated, int LateReceived)
{
    /// <summary>Owed and not complete.</summary>
    public int Missing => Expected - Measured - Estimated;
}

/// <summary>A meter that needs attention.</summary>
/// <param name="Reason">What the last session ended with, in the head-end's words.</param>
/// <param name="FailureCount">Sessions that failed since the last one that did not.</param>
public sealed record FailingMeter(EndDeviceId EndDevice, UsagePointId UsagePoint, string Reason, int FailureCount, Instant? LastSuccessAt);

/// <summary>Findings of one rule.</summary>
/// <param name="RuleId">As in docs/reference/vee.md: <c>V13</c>.</param>
public sealed record FindingGroup(string RuleId, int Count, int UsagePointCount, IReadOnlyList<FindingRow> Newest);

/// <summary>One finding.</summary>
/// <param name="Measured">What the rule measured; null where it measures nothing.</param>
/// <param name="Limit">What it allows.</param>
public sealed record FindingRow(string RuleId, UsagePointId UsagePoint, LocalDate Day, decimal? Measured, decimal? Limit);

/// <summary>A usage point in a list.</summary>
public sealed record UsagePointRow(UsagePointId Id, string ServicePoint, EndDeviceId? Meter, Instant? LastReadAt, string TariffId);

/// <summary>A page of bills and how many there are.</summary>
public sealed record IssuedBills(IReadOnlyList<BillSummary> Bills, int Total);
