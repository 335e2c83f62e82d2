using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Readings;

/// <summary>Queries over blocks and registers. Each row is checked before it is handed on: its checksum, its form and that it is what its key says.</summary>
internal static class ReadingQueries
{
    private const string BlockColumns = "SELECT day, usage_point, type, minute, version, bytes, checksum, leaf FROM block";
    private const string OfChannelDay = $"{BlockColumns} WHERE day = ?1 AND usage_point = ?2 AND type = ?3";
    private const string OfUsagePointDay = $"{BlockColumns} WHERE day = ?1 AND usage_point = ?2";
    private const string OfUsagePointsDay = $"{BlockColumns} WHERE day = ?1 AND usage_point BETWEEN ?2 AND ?3";
    private const string OfFleetDay = $"{BlockColumns} WHERE day = ?1 AND usage_point > ?2 AND type = ?3 ORDER BY usage_point LIMIT ?4";

    private const string RegisterColumns =
        """
        SELECT day, usage_point, type, minute, version, bytes, checksum, leaf, (SELECT serial FROM device WHERE id = device), resolution FROM register_block
        """;

    private const string RegistersOfUsagePointDay = $"{RegisterColumns} WHERE day = ?1 AND usage_point = ?2";
    private const string RegistersOfUsagePointsDay = $"{RegisterColumns} WHERE day = ?1 AND usage_point BETWEEN ?2 AND ?3";

    /// <summary>
    /// Registers of a quantity in the days ?2 to ?3, the latest day first, by the keys of their table alone. A row is taken when it is asked for:
    /// days before the first that answers are not looked at.
    /// </summary>
    internal const string RegistersHeld =
        """
        WITH RECURSIVE days (day) AS (SELECT ?3 WHERE ?3 >= ?2 UNION ALL SELECT day - 1 FROM days WHERE day > ?2)
        SELECT days.day, minute, leaf FROM days CROSS JOIN register_block
        WHERE register_block.day = days.day AND usage_point = ?1 AND type IN (?4, ?5, ?6)
        """;

    /// <summary>Whether a register of this quantity stands in [First, Last] of the query, recorded by the instant at which it asks.</summary>
    public static bool HoldsRegister(ReceiptTimes receipts, in EvidenceQuery query, ReadingType register)
    {
        SqliteSession session = receipts.Session;
        // Days in which no usage point has a register need no look. An empty table gives a range without days.
        long first = Math.Max(BlockKey.DayOf(query.First), session.Scalar("SELECT coalesce(min(day), 1) FROM register_block"));
        long last = Math.Min(BlockKey.DayOf(query.Last), session.Scalar("SELECT coalesce(max(day), 0) FROM register_block"));
        int quantity = (int)register & 0x1F;
        using SqliteStatement select = session.Prepare(RegistersHeld);
        select.Bind(1, unchecked((long)query.UsagePoint.Number)).Bind(2, first).Bind(3, last).Bind(4, quantity | 0x20).Bind(5, quantity | 0x40).Bind(6, quantity | 0x60);
        while (select.Step())
        {
            Instant at = BlockKey.StartOf((int)select.Integer(0), (int)select.Integer(1));
            if (at < query.First || at > query.Last) continue;
            if (query.KnownAt == Instant.MaxValue || receipts.Find(select.Integer(2)) <= query.KnownAt) return true;
        }
        return false;
    }

    /// <summary>The first and the last day that has blocks; first &gt; last where there are none.</summary>
    public static (int First, int Last) Days(SqliteSession session)
    {
        using SqliteStatement first = session.Prepare("SELECT day FROM block ORDER BY day LIMIT 1");
        if (!first.Step()) return (1, 0);
        using SqliteStatement last = session.Prepare("SELECT day FROM block ORDER BY day DESC LIMIT 1");
        last.Step();
        return ((int)first.Integer(0), (int)last.Integer(0));
    }

    /// <summary>The days of a period that may have blocks; an open end is the end of what is stored.</summary>
    public static (int First, int Last) Days(SqliteSession session, Interval period)
    {
        (int first, int last) = (period.HasStart ? BlockKey.DayOf(period.Start) : 0, period.HasEnd ? BlockKey.DayOf(period.End) : int.MaxValue);
        if (last - (long)first < 400) return (first, last);
        (int stored, int storedLast) = Days(session);
        return (Math.Max(first, stored), Math.Min(last, storedLast));
    }

    /// <summary>Adds every version of a channel whose start lies in [start, end), of one UTC day, by start, then version.</summary>
    public static void OfChannel(ReceiptTimes receipts, ChannelId channel, int day, Interval period, List<StoredBlock> blocks)
    {
        using SqliteStatement select = receipts.Session.Prepare(OfChannelDay);
        select.Bind(1, day).Bind(2, unchecked((long)channel.UsagePoint.Number)).Bind(3, (long)channel.Type);
        while (select.Step())
        {
            if (period.Contains(BlockKey.StartOf(day, (int)select.Integer(3)))) blocks.Add(ReadBlock(receipts, select));
        }
    }

    /// <summary>Adds every version of every channel of a usage point that starts in a UTC day and in [first, last).</summary>
    public static void OfUsagePoint(ReceiptTimes receipts, UsagePointId usagePoint, int day, Instant first, Instant last, List<StoredBlock> blocks)
    {
        using SqliteStatement select = receipts.Session.Prepare(OfUsagePointDay);
        select.Bind(1, day).Bind(2, unchecked((long)usagePoint.Number));
        while (select.Step())
        {
            Instant start = BlockKey.StartOf(day, (int)select.Integer(3));
            if (start >= first && start < last) blocks.Add(ReadBlock(receipts, select));
        }
    }

