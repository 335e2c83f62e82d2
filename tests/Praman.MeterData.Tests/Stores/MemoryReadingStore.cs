using System.Runtime.CompilerServices;
using NodaTime;
using Praman.MeterData.Ingest;
using Praman.MeterData.Rules;
using Praman.MeterData.Validation;
using Praman.Metering;

namespace Praman.MeterData.Tests.Stores;

/// <summary>A whole store in memory, with the keys, the order and the idempotency that <see cref="IReadingStore"/> asks for.</summary>
internal sealed class MemoryReadingStore : IReadingStore
{
    private static readonly Duration EventMargin = Duration.FromDays(7);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<(ulong UsagePoint, byte Type, Instant Start, int Version), StoredBlock> _blocks = [];
    private readonly SortedDictionary<(ulong UsagePoint, byte Type, Instant Start, string Device, int Version), StoredRegister> _registers = [];
    private readonly Dictionary<(UsagePointId, EndDeviceId, Instant), StoredClockCheck> _checks = [];
    private readonly HashSet<EndDeviceEvent> _events = [];
    private readonly Dictionary<(UsagePointId, ReadingType, Instant, int?, RuleId, Severity, Instant, string), StoredFinding> _findings = [];
    private readonly HashSet<(EndDeviceId, IntervalBlock, RuleId)> _quarantine = [];
    private readonly Dictionary<string, BilledPeriod> _billed = [];
    private readonly Dictionary<(UsagePointId, ReadingType, Instant, string, int), RebillProposal> _proposals = [];
    private readonly Dictionary<(UsagePointId, ReadingType, Instant, EndDeviceId?, int), ReadingEdit> _edits = [];

    /// <summary>Appends that stored a block or a register.</summary>
    public int AppendCount { get; private set; }

    /// <summary>Fails the next append as another writer would make it fail.</summary>
    public int ConflictsToCome { get; set; }

    /// <summary>Answers that any register may be there, as a store without an index does.</summary>
    public bool KnowsNothingCheaply { get; set; }

    /// <summary>Days of evidence that were read.</summary>
    public int EvidenceDaysRead { get; private set; }

    public IReadOnlyCollection<StoredBlock> Blocks => _blocks.Values;

    public IReadOnlyCollection<StoredRegister> Registers => _registers.Values;

    public IReadOnlyCollection<StoredFinding> Findings => _findings.Values;

    public int QuarantineCount => _quarantine.Count;

