using System.Collections.Concurrent;
using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Readings;

/// <summary>
/// Of usage points that were asked about: over which days it is known which quantities have registers. A channel whose meter gives no
/// register is asked about every night; the answer is read once and then kept true by every append.
/// </summary>
internal sealed class RegisterPresence(SqliteDatabase database)
{
    private const int KeptMax = 1 << 18;
    private const string Select = "SELECT type FROM register_block WHERE day = ?1 AND usage_point = ?2";

    private readonly ConcurrentDictionary<UsagePointId, Known> _known = new();

    /// <summary>False where no register of this quantity, at removal and installation included, stands in the days [first, last].</summary>
    public bool MayHold(UsagePointId usagePoint, ReadingType register, int first, int last)
    {
        if (_known.Count > KeptMax) _known.Clear();
        Known known = _known.GetOrAdd(usagePoint, static _ => new Known()); // before the rows are read: an append from now on finds it
        lock (known)
        {
            if (!known.Has(register)) Widen(known, usagePoint, first, last);
            return known.Has(register);
        }
    }

    /// <summary>Takes registers that were appended; called after their commit and before it is acknowledged.</summary>
    public void Add(IReadOnlyList<MeterData.Ingest.RegisterBlock> registers)
    {
        foreach (MeterData.Ingest.RegisterBlock register in registers)
        {
            if (_known.TryGetValue(register.Block.UsagePoint, out Known? known)) known.Add(register.Block.Type);
        }
    }

    private void Widen(Known known, UsagePointId usagePoint, int first, int last)
    {
        if (known.Last < known.First)
        {
            Read(known, usagePoint, first, last);
            (known.First, known.Last) = (first, last);
            return;
        }
        if (first < known.First)
        {
            Read(known, usagePoint, first, known.First - 1);
            known.First = first;
        }
        if (last > known.Last)
        {
            Read(known, usagePoint, known.Last + 1, last);
            known.Last = last;
        }
    }

    private void Read(Known known, UsagePointId usagePoint, int first, int last) =>
        database.ReadSnapshot(
            static (session, asked) =>
            {
                using SqliteStatement select = session.Prepare(Select);
                select.Bind(2, unchecked((long)asked.UsagePoint.Number));
                for (int day = asked.First; day <= asked.Last; day++)
                {
                    select.Again().Bind(1, day);
                    while (select.Step()) asked.Known.Add((ReadingType)select.Integer(0));
                }
                return 0;
            },
            (Known: known, UsagePoint: usagePoint, First: first, Last: last));

    /// <summary>The days that were read, and the quantities that have a register there or got one since.</summary>
    private sealed class Known
    {
        private uint _quantities;

        public int First { get; set; }

        public int Last { get; set; } = -1;

        public bool Has(ReadingType type) => (Volatile.Read(ref _quantities) & Bit(type)) != 0;

        public void Add(ReadingType type) => Interlocked.Or(ref _quantities, Bit(type));

        private static uint Bit(ReadingType type) => 1u << ((byte)type & 0x1F);
    }
}
