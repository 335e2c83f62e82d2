using NodaTime;
using Praman.MeterData.Ingest;
using Praman.MeterData.Rules;
using Praman.MeterData.Validation;
using Praman.Metering;

namespace Praman.MeterData.Versions;

/// <summary>
/// Works out the versions of one usage point: stored evidence and new readings in, blocks and findings out. No clock, no store, and no
/// order: the same sets of values, registers, checks and events give the same days in force.
/// </summary>
internal sealed partial class UsagePointEvaluation
{
    private readonly UsagePointRecord _record;
    private readonly LocalDayGrid _grid;
    private readonly DayPipeline _pipeline;
    private readonly RuleSet _rules;
    private readonly UsagePointEvidence _evidence;
    private readonly EvidenceQuery _query;
    private readonly BatchBuilder _batch;
    private readonly Instant _recordedAt;

    private readonly Dictionary<(ReadingType Type, LocalDate Day), DayState> _days = [];
    private readonly SortedSet<(ReadingType Type, LocalDate Day)> _affected = [];
    private readonly RegisterBook _registers;
    private readonly ClockBook _clock;
    private readonly SupplyBook _supply;
    private bool _needsHistory;
    private bool _hasSupplyEvent;
    private readonly bool _hasLocked;
    private SortedDictionary<string, (BilledPeriod Period, RegisterBlock Changed)>? _touchedBills;

    public UsagePointEvaluation(
        UsagePointRecord record, LocalDayGrid grid, DayPipeline pipeline, in EvidenceQuery query, UsagePointEvidence evidence, BatchBuilder batch,
        Instant recordedAt)
    {
        _record = record;
        _grid = grid;
        _pipeline = pipeline;
        _rules = pipeline.Rules;
        _query = query;
        _evidence = evidence;
        _batch = batch;
        _recordedAt = recordedAt;
        _registers = new RegisterBook(record);
        _clock = new ClockBook(pipeline, record.Installations);
        _supply = new SupplyBook(record.Installations);
        _clock.Add(evidence.ClockChecks);
        foreach (EndDeviceEvent meterEvent in evidence.Events) _supply.Add(meterEvent);
        foreach (StoredRegister register in evidence.Registers) _registers.Add(register.Register);
        foreach (StoredBlock stored in evidence.Blocks)
        {
            LocalDate day = grid.DayOf(stored.Block.Start);
            if (!_days.TryGetValue((stored.Block.Type, day), out DayState? state))
            {
                IntervalBlock block = stored.Block;
                _days[(block.Type, day)] = state = new DayState(block.Type, day, block.Start, block.Header.IntervalMinutes, block.Count, block.Scaler);
            }
            state.AddStored(stored, _supply);
            _hasLocked |= state.HasLocked;
        }
    }

    private UsagePointId Id => _record.UsagePoint.Id;

    /// <summary>Days that the new readings touch.</summary>
    public IReadOnlyCollection<(ReadingType Type, LocalDate Day)> Affected => _affected;

    /// <summary>True where stored days hold refused values or clocks in doubt: whether the meter itself said so stands in the findings of V09.</summary>
    public bool NeedsRefusals
    {
        get
        {
            if (_affected.Count == 0) return false;
            foreach (DayState state in _days.Values) if (state.HasDoubtfulHistory) return true;
            return false;
        }
    }

    /// <summary>
    /// True where the evidence at hand is too narrow: estimates are made again, or a clock or supply event reaches back. <see cref="Wide"/> says
    /// what to read. Where it is false, <see cref="RegistersSought"/> may still ask for it.
    /// </summary>
    public bool NeedsHistory
    {
        get
        {
            // What intervals choose between values of a register, those of the days around decide, up to the next known register.
            if (_needsHistory || _registers.HasDisputes) return true;
            foreach ((ReadingType type, LocalDate day) in _affected)
            {
                if (_days.TryGetValue((type, day), out DayState? state) && state.HasEstimates) return true;
                if (IsEstimatedUpTo(type, day.PlusDays(-1), 1) || IsEstimatedUpTo(type, day.PlusDays(1), -1)) return true;
                if (Sought(type, day) is not { } register) continue;
                // A supply event looks at every day in the evidence; and a register that is here may have a partner further away.
                if (_hasSupplyEvent || _registers.HasAny(register)) return true;
            }
            return false;
        }
    }

    /// <summary>
    /// Registers that affected days lack and of which none is in the evidence at hand; null where there are none. Where the store has none of
    /// them in the period of <see cref="Wide"/> either, each of these days stands alone, and a wider read would change nothing.
    /// </summary>
    public List<ReadingType>? RegistersSought()
    {
        List<ReadingType>? sought = null;
        foreach ((ReadingType type, LocalDate day) in _affected)
        {
            if (Sought(type, day) is { } register && sought?.Contains(register) != true) (sought ??= []).Add(register);
        }
        return sought;
    }

