using NodaTime;
using Praman.HeadEnd.Commands;
using Praman.HeadEnd.Stores;
using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Collection;

/// <summary>Commands and their steps, in the table <c>command</c>: appended, never changed.</summary>
internal sealed class SqliteCommandLog(SqliteDatabase database) : ICommandLog
{
    private const string Insert =
        "INSERT INTO command (at, id, serial, kind, state, by, reason, detail, feeder) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

    private const string Select =
        "SELECT at, id, serial, kind, state, by, reason, detail, feeder FROM command WHERE at >= ?1 ORDER BY at, ordinal";

    /// <inheritdoc/>
    public async ValueTask AppendAsync(CommandRecord record, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            session =>
            {
                using SqliteStatement insert = session.Prepare(Insert);
                insert.Bind(1, record.At).Bind(2, record.Id.ToByteArray(bigEndian: true)).Bind(3, record.EndDevice.Serial).Bind(4, (long)record.Kind)
                    .Bind(5, (long)record.State).Bind(6, record.By).Bind(7, record.Reason).Bind(8, record.Detail).Bind(9, record.Feeder)
                    .Run();
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<CommandRecord>> ReadSinceAsync(Instant since, CancellationToken cancellationToken) =>
        new(database.Read<Instant, IReadOnlyList<CommandRecord>>(
            static (session, start) =>
            {
                using SqliteStatement select = session.Prepare(Select);
                select.Bind(1, start);
                var list = new List<CommandRecord>();
                while (select.Step())
                {
                    list.Add(new CommandRecord(
                        new Guid(select.Blob(1), bigEndian: true), new EndDeviceId(select.Text(2)), (CommandKind)select.Integer(3),
                        (CommandState)select.Integer(4), select.Instant(0), select.Text(5), select.Text(6), select.TextOrNull(7))
                    {
                        Feeder = select.Text(8),
                    });
                }
                return list;
            },
            since));
}
