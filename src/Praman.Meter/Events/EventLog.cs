using NodaTime;

namespace Praman.Meter.Events;

/// <summary>An event: its code, when it truly happened, what the meter's clock showed, and its number within its log.</summary>
public readonly record struct MeterEvent(MeterEventCode Code, Instant At, Instant Shown, uint Sequence);

/// <summary>
/// The seven event logs 0.0.99.98.0 to 6: voltage, current, power, transaction, other, non-rollover and control. Each forgets
/// its oldest when full, except that non-rollover keeps its first.
/// </summary>
public sealed class EventLog
{
    /// <summary>Logs.</summary>
    public const int LogCount = 7;

    /// <summary>Index of the log that never forgets.</summary>
    public const int NonRollover = 5;

    private static readonly int[] Capacities = [70, 70, 40, 20, 60, 20, 60];

    private readonly List<MeterEvent>?[] _logs = new List<MeterEvent>?[LogCount];
    private readonly uint[] _sequences = new uint[LogCount];

    /// <summary>The log that an event goes to, by its number.</summary>
    public static int LogOf(MeterEventCode code) => (int)code switch
    {
        < 51 => 0,
        < 101 => 1,
        < 151 => 2,
        < 201 => 3,
        < 251 => 4,
        < 301 => NonRollover,
        _ => 6,
    };

    /// <summary>Most entries of a log.</summary>
    public static int CapacityOf(int log) => Capacities[log];

    /// <summary>Tampers recorded: magnets and opened covers.</summary>
    public uint TamperCount { get; private set; }

    /// <summary>Tampers that the logs still hold, after <paramref name="from"/> and up to <paramref name="to"/> on the meter's clock.</summary>
    public int TampersWithin(Instant from, Instant to)
    {
        int count = 0;
        foreach (List<MeterEvent>? log in _logs)
        {
            foreach (MeterEvent entry in log ?? []) if (IsTamper(entry.Code) && entry.Shown > from && entry.Shown <= to) count++;
        }
        return count;
    }

    private static bool IsTamper(MeterEventCode code) => code is MeterEventCode.MagnetInfluence or MeterEventCode.CoverOpened;

    /// <summary>Settings changed.</summary>
    public uint ProgrammingCount => _sequences[3];

    /// <summary>Power failures recorded.</summary>
    public uint PowerFailureCount { get; private set; }

    /// <summary>Events of a log, oldest first.</summary>
    public IReadOnlyList<MeterEvent> Of(int log) => _logs[log] ?? (IReadOnlyList<MeterEvent>)[];

    /// <summary>The last event number of a log; 0 where nothing happened.</summary>
    public uint SequenceOf(int log) => _sequences[log];

    /// <summary>Records an event, and says what was recorded.</summary>
    public MeterEvent Add(MeterEventCode code, Instant at, Instant shown)
    {
        int log = LogOf(code);
        if (IsTamper(code)) TamperCount++;
        if (code == MeterEventCode.PowerFailure) PowerFailureCount++;
        List<MeterEvent> events = _logs[log] ??= new(2);
        var entry = new MeterEvent(code, at, shown, ++_sequences[log]);
        if (events.Count == Capacities[log])
        {
            if (log == NonRollover) return entry;
            events.RemoveAt(0);
        }
        events.Add(entry);
        return entry;
    }
}
