using NodaTime;
using Praman.HeadEnd.Stores;
using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Collection;

/// <summary>Events of meters, in the table <c>meter_event</c>.</summary>
internal sealed class SqliteEventStore(SqliteDatabase database) : IEventStore
{
    private const string Insert =
        "INSERT INTO meter_event (serial, code, sequence, at, usage_point) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";

    private const string Select =
        "SELECT at, code, sequence, usage_point FROM meter_event WHERE serial = ?1 AND at >= ?2 AND at < ?3 ORDER BY at, code, sequence LIMIT ?4";

    /// <inheritdoc/>
    public async ValueTask<int> AppendAsync(IReadOnlyList<EndDeviceEvent> events, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            session =>
            {
                int added = 0;
                using SqliteStatement insert = session.Prepare(Insert);
                foreach (EndDeviceEvent entry in events)
                {
                    insert.Bind(1, entry.EndDevice.Serial).Bind(2, entry.Code).Bind(3, entry.Sequence).Bind(4, entry.At)
                        .Bind(5, unchecked((long)entry.UsagePoint.Number))
                        .Run();
                    added += session.Changes;
                }
                return added;
            },
            events.Count,
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<EndDeviceEvent>> ReadAsync(EndDeviceId endDevice, Interval period, int countMax, CancellationToken cancellationToken) =>
        new(database.Read<(EndDeviceId Device, Interval Period, int CountMax), IReadOnlyList<EndDeviceEvent>>(
            static (session, asked) =>
            {
                using SqliteStatement select = session.Prepare(Select);
                select.Bind(1, asked.Device.Serial)
                    .Bind(2, asked.Period.HasStart ? asked.Period.Start : Instant.MinValue).Bind(3, asked.Period.HasEnd ? asked.Period.End : Instant.MaxValue)
                    .Bind(4, asked.CountMax);
                var list = new List<EndDeviceEvent>();
                while (select.Step())
                {
                    list.Add(new EndDeviceEvent(
                        asked.Device, new UsagePointId(unchecked((ulong)select.Integer(3))), select.Instant(0), (int)select.Integer(1), select.Integer(2)));
                }
                return list;
            },
            (endDevice, period, countMax)));
}
