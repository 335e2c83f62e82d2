using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;

namespace Praman.MeterData.Versions;

/// <summary>One meter's part of a stretch of time, with the register blocks that prove its ends.</summary>
internal sealed record MeterStretch(Installation Installation, RegisterBlock Opening, RegisterBlock Closing)
{
    public Instant Start => Opening.Block.Start;

    public Instant End => Closing.Block.Start;
}

/// <summary>Registers of a usage point: which instants are known, and what each meter showed there.</summary>
internal sealed partial class RegisterBook(UsagePointRecord record)
{
    private readonly Dictionary<(ReadingType Type, Instant At, EndDeviceId EndDevice), Entry> _entries = [];

    private uint _quantities;

    private sealed class Entry(RegisterBlock inForce, long value)
    {
        private SortedSet<long>? _values; // where there is more than one

        public RegisterBlock InForce { get; set; } = inForce;

        public long Lowest => _values?.Min ?? value;

        /// <summary>A person entered or accepted the value in force: it is decided, whatever else meters gave or give.</summary>
        public RegisterBlock? ByPerson { get; set; }

        /// <summary>The version that the intervals around chose of several values; null where they choose none.</summary>
        public RegisterBlock? ByIntervals { get; set; }

        /// <summary>All values that meters gave, where there is more than one; null where there is one.</summary>
        public IReadOnlyCollection<long>? Values => _values;

        public bool IsDisputed => _values is not null && ByPerson is null && ByIntervals is null;

        /// <summary>False where the value is known.</summary>
        public bool Add(long next)
        {
            if (next == value) return false;
            return (_values ??= [value]).Add(next);
        }
    }

    /// <summary>Whether any register of this quantity is here, disputed ones and those at removal and installation included.</summary>
    public bool HasAny(ReadingType register) => (_quantities & Bit(register)) != 0;

    private static uint Bit(ReadingType type) => 1u << ((byte)type & 0x1F);

    /// <summary>Adds a stored version; versions of one register come in order.</summary>
    public void Add(RegisterBlock stored)
    {
        var key = (stored.Block.Type, stored.Block.Start, stored.EndDevice);
        _quantities |= Bit(stored.Block.Type);
        Span<long> values = stackalloc long[1];
        Span<IntervalQuality> qualities = stackalloc IntervalQuality[1];
        stored.Block.Decode(values, qualities);
        long value = values[0];
        if (!_entries.TryGetValue(key, out Entry? entry)) _entries[key] = entry = new Entry(stored, value);
        if (qualities[0].IsByPerson)
        {
            entry.ByPerson = stored; // no meter gave it, so it disputes none
        }
        else
        {
            if (stored.Block.Header.Cause == BlockCause.Edit) entry.ByPerson = null; // a person took it back
            entry.Add(value);
            entry.ByIntervals = stored.Block.Header.Cause == BlockCause.Revalidation && qualities[0].State == IntervalState.Valid ? stored : null;
        }
        _hasDisputes |= entry.Values is not null;
        if (stored.Block.Version >= entry.InForce.Block.Version) entry.InForce = stored;
    }

    /// <summary>Adds a reading; gives the versions to append: none where it is known, more where it disputes one (V04).</summary>
    /// <returns>True where it disputes what was known.</returns>
    public bool Add(in RegisterReading reading, List<RegisterBlock> append)
    {
        Instant at = FloorToMinute(reading.At);
        var key = (reading.Type, at, reading.EndDevice);
        if (!_entries.TryGetValue(key, out Entry? entry))
        {
            RegisterBlock first = Make(reading, at, reading.Value, IntervalState.Valid, 0, BlockCause.Received);
            _entries[key] = new Entry(first, reading.Value);
            _quantities |= Bit(reading.Type);
            append.Add(first);
            return false;
        }
        if (!entry.Add(reading.Value)) return false;
        (_hasDisputes, entry.ByIntervals) = (true, null);
        // Both stay as versions; the one in force is refused, and the same whichever came first, where no person decided.
        int version = entry.InForce.Block.Version;
        append.Add(Make(reading, at, reading.Value, IntervalState.Failed, ++version, BlockCause.Correction));
        if (entry.ByPerson is { } decided)
        {
            IntervalState state = decided.Block.Decode().Qualities[0].State;
            append.Add(Make(reading, at, decided.ToReading().Value, state, ++version, BlockCause.Correction) with { Resolution = decided.Resolution });
        }
        else if (reading.Value != entry.Lowest) append.Add(Make(reading, at, entry.Lowest, IntervalState.Failed, ++version, BlockCause.Correction));
        entry.InForce = append[^1];
        return true;
    }