    /// <summary>Adds every version of every register of a usage point in a UTC day with first ≤ instant ≤ last.</summary>
    public static void RegistersOfUsagePoint(ReceiptTimes receipts, UsagePointId usagePoint, int day, Instant first, Instant last, List<StoredRegister> registers)
    {
        using SqliteStatement select = receipts.Session.Prepare(RegistersOfUsagePointDay);
        select.Bind(1, day).Bind(2, unchecked((long)usagePoint.Number));
        while (select.Step())
        {
            Instant at = BlockKey.StartOf(day, (int)select.Integer(3));
            if (at < first || at > last) continue;
            registers.Add(ReadRegister(receipts, select));
        }
    }

    /// <summary>The same as <see cref="OfUsagePoint"/> and <see cref="RegistersOfUsagePoint"/> for all usage points of a pass over one UTC day.</summary>
    public static void OfUsagePoints(ReceiptTimes receipts, int day, long first, long last, Func<long, EvidenceRows?> rowsOf)
    {
        using (SqliteStatement select = receipts.Session.Prepare(OfUsagePointsDay))
        {
            select.Bind(1, day).Bind(2, first).Bind(3, last);
            while (select.Step())
            {
                if (rowsOf(select.Integer(1)) is not { } rows) continue;
                Instant start = BlockKey.StartOf(day, (int)select.Integer(3));
                if (start >= rows.First && start < rows.Last) rows.Blocks.Add(ReadBlock(receipts, select));
            }
        }
        using SqliteStatement registers = receipts.Session.Prepare(RegistersOfUsagePointsDay);
        registers.Bind(1, day).Bind(2, first).Bind(3, last);
        while (registers.Step())
        {
            if (rowsOf(registers.Integer(1)) is not { } rows) continue;
            Instant at = BlockKey.StartOf(day, (int)registers.Integer(3));
            if (at >= rows.First && at <= rows.Last) rows.Registers.Add(ReadRegister(receipts, registers));
        }
    }

    /// <summary>Adds blocks of one type and UTC day over all usage points after one, by usage point, start, version, about <paramref name="countMax"/>; whole usage points only.</summary>
    /// <returns>False where none was left.</returns>
    public static bool OfFleet(ReceiptTimes receipts, ReadingType type, int day, long after, int countMax, List<StoredBlock> blocks)
    {
        using SqliteStatement select = receipts.Session.Prepare(OfFleetDay);
        select.Bind(1, day).Bind(2, after).Bind(3, (long)type).Bind(4, countMax);
        while (select.Step()) blocks.Add(ReadBlock(receipts, select));
        if (blocks.Count < countMax) return blocks.Count > 0;
        UsagePointId cut = blocks[^1].Block.UsagePoint; // its further versions may stand beyond the limit
        int whole = blocks.FindIndex(block => block.Block.UsagePoint == cut);
        blocks.RemoveRange(whole, blocks.Count - whole);
        using SqliteStatement rest = receipts.Session.Prepare(OfChannelDay);
        rest.Bind(1, day).Bind(2, unchecked((long)cut.Number)).Bind(3, (long)type);
        while (rest.Step()) blocks.Add(ReadBlock(receipts, rest));
        return true;
    }

    /// <summary>Leaves the highest version of each start that was recorded by an instant. The blocks are sorted by start, then version.</summary>
    public static void KeepInForce(List<StoredBlock> blocks, Instant knownAt)
    {
        int kept = 0;
        for (int i = 0; i < blocks.Count; i++)
        {
            StoredBlock block = blocks[i];
            if (block.RecordedAt > knownAt) continue;
            if (kept > 0 && blocks[kept - 1].Block.Start == block.Block.Start && blocks[kept - 1].Block.UsagePoint == block.Block.UsagePoint) kept--;
            blocks[kept++] = block;
        }
        blocks.RemoveRange(kept, blocks.Count - kept);
    }

    private static StoredRegister ReadRegister(ReceiptTimes receipts, SqliteStatement row)
    {
        StoredBlock block = ReadBlock(receipts, row);
        return new StoredRegister(new RegisterBlock(block.Block, new EndDeviceId(row.Text(8)), (int)row.Integer(9)), block.RecordedAt);
    }

    private static StoredBlock ReadBlock(ReceiptTimes receipts, SqliteStatement row)
    {
        var key = new BlockKey((int)row.Integer(0), new UsagePointId(unchecked((ulong)row.Integer(1))), (ReadingType)row.Integer(2), (int)row.Integer(3), (int)row.Integer(4));
        if (!BlockOctets.TryRead(key, row.Blob(5), (uint)row.Integer(6), out IntervalBlock? block, out string reason))
        {
            throw new StoreException(
                StoreFault.Damaged, $"the stored block {key.UsagePoint}/{key.Type.Name()} from {key.Start}, version {key.Version}, is damaged: {reason}; restore a copy, and keep this file");
        }
        if (receipts.Find(row.Integer(7)) is not { } recordedAt) throw new StoreException(StoreFault.Damaged, $"the stored block {block.Header.Channel} from {key.Start}, version {key.Version}, has no receipt");
        return new StoredBlock(block, recordedAt);
    }
}
