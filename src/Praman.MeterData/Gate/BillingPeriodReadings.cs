using NodaTime;
using Praman.MeterData.Ingest;
using Praman.MeterData.Rules;
using Praman.MeterData.Validation;
using Praman.MeterData.Versions;
using Praman.Metering;

namespace Praman.MeterData.Gate;

/// <summary>
/// Assembles what a bill is made of: the day blocks in force, the registers that prove the energy, what is estimated, and whether it may be
/// billed. Marks the period as billed afterwards.
/// </summary>
public sealed class BillingPeriodReadings
{
    private const int AttemptsMax = 4;

    private readonly IReadingStore _store;
    private readonly IUsagePointDirectory _directory;
    private readonly RuleSet _rules;
    private readonly IReleaseStore? _releases;
    private readonly LocalDayGrids _grids;

    /// <param name="store">The readings.</param>
    /// <param name="directory">Which meters stood where.</param>
    /// <param name="rules">The gate's limits.</param>
    /// <param name="releases">Releases of edited readings; without it none stands.</param>
    /// <param name="zones">Time zones of usage points; null takes TZDB.</param>
    public BillingPeriodReadings(
        IReadingStore store, IUsagePointDirectory directory, RuleSet rules, IReleaseStore? releases = null, IDateTimeZoneProvider? zones = null)
    {
        _store = store;
        _releases = releases;
        _directory = directory;
        _rules = rules;
        _grids = new LocalDayGrids(zones ?? DateTimeZoneProviders.Tzdb);
    }

