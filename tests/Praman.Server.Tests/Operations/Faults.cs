using NodaTime;
using Praman.Billing.Stores;
using Praman.MeterData.Ingest;
using Praman.MeterData.Validation;
using Praman.Metering;
using Praman.Proof.Logs;
using Praman.Proof.Stores;
using Praman.Storage;

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

/// <summary>A bill store that hands everything on; a test changes what it needs.</summary>
internal abstract class HandedOnBills(IBillStore inner) : IBillStore
{
    public virtual ValueTask AddAsync(IReadOnlyList<IssuedBill> bills, CancellationToken cancellationToken) => inner.AddAsync(bills, cancellationToken);

    public virtual ValueTask<IssuedBill?> FindAsync(string billNo, CancellationToken cancellationToken) => inner.FindAsync(billNo, cancellationToken);

    public ValueTask<string?> FindOverlapAsync(UsagePointId usagePoint, DateInterval period, CancellationToken cancellationToken) =>
        inner.FindOverlapAsync(usagePoint, period, cancellationToken);

    public ValueTask<IReadOnlyList<BillFacts>> ReadAsync(UsagePointId? usagePoint, int skip, int countMax, CancellationToken cancellationToken) =>
        inner.ReadAsync(usagePoint, skip, countMax, cancellationToken);

    public ValueTask<int> EraseSaltsAsync(UsagePointId usagePoint, LocalDate on, CancellationToken cancellationToken) => inner.EraseSaltsAsync(usagePoint, on, cancellationToken);

    public ValueTask<int> CountWithSaltsAsync(UsagePointId usagePoint, CancellationToken cancellationToken) => inner.CountWithSaltsAsync(usagePoint, cancellationToken);

    public ValueTask<int> CountAsync(CancellationToken cancellationToken) => inner.CountAsync(cancellationToken);
}

/// <summary>A bill store that takes nothing.</summary>
internal sealed class FaultyBills(IBillStore inner) : HandedOnBills(inner)
{
    public override ValueTask AddAsync(IReadOnlyList<IssuedBill> bills, CancellationToken cancellationToken) => throw new IOException("no space left");
}

/// <summary>A bill store that gives bills back changed.</summary>
internal sealed class AlteredBills(IBillStore inner, Func<IssuedBill, IssuedBill> alter) : HandedOnBills(inner)
{
    public override async ValueTask<IssuedBill?> FindAsync(string billNo, CancellationToken cancellationToken) =>
        await base.FindAsync(billNo, cancellationToken) is { } bill ? alter(bill) : null;
}

/// <summary>A bill store that takes its first bills when all parties of the meeting have theirs.</summary>
internal sealed class MeetingBills(IBillStore inner, Barrier meeting) : HandedOnBills(inner)
{
    private bool _hasMet;

    public override ValueTask AddAsync(IReadOnlyList<IssuedBill> bills, CancellationToken cancellationToken)
    {
        if (!_hasMet) meeting.SignalAndWait(cancellationToken);
        _hasMet = true;
        return base.AddAsync(bills, cancellationToken);
    }
}

/// <summary>A bill store that tells, at each call, how many bills of earlier calls are still held by anybody.</summary>
internal sealed class WatchedBills(IBillStore inner) : HandedOnBills(inner)
{
    private readonly List<WeakReference> _earlier = [];

    public List<int> Added { get; } = [];

    public List<int> HeldBefore { get; } = [];

    public override async ValueTask AddAsync(IReadOnlyList<IssuedBill> bills, CancellationToken cancellationToken)
    {
        await base.AddAsync(bills, cancellationToken);
        GC.Collect();
        HeldBefore.Add(_earlier.Count(bill => bill.IsAlive));
        Added.Add(bills.Count);
        _earlier.AddRange(bills.Select(bill => new WeakReference(bill)));
    }
}

/// <summary>A reading store that takes so many appends and no more.</summary>
internal sealed class FaultyReadings(IReadingStore inner, int appendsMax) : IReadingStore
{
    private int _appends;

    /// <summary>The usage point whose readings do not fit their checksums.</summary>
    public UsagePointId? Damaged { get; init; }

    /// <summary>Runs before a usage point is marked as billed.</summary>
    public Func<UsagePointId, Task>? BeforeMark { get; set; }

    public async ValueTask<AppendResult> AppendAsync(ReadingBatch batch, CancellationToken cancellationToken)
    {
        if (BeforeMark is { } interfere && batch.Billed.Count > 0) await interfere(batch.Billed[0].UsagePoint);
        return ++_appends > appendsMax ? throw new IOException("no space left") : await inner.AppendAsync(batch, cancellationToken);
    }

    public ValueTask<IReadOnlyList<UsagePointEvidence>> ReadEvidenceAsync(IReadOnlyList<EvidenceQuery> queries, CancellationToken cancellationToken) =>
        queries.Any(query => query.UsagePoint == Damaged)
            ? throw new StoreException(StoreFault.Damaged, "its checksum does not fit")
            : inner.ReadEvidenceAsync(queries, cancellationToken);

    public ValueTask<bool> HoldsRegisterAsync(EvidenceQuery query, ReadingType register, CancellationToken cancellationToken) =>
        inner.HoldsRegisterAsync(query, register, cancellationToken);

    public IAsyncEnumerable<StoredBlock> ReadAsync(ChannelId channel, Interval period, Instant knownAt, CancellationToken cancellationToken) =>
        inner.ReadAsync(channel, period, knownAt, cancellationToken);

    public ValueTask<IReadOnlyList<StoredBlock>> ReadVersionsAsync(ChannelId channel, Instant start, CancellationToken cancellationToken) =>
        inner.ReadVersionsAsync(channel, start, cancellationToken);

    public IAsyncEnumerable<StoredFinding> ReadFindingsAsync(UsagePointId? usagePoint, Interval period, CancellationToken cancellationToken) =>
        inner.ReadFindingsAsync(usagePoint, period, cancellationToken);

    public IAsyncEnumerable<RebillProposal> ReadRebillProposalsAsync(UsagePointId? usagePoint, Interval period, CancellationToken cancellationToken) =>
        inner.ReadRebillProposalsAsync(usagePoint, period, cancellationToken);
}
