using System.Buffers.Binary;
using NodaTime;
using Praman.HeadEnd.Stores;
using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Collection;

/// <summary>How far each meter was read, in the table <c>collection_progress</c>.</summary>
internal sealed class SqliteCollectionState(SqliteDatabase database) : ICollectionState
{
    private const int PageLength = 1_024, DayLength = 2 * sizeof(int);
    private const string Columns = "serial, block_load_until, daily_until, event_sequences, read_at, clock_drift, partial_days";

    private const string Put =
        """
        INSERT INTO collection_progress (serial, block_load_until, daily_until, event_sequences, read_at, clock_drift, partial_days) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (serial) DO UPDATE SET block_load_until = ?2, daily_until = ?3, event_sequences = ?4, read_at = ?5, clock_drift = ?6,
            partial_days = ?7
        """;

    /// <inheritdoc/>
    public ValueTask<CollectionProgress?> FindAsync(EndDeviceId endDevice, CancellationToken cancellationToken) =>
        new(database.Read(
            static (session, device) =>
            {
                using SqliteStatement select = session.Prepare($"SELECT {Columns} FROM collection_progress WHERE serial = ?1");
                select.Bind(1, device.Serial);
                return select.Step() ? Read(select) : null;
            },
            endDevice));

    /// <inheritdoc/>
    public async ValueTask SaveAsync(IReadOnlyList<CollectionProgress> progress, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            session =>
            {
                using SqliteStatement put = session.Prepare(Put);
                foreach (CollectionProgress meter in progress)
                {
                    put.Bind(1, meter.EndDevice.Serial).Bind(2, meter.BlockLoadUntil).Bind(3, meter.DailyUntil).Bind(4, Octets(meter.EventSequences))
                        .Bind(5, meter.ReadAt).Bind(6, meter.ClockDrift?.BclCompatibleTicks).Bind(7, Octets(meter.PartialDays))
                        .Run();
                }
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public IAsyncEnumerable<CollectionProgress> ReadAllAsync(CancellationToken cancellationToken) =>
        new PagedRows<CollectionProgress>(database, static (session, last) =>
        {
            using SqliteStatement select = session.Prepare($"SELECT {Columns} FROM collection_progress WHERE serial > ?1 ORDER BY serial LIMIT ?2");
            select.Bind(1, last?.EndDevice.Serial ?? "").Bind(2, PageLength);
            var page = new List<CollectionProgress>();
            while (select.Step()) page.Add(Read(select));
            return page;
        });

    private static CollectionProgress Read(SqliteStatement row) =>
        new(new EndDeviceId(row.Text(0)), row.Instant(1), row.Instant(2), Sequences(row.Blob(3)), row.InstantOrNull(4),
            row.IsNull(5) ? null : Duration.FromTicks(row.Integer(5)))
        {
            PartialDays = Days(row.Blob(6)),
        };

    private static byte[] Octets(IReadOnlyList<PartialDay> days)
    {
        byte[] octets = new byte[days.Count * DayLength];
        for (int i = 0; i < days.Count; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(octets.AsSpan(i * DayLength), SqliteTime.Number(days[i].Day));
            BinaryPrimitives.WriteInt32BigEndian(octets.AsSpan((i * DayLength) + sizeof(int)), days[i].Tries);
        }
        return octets;
    }

    private static PartialDay[] Days(ReadOnlySpan<byte> octets)
    {
        var days = new PartialDay[octets.Length / DayLength];
        for (int i = 0; i < days.Length; i++)
        {
            ReadOnlySpan<byte> one = octets[(i * DayLength)..];
            days[i] = new PartialDay(SqliteTime.Day(BinaryPrimitives.ReadInt32BigEndian(one)), BinaryPrimitives.ReadInt32BigEndian(one[sizeof(int)..]));
        }
        return days;
    }

    private static byte[] Octets(IReadOnlyList<long> sequences)
    {
        byte[] octets = new byte[sequences.Count * sizeof(long)];
        for (int i = 0; i < sequences.Count; i++) BinaryPrimitives.WriteInt64BigEndian(octets.AsSpan(i * sizeof(long)), sequences[i]);
        return octets;
    }

    private static long[] Sequences(ReadOnlySpan<byte> octets)
    {
        long[] sequences = new long[octets.Length / sizeof(long)];
        for (int i = 0; i < sequences.Length; i++) sequences[i] = BinaryPrimitives.ReadInt64BigEndian(octets[(i * sizeof(long))..]);
        return sequences;
    }
}