    /// <summary>The import channel of a usage point over local days, both included, as it is known at an instant.</summary>
    /// <param name="usagePoint">Where.</param>
    /// <param name="period">Local days.</param>
    /// <param name="knownAt">Only what was recorded by then; null for everything.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async ValueTask<BillableUsage> UsageForBillingAsync(
        UsagePointId usagePoint, DateInterval period, Instant? knownAt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(period);
        UsagePointRecord? record = await _directory.FindAsync(usagePoint, cancellationToken).ConfigureAwait(false);
        if (record is null)
        {
            return new BillableUsage(usagePoint, period, [], [], 0, 0, 0, 0, BillingGate.Blocked, [GateReason.UsagePoint], _rules.Id, _rules.Sha256);
        }
        LocalDayGrid grid = _grids.Of(record.UsagePoint.TimeZone);
        var query = new EvidenceQuery(usagePoint, grid.Start(period.Start), grid.End(period.End), knownAt ?? Instant.MaxValue);
        IReadOnlyList<UsagePointEvidence> evidence = await _store.ReadEvidenceAsync([query], cancellationToken).ConfigureAwait(false);
        bool hasRegisters = evidence[0].Registers.Any(IsImportRegister) || await HeldRegistersAsync(record, query, cancellationToken).ConfigureAwait(false);
        return await AssembleAsync(record, grid, period, evidence[0], hasRegisters, query.KnownAt, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Records that a bill was made of this usage, and locks its estimates: a later value of the meter makes a new version and a proposal to
    /// bill again, never a silent change. Twice with one bill number is once. A day that has another version in force than the billed one
    /// (it came while the bill was made, or before a run that was cut off was run again) is not locked: the proposal is made here, and so is
    /// that of registers which say something else by now.
    /// </summary>
    /// <param name="usage">The usage as it was billed: its blocks are those of the bill.</param>
    /// <param name="billNumber">Number of the bill.</param>
    /// <param name="billedAt">Time of the mark.</param>
    /// <param name="cancellationToken">Stops the marking.</param>
    /// <exception cref="VersionConflictException">Others appended to these days at each of several attempts; nothing was marked.</exception>
    public async ValueTask MarkBilledAsync(BillableUsage usage, string billNumber, Instant billedAt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(usage);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await MarkBilledOnceAsync(usage, billNumber, billedAt, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (VersionConflictException) when (attempt < AttemptsMax)
            {
                // A reading of one of these days came between the read and the append: what it changed is seen by the next read.
            }
        }
    }

    private async ValueTask MarkBilledOnceAsync(BillableUsage usage, string billNumber, Instant billedAt, CancellationToken cancellationToken)
    {
        UsagePointRecord record = await _directory.FindAsync(usage.UsagePoint, cancellationToken).ConfigureAwait(false)
            ?? throw new ArgumentException($"{usage.UsagePoint} is not known", nameof(usage));
        LocalDayGrid grid = _grids.Of(record.UsagePoint.TimeZone);
        var query = new EvidenceQuery(usage.UsagePoint, grid.Start(usage.Period.Start), grid.End(usage.Period.End), Instant.MaxValue);
        UsagePointEvidence evidence = (await _store.ReadEvidenceAsync([query], cancellationToken).ConfigureAwait(false))[0];
        if (evidence.Billed.Any(period => period.BillNumber == billNumber)) return;
        var inForce = new Dictionary<Instant, IntervalBlock>();
        foreach (StoredBlock stored in evidence.Blocks) if (stored.Block.Type == ReadingType.ImportEnergy) inForce[stored.Block.Start] = stored.Block;
        var locked = new List<IntervalBlock>();
        var versions = new List<BilledVersion>();
        var proposals = new List<RebillProposal>();
        foreach (IntervalBlock block in usage.Blocks)
        {
            int billed = block.Version;
            if (inForce.TryGetValue(block.Start, out IntervalBlock? now) && now.Version > billed)
            {
                proposals.Add(new RebillProposal(usage.UsagePoint, block.Type, block.Start, billNumber, billed, now.Version, block.Sum(), now.Sum()));
            }
            else if (Lock(block) is { } version)
            {
                locked.Add(version);
                billed = version.Version;
            }
            versions.Add(new BilledVersion(block.Start, billed));
        }
        var marked = new BilledPeriod(usage.UsagePoint, ReadingType.ImportEnergy, billNumber, query.First, query.Last) { Versions = versions, EnergyWh = usage.EnergyWh };
        if (evidence.Registers.Where(IsImportRegister).MaxBy(stored => (stored.RecordedAt, stored.Register.Block.Start, stored.Register.Block.Version)) is { } last)
        {
            var reasons = new List<string>();
            List<RegisterSegment> segments = Segments(record, grid, usage.Period, evidence, reasons);
            RebillProposal? changed = PeriodSegments.Compare(marked, usage.Segments.Count > 0 ? usage.Segments : null, reasons.Count == 0 ? segments : null, last.Register);
            if (changed is not null) proposals.Add(changed);
        }
        var batch = new ReadingBatch(billedAt)
        {
            Blocks = locked,
            Billed = [marked],
            RebillProposals = proposals,
        };
        await _store.AppendAsync(batch, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Whether a usage point without any register in the period has one in another: then those of the period are missing, and the intervals
    /// alone do not stand in for them.
    /// </summary>
    private async ValueTask<bool> HeldRegistersAsync(UsagePointRecord record, EvidenceQuery period, CancellationToken cancellationToken)
    {
        Instant first = record.Installations.Count > 0 ? Instant.Min(record.Installations[0].From, period.First) : period.First;
        EvidenceQuery wide = period with { First = first, Last = period.Last + Duration.FromDays(_rules.SpanDaysMax) };
        return await _store.HoldsRegisterAsync(wide, ReadingType.ImportRegister, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsImportRegister(StoredRegister stored) => stored.Register.Block.Type is
        ReadingType.ImportRegister or ReadingType.ImportRegisterAtRemoval or ReadingType.ImportRegisterAtInstallation;

    private async ValueTask<BillableUsage> AssembleAsync(
        UsagePointRecord record, LocalDayGrid grid, DateInterval period, UsagePointEvidence evidence, bool hasRegisters, Instant knownAt, CancellationToken cancellationToken)
    {
        var counts = new Counts();
        var blocks = new List<IntervalBlock>();
        var inForce = new Dictionary<LocalDate, IntervalBlock>();
        foreach (StoredBlock stored in evidence.Blocks)
        {
            if (stored.Block.Type == ReadingType.ImportEnergy) inForce[grid.DayOf(stored.Block.Start)] = stored.Block;
        }
        int minutes = inForce.Count > 0 ? inForce.Values.First().Header.IntervalMinutes : 30;
        foreach (LocalDate day in period)
        {
            if (inForce.TryGetValue(day, out IntervalBlock? block))
            {
                blocks.Add(block);
                counts.Add(block);
            }
            else
            {
                counts.AddAbsent(grid.Count(day, minutes));
            }
        }

        var reasons = new List<string>();
        List<RegisterSegment> segments = hasRegisters ? Segments(record, grid, period, evidence, reasons) : [];
        counts.Segments = segments;
        long energyWh = hasRegisters ? segments.Sum(segment => segment.EnergyWh) : counts.SumWh;
        int editedRegisters = segments.Sum(segment => EditedIn(segment.OpeningBlock) + EditedIn(segment.ClosingBlock));
        decimal energy = energyWh > 0 ? energyWh : Math.Max(1, counts.SumWh);
        EditedReadings? edited = counts.Edited + editedRegisters == 0 ? null : EditedPeriod.Find(_rules.Gate, blocks, segments, evidence, counts.Intervals, energy);
        if (edited is not null && _releases is not null)
        {
            EditRelease? release = await _releases.FindAsync(record.UsagePoint.Id, period, edited.BlocksSha256, cancellationToken).ConfigureAwait(false);
            edited = edited with { Release = release?.At <= knownAt ? release : null };
        }
        BillingGate gate = Judge(counts, energy, hasRegisters, edited, reasons);
        return new BillableUsage(
            record.UsagePoint.Id, period, blocks, segments, energyWh, counts.Intervals, counts.Estimated, counts.EstimatedWh, gate, reasons, _rules.Id,
            _rules.Sha256)
        {
            EditedCount = counts.Edited,
            IntervalsWh = counts.SumWh,
            EditedRegisterCount = editedRegisters,
            Edited = edited,
        };
    }

    private List<RegisterSegment> Segments(
        UsagePointRecord record, LocalDayGrid grid, DateInterval period, UsagePointEvidence evidence, List<string> reasons)
    {
        var book = new RegisterBook(record);
        foreach (StoredRegister register in evidence.Registers) book.Add(register.Register);
        List<RegisterSegment> segments = PeriodSegments.Of(record, new DayPipeline(_rules), book, grid.Start(period.Start), grid.End(period.End), reasons);
        return segments;
    }

    private BillingGate Judge(Counts counts, decimal energyWh, bool hasRegisters, EditedReadings? edited, List<string> reasons)
    {
        GateLimits limits = _rules.Gate;
        decimal intervals = Math.Max(1, counts.Intervals);
        if (counts.Missing / intervals > limits.Missing) reasons.Add(GateReason.Missing);
        if (counts.Failed / intervals > limits.Failed) reasons.Add(GateReason.Failed);
        // What is missing, refused or not scaled yet says by itself why registers and intervals are apart.
        bool isWhole = reasons.Count == 0 && counts.Unscaled / intervals <= limits.Unscaled;
        if (isWhole && !RegisterSegment.AreExplained(counts.Segments, counts.SumWh)) reasons.Add(GateReason.Unassigned);
        if (hasRegisters && counts.Unscaled / intervals > limits.Unscaled) reasons.Add(GateReason.Unscaled);
        if (edited is { Release: null }) reasons.Add(GateReason.Edited); // the last of what blocks
        bool blocked = reasons.Count > 0;
        if (counts.EstimatedWh / energyWh > limits.EstimatedEnergy) reasons.Add(GateReason.EstimatedEnergy);
        if (counts.Estimated / intervals > limits.EstimatedIntervals) reasons.Add(GateReason.EstimatedIntervals);
        return blocked ? BillingGate.Blocked : reasons.Count > 0 ? BillingGate.Provisional : BillingGate.Final;
    }

    private static int EditedIn(IntervalBlock block) => block.Decode().Qualities.Count(quality => quality.IsByPerson);

    private static IntervalBlock? Lock(IntervalBlock block)
    {
        (long[] values, IntervalQuality[] qualities) = block.Decode();
        bool changed = false;
        for (int i = 0; i < qualities.Length; i++)
        {
            if (!qualities[i].IsEstimated || (qualities[i].Flags & IntervalFlags.Locked) != 0) continue;
            qualities[i] = qualities[i] with { Flags = qualities[i].Flags | IntervalFlags.Locked };
            changed = true;
        }
        IntervalBlockHeader next = block.Header with { Version = block.Version + 1, Cause = BlockCause.Estimation };
        return changed ? IntervalBlock.Create(next, values, qualities, block.Scaler) : null;
    }

    /// <summary>Shares of the period, as counts.</summary>
    private sealed class Counts
    {
        public int Intervals { get; private set; }

        public int Missing { get; private set; }

        public int Failed { get; private set; }

        public int Estimated { get; private set; }

        public int Unscaled { get; private set; }

        public int Edited { get; private set; }

        public long EstimatedWh { get; private set; }

        public long SumWh { get; private set; }

        /// <summary>The registers of the period; empty where it has none.</summary>
        public IReadOnlyList<RegisterSegment> Segments { get; set; } = [];

        public void AddAbsent(int intervals)
        {
            Intervals += intervals;
            Missing += intervals;
        }

        public void Add(IntervalBlock block)
        {
            (long[] values, IntervalQuality[] qualities) = block.Decode();
            Intervals += block.Count;
            for (int i = 0; i < block.Count; i++)
            {
                SumWh += values[i];
                switch (qualities[i].State)
                {
                    case IntervalState.Missing: Missing++; break;
                    case IntervalState.Failed or IntervalState.Raw: Failed++; break;
                }
                if (qualities[i].IsByPerson) Edited++;
                if (!qualities[i].IsEstimated) continue;
                Estimated++;
                EstimatedWh += values[i];
                // A zero in an outage is known, not shared out.
                if (qualities[i].State != IntervalState.ZeroOutage && (qualities[i].Flags & IntervalFlags.Scaled) == 0) Unscaled++;
            }
        }
    }
}
