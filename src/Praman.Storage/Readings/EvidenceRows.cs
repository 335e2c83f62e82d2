using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;

namespace Praman.Storage.Readings;

/// <summary>Blocks and registers of one <see cref="EvidenceQuery"/>, while they are read.</summary>
internal sealed class EvidenceRows(EvidenceQuery query)
{
    /// <summary>A pass over neighbours steps over at most so many usage points for each that is wanted.</summary>
    private const int SpareMax = 2;

    private const int CountMin = 8;

    public Instant First => query.First;

    public Instant Last => query.Last;

    public int FirstDay { get; } = BlockKey.DayOf(query.First);

    public int LastDay { get; } = BlockKey.DayOf(query.Last);

    public List<StoredBlock> Blocks { get; } = [];

    public List<StoredRegister> Registers { get; } = [];

    private long Number => unchecked((long)query.UsagePoint.Number);

    /// <summary>
    /// Reads rows of the same UTC days: in one pass a day where the usage points stand close together in the table, else one by one.
    /// </summary>
    public static void Fill(ReceiptTimes receipts, EvidenceRows[] all, CancellationToken stop)
    {
        Dictionary<long, EvidenceRows>? byNumber = Neighbours(all, out long first, out long last);
        if (byNumber is not null)
        {
            for (int day = all[0].FirstDay; day <= all[0].LastDay; day++)
            {
                stop.ThrowIfCancellationRequested();
                ReadingQueries.OfUsagePoints(receipts, day, first, last, byNumber.GetValueOrDefault);
            }
            return;
        }
        foreach (EvidenceRows rows in all)
        {
            stop.ThrowIfCancellationRequested();
            for (int day = rows.FirstDay; day <= rows.LastDay; day++)
            {
                ReadingQueries.OfUsagePoint(receipts, rows.UsagePoint, day, rows.First, rows.Last, rows.Blocks);
                ReadingQueries.RegistersOfUsagePoint(receipts, rows.UsagePoint, day, rows.First, rows.Last, rows.Registers);
            }
        }
    }

    private UsagePointId UsagePoint => query.UsagePoint;

    /// <summary>The rows by usage point where they stand close together; null where they do not, or one is asked for twice.</summary>
    private static Dictionary<long, EvidenceRows>? Neighbours(EvidenceRows[] all, out long first, out long last)
    {
        (first, last) = (long.MaxValue, long.MinValue);
        foreach (EvidenceRows rows in all) (first, last) = (Math.Min(first, rows.Number), Math.Max(last, rows.Number));
        if (all.Length < CountMin || (decimal)last - first > (decimal)all.Length * SpareMax) return null;
        var byNumber = new Dictionary<long, EvidenceRows>(all.Length);
        foreach (EvidenceRows rows in all) if (!byNumber.TryAdd(rows.Number, rows)) return null;
        return byNumber;
    }
}
