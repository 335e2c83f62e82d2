using NodaTime;
using Praman.HeadEnd.Stores;
using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Collection;

/// <summary>Pushes of meters, in the table <c>push</c>.</summary>
internal sealed class SqlitePushStore(SqliteDatabase database) : IPushStore
{
    private const string Insert = "INSERT INTO push (serial, key_epoch, counter, received_at, apdu) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";

    private const string Select =
        "SELECT serial, key_epoch, counter, received_at, apdu FROM push WHERE received_at >= ?1 AND received_at < ?2 AND (?3 IS NULL OR serial = ?3) ORDER BY received_at, serial, counter LIMIT ?4";

    /// <inheritdoc/>
    public async ValueTask<int> AppendAsync(IReadOnlyList<KeptPush> pushes, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            session =>
            {
                int added = 0;
                using SqliteStatement insert = session.Prepare(Insert);
                foreach (KeptPush push in pushes)
                {
                    insert.Bind(1, push.EndDevice.Serial).Bind(2, push.KeyEpoch).Bind(3, push.Counter).Bind(4, push.ReceivedAt).Bind(5, push.Apdu.Span).Run();
                    added += session.Changes;
                }
                return added;
            },
            pushes.Count,
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<KeptPush>> ReadAsync(EndDeviceId? endDevice, Interval period, int countMax, CancellationToken cancellationToken) =>
        new(database.Read<(EndDeviceId? Device, Interval Period, int CountMax), IReadOnlyList<KeptPush>>(
            static (session, asked) =>
            {
                using SqliteStatement select = session.Prepare(Select);
                select.Bind(1, asked.Period.HasStart ? asked.Period.Start : Instant.MinValue).Bind(2, asked.Period.HasEnd ? asked.Period.End : Instant.MaxValue)
                    .Bind(3, asked.Device?.Serial).Bind(4, asked.CountMax);
                var list = new List<KeptPush>();
                while (select.Step())
                    list.Add(new KeptPush(new EndDeviceId(select.Text(0)), select.Integer(1), (uint)select.Integer(2), select.Instant(3), select.Blob(4).ToArray()));
                return list;
            },
            (endDevice, period, countMax)));
}
