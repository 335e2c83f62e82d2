using NodaTime;
using Praman.Metering;

namespace Praman.Server.Queries;

/// <summary>What a consumer's pages ask. The caller has checked that the person may see the usage point.</summary>
public interface IConsumerQueries
{
    /// <summary>Master data with the meter that stands there; null where the usage point is not known.</summary>
    ValueTask<UsagePointFacts?> FindUsagePointAsync(UsagePointId id, CancellationToken cancellationToken);

    /// <summary>The versions in force of a channel for local days from <paramref name="from"/> up to and with <paramref name="to"/>, by start; a day not held is absent.</summary>
    ValueTask<IReadOnlyList<IntervalBlock>> BlocksAsync(ChannelId channel, LocalDate from, LocalDate to, CancellationToken cancellationToken);

    /// <summary>Bills of the usage point, newest first.</summary>
    ValueTask<IReadOnlyList<BillSummary>> BillsAsync(UsagePointId id, CancellationToken cancellationToken);

    /// <summary>One bill by its number with the octets of its files; null where there is none.</summary>
    ValueTask<BillFiles?> FindBillAsync(string billNo, CancellationToken cancellationToken);

    /// <summary>What the days of a period would cost on the tariff in force, in whole minor units; null where no estimate can be made.</summary>
    ValueTask<Money?> CostAsync(UsagePointId id, LocalDate from, LocalDate to, CancellationToken cancellationToken);

    /// <summary>
    /// What a usage point owed at the end of a day, in whole minor units, deposit and what is not billed yet apart; below zero: paid in advance. Null where no account of it is kept.
    /// </summary>
    ValueTask<long?> DuesAsync(UsagePointId id, string currency, LocalDate day, CancellationToken cancellationToken);

    /// <summary>The published source behind a rate, by the id that stands on a bill line; null where it is not held.</summary>
    ValueTask<TariffSource?> FindSourceAsync(string sourceId, CancellationToken cancellationToken);
}

/// <summary>A usage point as the pages show it.</summary>
/// <param name="Utility">Who supplies it.</param>
/// <param name="Meter">The meter that stands there now; null where none does.</param>
/// <param name="LastReadAt">When the meter last answered; null where it never did.</param>
/// <param name="LastDay">The newest local day of which a block is held; null where none is.</param>
public sealed record UsagePointFacts(UsagePoint UsagePoint, string Utility, Installation? Meter, Instant? LastReadAt, LocalDate? LastDay)
{
    /// <summary>The zone whose local days are shown and billed.</summary>
    /// <exception cref="NodaTime.TimeZones.DateTimeZoneNotFoundException">The master data names no zone of TZDB.</exception>
    public DateTimeZone Zone => DateTimeZoneProviders.Tzdb[UsagePoint.TimeZone];
}

/// <summary>A bill in a list.</summary>
/// <param name="Total">What is asked for.</param>
/// <param name="EnergyWh">Energy billed.</param>
/// <param name="EstimatedWh">Of it, in estimated intervals.</param>
/// <param name="IsProvisional">Too much of it is estimated for a final bill.</param>
/// <param name="LogIndex">The bill's entry in the public log.</param>
public sealed record BillSummary(
    string BillNo, UsagePointId UsagePoint, DateInterval Period, LocalDate Issued, Money Total, long EnergyWh, long EstimatedWh, bool IsProvisional, long LogIndex)
{
    /// <summary>Number of the bill that this document takes back; null: it is a bill.</summary>
    public string? Reverses { get; init; }

    /// <summary>Number of the bill that this one stands in the place of; null: it is the first of its days.</summary>
    public string? Revises { get; init; }

    /// <summary>Number of the reversal that took it back; null: it stands.</summary>
    public string? ReversedBy { get; init; }

    /// <summary>A bill that was not taken back.</summary>
    public bool IsInForce => Reverses is null && ReversedBy is null;
}

/// <summary>The three files of a bill as they were made, octet for octet (docs/reference/proof-format.md).</summary>
public sealed record BillFiles(string BillNo, UsagePointId UsagePoint, ReadOnlyMemory<byte> Bill, ReadOnlyMemory<byte> Proof, ReadOnlyMemory<byte> Evidence)
{
    /// <summary>The versions whose release the bill was made under (<see cref="EditRelease.BlocksSha256"/>); null where it needed none.</summary>
    public string? ReleasedBlocks { get; init; }

    /// <summary>Number of the reversal that took the bill back; null: it stands.</summary>
    public string? ReversedBy { get; init; }
}

/// <summary>Where a rate was published.</summary>
/// <param name="Kind"><c>primary</c> for an order, <c>secondary</c> for a report of one.</param>
public sealed record TariffSource(string Id, string Title, string? Url, string? Publisher, string? Date, string? Kind);
