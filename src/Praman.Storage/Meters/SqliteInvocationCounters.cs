using Praman.HeadEnd.Stores;
using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Meters;

/// <summary>
/// Invocation counters in the table <c>invocation_counter</c>. A range is given out only after the row that ends it is durable, so a crash
/// loses values and never repeats one; one counter a meter, as whichever client it is read. New keys begin a new epoch; the old one's counter stays as it was. What meters answered with stands in
/// the table <c>answer_counter</c>, how far unproved counters are followed in <c>counter_bound</c>.
/// </summary>
internal sealed class SqliteInvocationCounters(SqliteDatabase database) : IInvocationCounters
{
    private const string SelectNext =
        "SELECT epoch, next FROM invocation_counter WHERE serial = ?1 ORDER BY epoch DESC LIMIT 1";

    private const string PutNext =
        """
        INSERT INTO invocation_counter (serial, epoch, next) VALUES (?1, ?2, ?3)
        ON CONFLICT (serial, epoch) DO UPDATE SET next = ?3 WHERE next < ?3
        """;

    private const string NewEpoch =
        """
        INSERT INTO invocation_counter (serial, epoch, next)
        SELECT serial, max(epoch) + 1, 0 FROM invocation_counter WHERE serial = ?1 GROUP BY serial
        """;

    private const string SelectHeard = "SELECT next FROM answer_counter WHERE serial = ?1 AND key_epoch = ?2";

    private const string PutHeard =
        """
        INSERT INTO answer_counter (serial, key_epoch, next) VALUES (?1, ?2, ?3)
        ON CONFLICT (serial, key_epoch) DO UPDATE SET next = ?3 WHERE next < ?3
        """;

    /// <inheritdoc/>
    public async ValueTask<uint?> ReserveAsync(EndDeviceId endDevice, uint atLeast, int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return await database.WriteAsync(session => Reserve(session, endDevice, atLeast, count), 1, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<uint?> FindNextAsync(EndDeviceId endDevice, CancellationToken cancellationToken) =>
        new(database.Read<EndDeviceId, uint?>(
            static (session, asked) =>
            {
                (_, long next) = FindLast(session, asked);
                return next == 0 ? null : (uint)Math.Min(next, uint.MaxValue); // a used-up counter reads as its end; it reserves nothing
            },
            endDevice));

    /// <inheritdoc/>
    public async ValueTask RestartAsync(EndDeviceId endDevice, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            session =>
            {
                using SqliteStatement insert = session.Prepare(NewEpoch);
                insert.Bind(1, endDevice.Serial).Run();
                using SqliteStatement forget = session.Prepare("DELETE FROM counter_bound WHERE serial = ?1");
                forget.Bind(1, endDevice.Serial).Run();
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<ulong> FindHeardAsync(EndDeviceId endDevice, long keyEpoch, CancellationToken cancellationToken) =>
        new(database.Read<(EndDeviceId Device, long Epoch), ulong>(
            static (session, asked) =>
            {
                using SqliteStatement select = session.Prepare(SelectHeard);
                select.Bind(1, asked.Device.Serial).Bind(2, asked.Epoch);
                return select.Step() ? (ulong)select.Integer(0) : 0;
            },
            (endDevice, keyEpoch)));

    /// <inheritdoc/>
    public async ValueTask HearAsync(EndDeviceId endDevice, long keyEpoch, ulong next, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            session =>
            {
                using SqliteStatement put = session.Prepare(PutHeard);
                put.Bind(1, endDevice.Serial).Bind(2, keyEpoch).Bind(3, (long)next).Run();
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<ulong> BoundUnprovedAsync(EndDeviceId endDevice, int clientSap, ulong bound, CancellationToken cancellationToken) =>
        FindBound(endDevice, clientSap) ?? await database.WriteAsync(
            session =>
            {
                using SqliteStatement put = session.Prepare("INSERT INTO counter_bound (serial, client_sap, bound) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING");
                put.Bind(1, endDevice.Serial).Bind(2, clientSap).Bind(3, (long)bound).Run();
                return FindBound(session, (endDevice, clientSap)) ?? bound;
            },
            1,
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask ForgetBoundAsync(EndDeviceId endDevice, int clientSap, CancellationToken cancellationToken)
    {
        // Each session asks, and few have one: a look is cheaper than a write.
        if (FindBound(endDevice, clientSap) is null) return;
        await database.WriteAsync(
            session =>
            {
                using SqliteStatement forget = session.Prepare("DELETE FROM counter_bound WHERE serial = ?1 AND client_sap = ?2");
                forget.Bind(1, endDevice.Serial).Bind(2, clientSap).Run();
            },
            cancellationToken).ConfigureAwait(false);
    }

    private ulong? FindBound(EndDeviceId endDevice, int clientSap) => database.Read<(EndDeviceId, int), ulong?>(static (session, asked) => FindBound(session, asked), (endDevice, clientSap));

    private static ulong? FindBound(SqliteSession session, (EndDeviceId Device, int ClientSap) asked)
    {
        using SqliteStatement select = session.Prepare("SELECT bound FROM counter_bound WHERE serial = ?1 AND client_sap = ?2");
        select.Bind(1, asked.Device.Serial).Bind(2, asked.ClientSap);
        return select.Step() ? (ulong)select.Integer(0) : null;
    }

    private static uint? Reserve(SqliteSession session, EndDeviceId endDevice, uint atLeast, int count)
    {
        (long epoch, long next) = FindLast(session, endDevice);
        long first = Math.Max(next, atLeast), after = first + count;
        if (after > 1L << 32) return null;
        using SqliteStatement put = session.Prepare(PutNext);
        put.Bind(1, endDevice.Serial).Bind(2, epoch).Bind(3, after).Run();
        if (session.Changes != 1) throw new StoreException(StoreFault.Damaged, $"the invocation counter of meter {endDevice} did not move on");
        return (uint)first;
    }

    private static (long Epoch, long Next) FindLast(SqliteSession session, EndDeviceId endDevice)
    {
        using SqliteStatement select = session.Prepare(SelectNext);
        select.Bind(1, endDevice.Serial);
        return select.Step() ? (select.Integer(0), select.Integer(1)) : (0, 0);
    }
}
