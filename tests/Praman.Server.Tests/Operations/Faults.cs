using NodaTime;
using Praman.Billing.Stores;
using Praman.MeterData.Ingest;
using Praman.MeterData.Validation;
using Praman.Metering;
using Praman.Proof.Logs;
using Praman.Proof.Stores;

namespace Praman.Server.Tests.Operations;

/// <summary>An index whose disk is full for the appends named, counted from 1.</summary>
internal sealed class FaultyIndex(ILogIndex inner, params int[] failing) : ILogIndex
{
    private int _appends;

    public ValueTask AppendAsync(IReadOnlyList<LogIndexEntry> entries, CancellationToken cancellationToken) =>
        failing.Contains(++_appends) ? throw new IOException("no space left") : inner.AppendAsync(entries, cancellationToken);

    public ValueTask<IReadOnlyList<LogIndexEntry>> FindAsync(LogEntryKind kind, string subject, CancellationToken cancellationToken) =>
        inner.FindAsync(kind, subject, cancellationToken);

    public ValueTask<IReadOnlyList<LogIndexEntry>> ReadAsync(long first, int countMax, CancellationToken cancellationToken) =>
        inner.ReadAsync(first, countMax, cancellationToken);
}

/// <summary>A bill store that takes nothing.</summary>
internal sealed class FaultyBills(IBillStore inner) : IBillStore
{
    public ValueTask AddAsync(IReadOnlyList<IssuedBill> bills, CancellationToken cancellationToken) => throw new IOException("no space left");

    public ValueTask<IssuedBill?> FindAsync(string billNo, CancellationToken cancellationToken) => inner.FindAsync(billNo, cancellationToken);

    public ValueTask<IReadOnlyList<BillFacts>> ReadAsync(UsagePointId? usagePoint, int skip, int countMax, CancellationToken cancellationToken) =>
        inner.ReadAsync(usagePoint, skip, countMax, cancellationToken);

    public ValueTask<int> EraseSaltsAsync(UsagePointId usagePoint, LocalDate on, CancellationToken cancellationToken) => inner.EraseSaltsAsync(usagePoint, on, cancellationToken);

    public ValueTask<int> CountWithSaltsAsync(UsagePointId usagePoint, CancellationToken cancellationToken) => inner.CountWithSaltsAsync(usagePoint, cancellationToken);

    public ValueTask<int> CountAsync(CancellationToken cancellationToken) => inner.CountAsync(cancellationToken);
}

/// <summary>A reading store that takes so many appends and no more.</summary>
internal sealed class FaultyReadings(IReadingStore inner, int appendsMax) : IReadingStore
{
    private int _appends;

    public ValueTask<AppendResult> AppendAsync(ReadingBatch batch, CancellationToken cancellationToken) =>
        ++_appends > appendsMax ? throw new IOException("no space left") : inner.AppendAsync(batch, cancellationToken);

    public ValueTask<IReadOnlyList<UsagePointEvidence>> ReadEvidenceAsync(IReadOnlyList<EvidenceQuery> queries, CancellationToken cancellationToken) =>
        inner.ReadEvidenceAsync(queries, cancellationToken);

    public IAsyncEnumerable<StoredBlock> ReadAsync(ChannelId channel, Interval period, Instant knownAt, CancellationToken cancellationToken) =>
        inner.ReadAsync(channel, period, knownAt, cancellationToken);

    public ValueTask<IReadOnlyList<StoredBlock>> ReadVersionsAsync(ChannelId channel, Instant start, CancellationToken cancellationToken) =>
        inner.ReadVersionsAsync(channel, start, cancellationToken);

    public IAsyncEnumerable<StoredFinding> ReadFindingsAsync(UsagePointId? usagePoint, Interval period, CancellationToken cancellationToken) =>
        inner.ReadFindingsAsync(usagePoint, period, cancellationToken);

    public IAsyncEnumerable<RebillProposal> ReadRebillProposalsAsync(UsagePointId? usagePoint, Interval period, CancellationToken cancellationToken) =>
        inner.ReadRebillProposalsAsync(usagePoint, period, cancellationToken);
}
