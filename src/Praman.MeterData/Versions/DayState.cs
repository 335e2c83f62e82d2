using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;

namespace Praman.MeterData.Versions;

/// <summary>
/// All that is known of one day of one channel: every value that a meter ever gave for an interval, whichever version holds it, and what a
/// person decided of an interval. What is in force is computed from these sets alone, so it does not depend on the order in which they came.
/// </summary>
internal sealed class DayState
{
    // CLOCK is not taken from stored versions: there it may be the meter's own word or V02's. The findings of V09 say which.
    internal const IntervalFlags FromMeter =
        IntervalFlags.Outage | IntervalFlags.TestMode | IntervalFlags.ProgrammingChange | IntervalFlags.Reset;

    private readonly long[] _values;
    private readonly IntervalQuality[] _received; // RAW or MISSING, with the meter's flags
    private readonly IntervalFlags[] _whileMissing;
    private SortedDictionary<int, SortedSet<long>>? _disputes;
    private bool[]? _wasLocked;
    private bool[]? _refused;
    private bool[]? _clockByMeter;
    private (long Value, IntervalQuality Quality)?[]? _byPersons;

    public DayState(ReadingType type, LocalDate day, Instant start, int minutes, int count, sbyte scaler)
    {
        Type = type;
        Day = day;
        Start = start;
        Minutes = minutes;
        Count = count;
        Scaler = scaler;
        _values = new long[count];
        _received = new IntervalQuality[count];
        _whileMissing = new IntervalFlags[count];
        Array.Fill(_received, IntervalQuality.Missing);
    }

    public ReadingType Type { get; }

    public LocalDate Day { get; }

    public Instant Start { get; }

    public int Minutes { get; }

    public int Count { get; }

    public sbyte Scaler { get; }

    /// <summary>The version in force; null where the day has none.</summary>
    public StoredBlock? InForce { get; private set; }

    public long[] InForceValues { get; private set; } = [];

    public IntervalQuality[] InForceQualities { get; private set; } = [];

    /// <summary>What the rules made of the day in this evaluation, before anything was estimated; null where it was not worked on.</summary>
    public (long[] Values, IntervalQuality[] Qualities)? Validated { get; set; }

    /// <summary>What this evaluation made of the day in the end; null where it was not worked on.</summary>
    public IntervalQuality[]? Result { get; set; }

    /// <summary>What estimates of other days may start from: the day as this evaluation sees it, else as it is stored.</summary>
    public (long[] Values, IntervalQuality[] Qualities) Known => Validated ?? (InForceValues, InForceQualities);

    /// <summary>True where the version in force holds estimates: they are made again whenever the day is looked at.</summary>
    public bool HasEstimates { get; private set; }

    /// <summary>True where a stored version holds a refused value or a clock in doubt: whether the meter itself said so stands in the findings of V09.</summary>
    public bool HasDoubtfulHistory { get; private set; }

    /// <summary>True where a reading held the day, were it only to say that its rows are missing.</summary>
    public bool IsReceived { get; private set; }

    /// <summary>Values that no stored version holds.</summary>
    public List<(int Index, long Value)> NewValues { get; } = [];

    /// <summary>Intervals for which the meter gave more than one value (V04), with the values.</summary>
    public IReadOnlyDictionary<int, SortedSet<long>>? Disputes => _disputes;

    /// <summary>True where a new value disputes an older one.</summary>
    public bool IsCorrected { get; private set; }

    public Instant End => Start + Duration.FromMinutes((long)Minutes * Count);

    public Instant StartOf(int index) => Start + Duration.FromMinutes((long)Minutes * index);

    public IntervalBlockHeader Header(UsagePointId usagePoint, int version, BlockCause cause) => new(usagePoint, Type, Start, Minutes, Count, version, cause);

    /// <summary>Takes a stored version; versions come in order.</summary>
    /// <param name="stored">The version.</param>
    /// <param name="supply">Outages by the events that are stored: a flag that they explain is no word of the meter, and goes where they do.</param>
    public void AddStored(StoredBlock stored, SupplyBook supply)
    {
        var values = new long[Count];
        var qualities = new IntervalQuality[Count];
        stored.Block.Decode(values, qualities);
        for (int i = 0; i < Count; i++)
        {
            IntervalQuality quality = qualities[i];
            HasDoubtfulHistory |= quality.State == IntervalState.Failed || (quality.Flags & IntervalFlags.Clock) != 0;
            if (quality.IsByPerson)
            {
                (_byPersons ??= new (long, IntervalQuality)?[Count])[i] = (values[i], quality with { Flags = quality.Flags & FromMeter });
                continue; // no meter gave it
            }
            // Only a person takes back what a person decided: what rules make of the day later leaves it.
            if (stored.Block.Header.Cause == BlockCause.Edit && _byPersons is not null) _byPersons[i] = null;
            if (quality.IsEstimated || !quality.HasValue)
            {
                HasDoubtfulHistory |= _received[i].HasValue; // measured once, refused and estimated since
                IntervalFlags outage = quality.Flags & IntervalFlags.Outage;
                _whileMissing[i] = outage != 0 && supply.IsOff(StartOf(i), StartOf(i + 1)) ? IntervalFlags.None : outage;
                if ((quality.Flags & IntervalFlags.Locked) != 0) (_wasLocked ??= new bool[Count])[i] = true;
                continue;
            }
            Observe(i, values[i], quality.Flags & FromMeter);
        }
        InForce = stored;
        InForceValues = values;
        InForceQualities = qualities;
        HasEstimates = Array.Exists(qualities, quality => quality.IsEstimated);
    }

    /// <summary>The meter's own status refused the interval that starts there.</summary>
    public void Refuse(Instant start) => Mark(ref _refused, IndexOf(start));