    private ReadingType? Sought(ReadingType type, LocalDate day) =>
        type.Register() is { } register && (!_registers.IsKnown(register, _grid.Start(day)) || !_registers.IsKnown(register, _grid.End(day))) ? register : null;

    /// <summary>A query that reaches as far as estimates, spans and like days do.</summary>
    public EvidenceQuery Wide()
    {
        LocalDate first = _grid.DayOf(_query.First), last = _grid.DayOf(_query.Last);
        EvidenceQuery wide = WideQuery(_grid, _rules, Id, first, last, _query.KnownAt);
        foreach (DisputedRegister disputed in _registers.Disputed())
        {
            foreach (BilledPeriod period in BillsAt(ChannelOf(disputed.Type), disputed.At)) wide = wide with { First = Instant.Min(wide.First, period.Start), Last = Instant.Max(wide.Last, period.End) };
        }
        if (_touchedBills is null) return wide;
        foreach ((BilledPeriod period, _) in _touchedBills.Values)
        {
            wide = wide with { First = Instant.Min(wide.First, period.Start), Last = Instant.Max(wide.Last, period.End) };
        }
        return wide;
    }

    /// <summary>Every day that a span around these days can hold.</summary>
    public Interval SpanAround(LocalDate first, LocalDate last) =>
        new(_grid.Start(first.PlusDays(-_rules.SpanDaysMax)), _grid.End(last.PlusDays(_rules.SpanDaysMax)));

    public static EvidenceQuery WideQuery(LocalDayGrid grid, RuleSet rules, UsagePointId usagePoint, LocalDate first, LocalDate last, Instant knownAt)
    {
        int back = Math.Max(rules.LikeDayLookbackDays, 1) + rules.SpanDaysMax;
        return new EvidenceQuery(usagePoint, grid.Start(first.PlusDays(-back)), grid.End(last.PlusDays(rules.SpanDaysMax)), knownAt);
    }

    /// <summary>Tells which intervals the meter itself had refused or doubted.</summary>
    public void AddRefusals(IEnumerable<StoredFinding> findings)
    {
        foreach (StoredFinding finding in findings)
        {
            if (finding.Finding.Rule != RuleId.DeviceStatus) continue;
            if (!_days.TryGetValue((finding.Type, _grid.DayOf(finding.DayStart)), out DayState? state)) continue;
            if (finding.Finding.Note == DeviceStatusCheck.NotValid) state.Refuse(finding.Finding.At);
            if (finding.Finding.Note == DeviceStatusCheck.ClockDoubted) state.DoubtClock(finding.Finding.At);
        }
    }

    /// <summary>Takes one reading: receipt rules, then values into their days.</summary>
    public void Add(MeterReading reading)
    {
        if (reading.ClockDrift is { } drift) AddClockCheck(new ClockCheck(Id, reading.EndDevice, reading.ReadAt, drift));
        foreach (EndDeviceEvent meterEvent in reading.Events) AddEvent(meterEvent);
        foreach (RegisterReading register in reading.Registers) AddRegister(register);
        foreach (IntervalBlock block in reading.Blocks) AddBlock(reading.EndDevice, block);
    }

    /// <summary>
    /// Takes a person's version of a day that is in the evidence, the next after the one in force. The days beside it are worked on where their estimates
    /// reach the midnight between: the value that they start from may be another.
    /// </summary>
    public void Edit(IntervalBlock block)
    {
        LocalDate day = _grid.DayOf(block.Start);
        _days[(block.Type, day)].Edit(new StoredBlock(block, _recordedAt), _supply);
        _batch.Blocks.Add(block);
        Touch(block.Type, day);
        foreach (int side in (ReadOnlySpan<int>)[-1, 1])
        {
            if (IsEstimatedUpTo(block.Type, day.PlusDays(side), -side)) Touch(block.Type, day.PlusDays(side));
        }
    }

    private void AddClockCheck(in ClockCheck check)
    {
        Interval? changes = _clock.Changes(check);
        if (!_clock.Add(check, _recordedAt)) return;
        _batch.ClockChecks.Add(check);
        if (changes is not { } stretch) return;
        _needsHistory = true;
        foreach (DayState state in _days.Values)
        {
            if (state.Start < stretch.End && state.End > stretch.Start) _affected.Add((state.Type, state.Day));
        }
    }