    public ValueTask<AppendResult> AppendAsync(ReadingBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (ConflictsToCome > 0)
            {
                ConflictsToCome--;
                throw new VersionConflictException("another writer was faster");
            }
            foreach (IntervalBlock block in batch.Blocks)
            {
                if (_blocks.TryGetValue(Key(block), out StoredBlock? known) && !known.Block.Equals(block)) throw new VersionConflictException($"{block.Header}");
            }
            foreach (RegisterBlock register in batch.Registers)
            {
                if (_registers.TryGetValue(Key(register), out StoredRegister? known) && known.Register != register) throw new VersionConflictException($"{register.Block.Header}");
            }
            int appended = 0, already = 0;
            foreach (IntervalBlock block in batch.Blocks)
            {
                if (_blocks.TryAdd(Key(block), new StoredBlock(block, batch.RecordedAt))) appended++;
                else already++;
            }
            foreach (RegisterBlock register in batch.Registers)
            {
                if (_registers.TryAdd(Key(register), new StoredRegister(register, batch.RecordedAt))) appended++;
                else already++;
            }
            foreach (ClockCheck check in batch.ClockChecks) _checks.TryAdd((check.UsagePoint, check.EndDevice, check.At), new StoredClockCheck(check, batch.RecordedAt));
            _events.UnionWith(batch.Events);
            foreach (StoredFinding f in batch.Findings)
            {
                _findings.TryAdd((f.UsagePoint, f.Type, f.DayStart, f.Version, f.Finding.Rule, f.Finding.Severity, f.Finding.At, f.Finding.Note), f);
            }
            foreach (QuarantinedBlock aside in batch.Quarantine) _quarantine.Add((aside.EndDevice, aside.Block, aside.Rule));
            foreach (BilledPeriod period in batch.Billed) _billed.TryAdd(period.BillNumber, period);
            foreach (RebillProposal p in batch.RebillProposals) _proposals.TryAdd((p.UsagePoint, p.Type, p.DayStart, p.BillNumber, p.NewVersion), p);
            foreach (ReadingEdit e in batch.Edits) _edits.TryAdd((e.UsagePoint, e.Type, e.Start, e.EndDevice, e.Version), e);
            if (appended > 0) AppendCount++;
            return ValueTask.FromResult(new AppendResult(appended, already));
        }
    }

    public ValueTask<IReadOnlyList<UsagePointEvidence>> ReadEvidenceAsync(IReadOnlyList<EvidenceQuery> queries, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            EvidenceDaysRead += queries.Sum(query => (int)Math.Round((query.Last - query.First).TotalDays, MidpointRounding.AwayFromZero));
            return ValueTask.FromResult<IReadOnlyList<UsagePointEvidence>>([.. queries.Select(Read)]);
        }
    }

    public ValueTask<bool> MayHoldRegistersAsync(EvidenceQuery query, ReadingType register, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(KnowsNothingCheaply || _registers.Keys.Any(key =>
                key.UsagePoint == query.UsagePoint.Number && (key.Type & 0x1F) == ((byte)register & 0x1F) && key.Start >= query.First && key.Start <= query.Last));
        }
    }

    public ValueTask<bool> HoldsRegisterAsync(EvidenceQuery query, ReadingType register, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(_registers.Any(one =>
                one.Key.UsagePoint == query.UsagePoint.Number && (one.Key.Type & 0x1F) == ((byte)register & 0x1F) && one.Key.Start >= query.First && one.Key.Start <= query.Last
                && one.Value.RecordedAt <= query.KnownAt));
        }
    }

    public async IAsyncEnumerable<StoredBlock> ReadAsync(
        ChannelId channel, Interval period, Instant knownAt, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        List<StoredBlock> found;
        lock (_gate)
        {
            found = [.. _blocks.Values
                .Where(s => s.Block.Header.Channel == channel && period.Contains(s.Block.Start) && s.RecordedAt <= knownAt)
                .GroupBy(s => s.Block.Start).Select(versions => versions.Last())];
        }
        foreach (StoredBlock stored in found) yield return stored;
    }

    public ValueTask<IReadOnlyList<StoredBlock>> ReadVersionsAsync(ChannelId channel, Instant start, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<StoredBlock>>([.. _blocks.Values.Where(s => s.Block.Header.Channel == channel && s.Block.Start == start)]);
        }
    }

    public async IAsyncEnumerable<StoredFinding> ReadFindingsAsync(
        UsagePointId? usagePoint, Interval period, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        List<StoredFinding> found;
        lock (_gate)
        {
            found = [.. _findings.Values.Where(f => (usagePoint is null || f.UsagePoint == usagePoint) && period.Contains(f.DayStart))
                .OrderBy(f => f.DayStart).ThenBy(f => f.UsagePoint).ThenBy(f => f.Type).ThenBy(f => f.Version ?? -1).ThenBy(f => f.Finding.Rule.Code, StringComparer.Ordinal)];
        }
        foreach (StoredFinding finding in found) yield return finding;
    }

    public async IAsyncEnumerable<RebillProposal> ReadRebillProposalsAsync(
        UsagePointId? usagePoint, Interval period, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        List<RebillProposal> found;
        lock (_gate) found = [.. _proposals.Values.Where(p => (usagePoint is null || p.UsagePoint == usagePoint) && period.Contains(p.DayStart))];
        foreach (RebillProposal proposal in found) yield return proposal;
    }

    /// <summary>The version in force of a day; null where it has none.</summary>
    public IntervalBlock? InForce(UsagePointId usagePoint, Instant start, ReadingType type = ReadingType.ImportEnergy)
    {
        lock (_gate) return _blocks.Values.LastOrDefault(s => s.Block.UsagePoint == usagePoint && s.Block.Type == type && s.Block.Start == start)?.Block;
    }

    private UsagePointEvidence Read(EvidenceQuery query) => new(query.UsagePoint)
    {
        Blocks = [.. _blocks.Values.Where(s => s.Block.UsagePoint == query.UsagePoint
            && s.Block.Start >= query.First && s.Block.Start < query.Last && s.RecordedAt <= query.KnownAt)],
        Registers = [.. _registers.Values.Where(s => s.Register.Block.UsagePoint == query.UsagePoint
            && s.Register.Block.Start >= query.First && s.Register.Block.Start <= query.Last && s.RecordedAt <= query.KnownAt)],
        ClockChecks = [.. _checks.Values.Where(s => s.Check.UsagePoint == query.UsagePoint && s.Check.At >= query.First && s.RecordedAt <= query.KnownAt)
            .OrderBy(s => s.Check.At)],
        Events = [.. _events.Where(e => e.UsagePoint == query.UsagePoint && e.At >= Earlier(query.First) && e.At <= Later(query.Last))
            .OrderBy(e => e.At).ThenBy(e => e.Sequence).ThenBy(e => e.Code)],
        Billed = [.. _billed.Values.Where(b => b.UsagePoint == query.UsagePoint && b.Start < query.Last && b.End > query.First).OrderBy(b => b.Start)],
        Edits = [.. _edits.Values.Where(e => e.UsagePoint == query.UsagePoint && e.Start >= query.First && e.Start <= query.Last)
            .OrderBy(e => e.Start).ThenBy(e => e.Type).ThenBy(e => e.EndDevice?.Serial, StringComparer.Ordinal).ThenBy(e => e.Version)],
    };

    private static Instant Earlier(Instant at) => at - EventMargin;

    private static Instant Later(Instant at) => at + EventMargin;

    private static (ulong, byte, Instant, int) Key(IntervalBlock block) => (block.UsagePoint.Number, (byte)block.Type, block.Start, block.Version);

    private static (ulong, byte, Instant, string, int) Key(RegisterBlock register) =>
        (register.Block.UsagePoint.Number, (byte)register.Block.Type, register.Block.Start, register.EndDevice.Serial, register.Block.Version);
}
