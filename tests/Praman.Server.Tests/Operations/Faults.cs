using NodaTime;
using Praman.Billing.Stores;
using Praman.Billing.Wallets;
using Praman.MeterData.Ingest;
using Praman.MeterData.Validation;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Merkle;
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

    public virtual ValueTask<IReadOnlyList<ClaimAnswer>> ClaimAsync(Guid run, IReadOnlyList<BillClaim> claims, Instant now, Instant until, CancellationToken cancellationToken) =>
        inner.ClaimAsync(run, claims, now, until, cancellationToken);

    public virtual ValueTask EndClaimsAsync(Guid run, CancellationToken cancellationToken) => inner.EndClaimsAsync(run, cancellationToken);

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

/// <summary>A bill store that claims when all parties of the meeting are ready to, and goes on when all have claimed.</summary>
internal sealed class MeetingBills(IBillStore inner, Barrier meeting) : HandedOnBills(inner)
{
    public override async ValueTask<IReadOnlyList<ClaimAnswer>> ClaimAsync(Guid run, IReadOnlyList<BillClaim> claims, Instant now, Instant until, CancellationToken cancellationToken)
    {
        meeting.SignalAndWait(cancellationToken);
        IReadOnlyList<ClaimAnswer> answers = await base.ClaimAsync(run, claims, now, until, cancellationToken);
        meeting.SignalAndWait(cancellationToken);
        return answers;
    }
}

/// <summary>A bill store of a run that is killed: it takes no bill, and nobody ends the run's claims.</summary>
internal sealed class KilledBills(IBillStore inner) : HandedOnBills(inner)
{
    public override ValueTask AddAsync(IReadOnlyList<IssuedBill> bills, CancellationToken cancellationToken) => throw new IOException("killed");

    public override ValueTask EndClaimsAsync(Guid run, CancellationToken cancellationToken) => ValueTask.CompletedTask;
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

/// <summary>A batch store that gives no whole tree, and no paths of a night where they are said to be damaged.</summary>
internal sealed class FaultyBatches(IBatchStore inner) : IBatchStore
{
    /// <summary>Leaves that do not lead to their root, by batch and index.</summary>
    public HashSet<(long Number, int Index)> Damaged { get; } = [];

    public int Reads { get; private set; }

    public ValueTask<StoredBatch?> CloseAsync(LocalDate date, CancellationToken cancellationToken) => inner.CloseAsync(date, cancellationToken);

    public ValueTask SetEntryAsync(long number, long entry, CancellationToken cancellationToken) => inner.SetEntryAsync(number, entry, cancellationToken);

    public ValueTask<StoredBatch?> FindAsync(long number, CancellationToken cancellationToken) => inner.FindAsync(number, cancellationToken);

    public ValueTask<IReadOnlyList<StoredBatch>> ReadAsync(LocalDate? date, CancellationToken cancellationToken) => inner.ReadAsync(date, cancellationToken);

    public ValueTask<IReadOnlyList<Digest[]>> ReadPathsAsync(long number, IReadOnlyList<int> indexes, CancellationToken cancellationToken)
    {
        Reads++;
        return indexes.Any(index => Damaged.Contains((number, index))) ? throw new StoreException(StoreFault.Damaged, "it does not lead to the root") : inner.ReadPathsAsync(number, indexes, cancellationToken);
    }

    public ValueTask<BatchTree> ReadTreeAsync(long number, CancellationToken cancellationToken) => throw new InvalidOperationException("a run that holds whole trees takes 64 octets a leaf");

    public ValueTask<IReadOnlyList<BlockEvidence?>> FindEvidenceAsync(IReadOnlyList<IntervalBlock> blocks, CancellationToken cancellationToken) => inner.FindEvidenceAsync(blocks, cancellationToken);
}

/// <summary>Wallets of which one home has one, with an entry on every day.</summary>
internal sealed class OneWallet(UsagePointId home) : IWalletStore
{
    public ValueTask CommitAsync(IReadOnlyList<WalletStep> steps, Instant now, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<WalletHead?> FindAsync(UsagePointId usagePoint, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<WalletHead>> ListAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<WalletEntry>> ReadAsync(UsagePointId usagePoint, DateInterval days, CancellationToken cancellationToken) =>
        new(usagePoint == home ? [null!] : Array.Empty<WalletEntry>());
}