    private void AddEvent(in EndDeviceEvent meterEvent)
    {
        if (!_supply.Add(meterEvent)) return;
        _batch.Events.Add(meterEvent);
        if (meterEvent.Code is not (SupplyBook.PowerFailure or SupplyBook.PowerRestoration)) return;
        _hasSupplyEvent = true;
        foreach (DayState state in _days.Values)
        {
            if (Array.Exists(state.InForceQualities, quality => !quality.HasValue || quality.IsEstimated)) _affected.Add((state.Type, state.Day));
        }
    }

    private void AddRegister(in RegisterReading register)
    {
        Instant at = RegisterBook.FloorToMinute(register.At);
        EndDeviceId device = register.EndDevice;
        bool stoodThere = false;
        foreach (Installation i in _record.Installations)
        {
            stoodThere |= i.EndDevice == device && RegisterBook.FloorToMinute(i.From) <= at && (i.Until is not { } until || at <= until);
        }
        if (!stoodThere || !register.Type.IsRegister())
        {
            var block = IntervalBlock.CreateRegister(Id, register.Type, at, register.Value, new IntervalQuality(IntervalState.Failed));
            PutAside(register.EndDevice, block, RuleId.Identity, "other-meter");
            return;
        }
        ReadingType type = ChannelOf(register.Type);
        Span[] stretches = StretchesAt(type, at);
        int before = _batch.Registers.Count;
        if (_registers.Add(register, _batch.Registers))
        {
            Find(register.Type, at, null, new Finding(RuleId.Duplicate, Severity.Fail, at, register.Value, null, DisputedRegisterNote));
        }
        if (_batch.Registers.Count > before) RegisterChanged(type, at, stretches);
    }

    /// <summary>The channel of a register's quantity.</summary>
    private static ReadingType ChannelOf(ReadingType register) => (ReadingType)((byte)register & 0x1F);

    /// <summary>The stretches beside a register as they are before it changes: billed estimates in them were scaled to registers that will no longer be all there are.</summary>
    private Span[] StretchesAt(ReadingType type, Instant at) => _hasLocked ? [SpanOf(type, _grid.DayOf(at).PlusDays(-1)), SpanOf(type, _grid.DayOf(at))] : [];

    /// <summary>The days beside a register that changed are worked out again; its last version is the last that is appended.</summary>
    private void RegisterChanged(ReadingType type, Instant at, Span[] stretchesBefore)
    {
        LocalDate day = _grid.DayOf(at);
        if (_days.ContainsKey((type, day.PlusDays(-1)))) _affected.Add((type, day.PlusDays(-1)));
        if (_days.ContainsKey((type, day))) _affected.Add((type, day));
        foreach (Span stretch in stretchesBefore) Unlock(stretch);
        TouchBills(type, at, _batch.Registers[^1]);
    }

    private void Unlock(Span stretch)
    {
        for (LocalDate day = stretch.First; day <= stretch.Last; day = day.PlusDays(1))
        {
            if (!_days.TryGetValue((stretch.Type, day), out DayState? state) || !state.HasLocked) continue;
            state.IsUnlocked = true;
            _affected.Add((stretch.Type, day));
        }
    }

    /// <summary>Bills of periods at whose ends or within which a register changed; of several the last, so that the order in which they came does not matter.</summary>
    private void TouchBills(ReadingType type, Instant at, RegisterBlock changed)
    {
        foreach (BilledPeriod period in BillsAt(type, at))
        {
            _needsHistory = true; // all registers of the period are compared
            _touchedBills ??= new(StringComparer.Ordinal);
            bool isLast = !_touchedBills.TryGetValue(period.BillNumber, out var known) || Place(changed).CompareTo(Place(known.Changed)) > 0;
            if (isLast) _touchedBills[period.BillNumber] = (period, changed);
        }

        static (Instant, byte, string, int) Place(RegisterBlock register) =>
            (register.Block.Start, (byte)register.Block.Type, register.EndDevice.Serial, register.Block.Version);
    }

    /// <summary>Bills of periods at whose ends or within which an instant lies.</summary>
    private IEnumerable<BilledPeriod> BillsAt(ReadingType type, Instant at) => _evidence.Billed.Where(period => period.Type == type && at >= period.Start && at <= period.End);

    private void Find(ReadingType type, Instant dayStart, int? version, in Finding finding) =>
        _batch.Findings.Add(new StoredFinding(Id, type, dayStart, version, finding));

    private void PutAside(EndDeviceId device, IntervalBlock block, RuleId rule, string note)
    {
        _batch.Quarantine.Add(new QuarantinedBlock(device, block, rule));
        Find(block.Type, _grid.Start(_grid.DayOf(block.Start)), null, new Finding(rule, Severity.Fail, block.Start, Note: note));
    }
}