    /// <summary>
    /// Whether the registers of every meter that stood at a local midnight are known there: of the one before it as a closing, of the one
    /// after it as an opening.
    /// </summary>
    public bool IsKnown(ReadingType register, Instant midnight)
    {
        foreach (Installation installation in record.Installations)
        {
            (Instant from, Instant? until) = WholeMinutes(installation);
            bool before = from < midnight && (until is not { } removed || removed >= midnight);
            bool after = from <= midnight && (until is not { } end || end > midnight);
            if (before && Closing(register, installation, midnight) is null) return false;
            if (after && Opening(register, installation, midnight) is null) return false;
        }
        return true;
    }

    /// <summary>The stretches of all meters between two instants, by time; null where a register at an end of one is not known.</summary>
    public List<MeterStretch>? Stretches(ReadingType register, Instant start, Instant end)
    {
        var stretches = new List<MeterStretch>(1);
        foreach (Installation installation in record.Installations)
        {
            // By the minute, as registers are kept: a meter that stood there for seconds of the first minute has no part of its own.
            (Instant from, Instant? until) = WholeMinutes(installation);
            if (from >= end || until <= start) continue;
            RegisterBlock? opening = Opening(register, installation, start), closing = Closing(register, installation, end);
            if (opening is null || closing is null) return null;
            stretches.Add(new MeterStretch(installation, opening, closing));
        }
        return stretches;
    }

    /// <summary>Instants are kept in whole minutes, as blocks hold them.</summary>
    public static Instant FloorToMinute(Instant at) =>
        Instant.FromUnixTimeSeconds(at.ToUnixTimeSeconds() - (((at.ToUnixTimeSeconds() % 60) + 60) % 60));

    private static (Instant From, Instant? Until) WholeMinutes(Installation installation) =>
        (FloorToMinute(installation.From), installation.Until is { } until ? FloorToMinute(until) : null);

    private RegisterBlock? Opening(ReadingType register, Installation installation, Instant start)
    {
        Instant installed = FloorToMinute(installation.From);
        if (installed > start) return Find(AtInstallation(register), installed, installation) ?? Find(register, installed, installation);
        return Find(register, start, installation) ?? (installed == start ? Find(AtInstallation(register), start, installation) : null);
    }

    private RegisterBlock? Closing(ReadingType register, Installation installation, Instant end)
    {
        if (installation.Until is { } until && FloorToMinute(until) is var removed && removed <= end)
        {
            return Find(AtRemoval(register), removed, installation) ?? Find(register, removed, installation);
        }
        return Find(register, end, installation);
    }

    private RegisterBlock? Find(ReadingType type, Instant at, Installation installation) =>
        _entries.TryGetValue((type, at, installation.EndDevice), out Entry? entry) && !entry.IsDisputed ? entry.InForce : null;

    private static ReadingType AtRemoval(ReadingType register) => (ReadingType)(((byte)register & 0x1F) | 0x40);

    private static ReadingType AtInstallation(ReadingType register) => (ReadingType)(((byte)register & 0x1F) | 0x60);

    private static RegisterBlock Make(in RegisterReading reading, Instant at, long value, IntervalState state, int version, BlockCause cause)
    {
        var header = new IntervalBlockHeader(reading.UsagePoint, reading.Type, at, 0, 1, version, cause);
        return new RegisterBlock(IntervalBlock.Create(header, [value], [new IntervalQuality(state)]), reading.EndDevice, Math.Max(1, reading.Resolution));
    }
}
