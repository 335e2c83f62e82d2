using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Cosem;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Stores;
using Praman.Metering;

namespace Praman.HeadEnd.Collection;

public sealed partial class MeterReader
{
    /// <summary>What one session gathers for one installation.</summary>
    private sealed class OneReading(Installation installation)
    {
        public Installation Installation { get; } = installation;

        public List<IntervalBlock> Blocks { get; } = [];

        public List<RegisterReading> Registers { get; } = [];

        public List<DayCount> Days { get; } = [];
    }

    /// <summary>What one session gathers.</summary>
    private sealed class Work(ReadOrder order, Instant start)
    {
        public Instant DailyUntil = Instant.FromUnixTimeSeconds(0);

        public ReadOrder Order { get; } = order;

        public InventoryMeter Meter { get; private set; } = order.Meter;

        /// <summary>The meter with what the session taught; null where nothing.</summary>
        public InventoryMeter? Learned { get; private set; }

        public Instant Start { get; } = start;

        public Instant Until { get; set; } = order.Until;

        public Instant BlockLoadUntil { get; set; } = Instant.FromUnixTimeSeconds(0);

        public CosemDateTime ClockTime { get; set; } = CosemDateTime.Wildcard;

        public Offset Offset { get; set; }

        public Duration? Drift { get; set; }

        public bool ClockWasSet { get; set; }

        public ProfileLayouts? Layouts { get; set; }

        /// <summary>Where the meter's event sequences stand; −1 where it did not say.</summary>
        public long[] Sequences { get; } = new long[CollectionProgress.EventProfileCount];

        /// <summary>The last event read of each profile, now or before: what is not read stays to be read.</summary>
        public long[] EventsRead { get; } =
            [.. Enumerable.Range(0, CollectionProgress.EventProfileCount).Select(log => order.Progress is { } known && log < known.EventSequences.Count ? Math.Max(0, known.EventSequences[log]) : 0)];

        public List<OneReading> Readings { get; } = [];

        public List<EndDeviceEvent> Events { get; } = [];

        /// <summary>Days that this session asked for again.</summary>
        public HashSet<LocalDate> Reread { get; } = [];

        /// <summary>Each time by the zone's rules as of that time: a range may hold the day on which clocks change.</summary>
        public TimestampRule Rule => new((short)(Offset.Seconds / 60)) { Zone = Order.Zone };

        public Offset OffsetAt(Instant at) => Order.Zone.GetUtcOffset(at);

        public void Learn(InventoryMeter meter)
        {
            Meter = meter;
            Learned = meter;
        }
    }
}