    /// <summary>The meter's own status put the clock of the interval that starts there in doubt.</summary>
    public void DoubtClock(Instant start) => Mark(ref _clockByMeter, IndexOf(start));

    /// <summary>Whether the meter's own status refused an interval.</summary>
    /// <remarks><see cref="HasMeterStatus"/> says whether asking is worth it.</remarks>
    public bool IsRefusedByMeter(int index) => _refused?[index] ?? false;

    /// <summary>Whether the meter's own status put an interval's clock in doubt.</summary>
    public bool IsClockDoubtedByMeter(int index) => _clockByMeter?[index] ?? false;

    /// <summary>Whether the meter's own status refused any interval or put its clock in doubt.</summary>
    public bool HasMeterStatus => _refused is not null || _clockByMeter is not null;

    /// <summary>Whether any interval was billed on an estimate.</summary>
    public bool HasLocked => _wasLocked is not null;

    /// <summary>True where a register to which the estimates of the day may have been scaled came or was corrected: they are made again though they were billed.</summary>
    public bool IsUnlocked { get; set; }

    /// <summary>The version that was in force before a person made the next in this evaluation; null where nobody did.</summary>
    public StoredBlock? BeforeEdit { get; private set; }

    /// <summary>Takes the version that a person makes in this evaluation.</summary>
    public void Edit(StoredBlock edited, SupplyBook supply)
    {
        BeforeEdit = InForce;
        AddStored(edited, supply);
    }

    /// <summary>Takes one received interval.</summary>
    public void Receive(int index, long value, IntervalQuality quality)
    {
        IsReceived = true;
        if (!quality.HasValue)
        {
            _whileMissing[index] |= quality.Flags & IntervalFlags.Outage;
            return;
        }
        bool isNew = Observe(index, value, quality.Flags & FromMeter);
        if (quality.State == IntervalState.Failed) Mark(ref _refused, index);
        if ((quality.Flags & IntervalFlags.Clock) != 0) Mark(ref _clockByMeter, index);
        if (!isNew) return;
        if (NewValues.Capacity == 0) NewValues.Capacity = Count;
        NewValues.Add((index, value));
        IsCorrected |= _disputes is not null && _disputes.ContainsKey(index);
    }

    /// <summary>
    /// What came from meters: RAW, FAILED or MISSING with flags; of disputed values the lowest, FAILED. Where a person decided, their value, RAW until
    /// <see cref="RestorePersons"/>.
    /// </summary>
    public void CopyReceived(Span<long> values, Span<IntervalQuality> qualities, SupplyBook supply)
    {
        _values.CopyTo(values);
        _received.CopyTo(qualities);
        for (int i = 0; i < Count; i++)
        {
            if (qualities[i].HasValue)
            {
                if (IsRefusedByMeter(i)) qualities[i] = qualities[i] with { State = IntervalState.Failed };
                if (IsClockDoubtedByMeter(i)) qualities[i] = qualities[i] with { Flags = qualities[i].Flags | IntervalFlags.Clock };
                continue;
            }
            Instant start = StartOf(i);
            bool off = (_whileMissing[i] & IntervalFlags.Outage) != 0 || supply.IsOff(start, StartOf(i + 1));
            qualities[i] = new IntervalQuality(IntervalState.Missing, off ? IntervalFlags.Outage : IntervalFlags.None);
        }
        if (_disputes is not null) CopyDisputed(values, qualities);
        for (int i = 0; _byPersons is not null && i < Count; i++)
        {
            if (_byPersons[i] is not { } decided) continue;
            _disputes?.Remove(i);
            values[i] = decided.Value;
            qualities[i] = new IntervalQuality(IntervalState.Raw, qualities[i].Flags | decided.Quality.Flags);
        }
    }

    private void CopyDisputed(Span<long> values, Span<IntervalQuality> qualities)
    {
        foreach ((int index, SortedSet<long> candidates) in _disputes!)
        {
            values[index] = candidates.Min;
            qualities[index] = qualities[index] with { State = IntervalState.Failed };
        }
    }

    /// <summary>Puts back whose the value is, after the rules ran on it: they tell what they find of it, and decide nothing.</summary>
    public void RestorePersons(Span<long> values, Span<IntervalQuality> qualities)
    {
        for (int i = 0; _byPersons is not null && i < Count; i++)
        {
            if (_byPersons[i] is not { } decided) continue;
            values[i] = decided.Value;
            qualities[i] = qualities[i] with { State = decided.Quality.State };
        }
    }

    /// <summary>True where an interval was billed on an estimate: its measured value is a late actual (E1).</summary>
    public bool WasLocked(int index) => _wasLocked?[index] ?? false;

    private bool Observe(int index, long value, IntervalFlags flags)
    {
        IntervalQuality known = _received[index];
        bool isNew = false;
        if (!known.HasValue)
        {
            known = IntervalQuality.Raw;
            _values[index] = value;
            isNew = true;
        }
        else if (value != _values[index])
        {
            _disputes ??= [];
            if (!_disputes.TryGetValue(index, out SortedSet<long>? candidates)) _disputes[index] = candidates = [_values[index]];
            isNew = candidates.Add(value);
        }
        _received[index] = known with { Flags = known.Flags | flags };
        return isNew;
    }

    private int IndexOf(Instant start)
    {
        long index = (start - Start).BclCompatibleTicks / NodaConstants.TicksPerMinute / Minutes;
        return start >= Start && index < Count ? (int)index : -1;
    }

    private void Mark(ref bool[]? marks, int index)
    {
        if (index >= 0) (marks ??= new bool[Count])[index] = true;
    }
}
