using System.Collections.Concurrent;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Storage.Meters;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Readings;

/// <summary>Master data of usage points, to read by meter data and to put by who keeps them.</summary>
public interface IUsagePointStore : IUsagePointDirectory
{
    /// <summary>Adds or replaces usage points with their installations; durable on return.</summary>
    ValueTask PutAsync(IReadOnlyList<UsagePointRecord> usagePoints, CancellationToken cancellationToken);

    /// <summary>The usage point that a consumer knows by this number; the lowest of several; null where none.</summary>
    ValueTask<UsagePointRecord?> FindByServicePointAsync(string servicePoint, CancellationToken cancellationToken);

    /// <summary>All usage points, by number.</summary>
    IAsyncEnumerable<UsagePointRecord> ReadAllAsync(CancellationToken cancellationToken);
}

/// <summary>Usage points in the table <c>usage_point</c>, their meters in <c>installation</c>.</summary>
internal sealed class SqliteUsagePoints(SqliteDatabase database, InstallationRevision revision) : IUsagePointStore
{
    private const int PageLength = 512;
    private const int KeptMax = 1 << 18;

    private const string PutRecord =
        """
        INSERT INTO usage_point (id, service_point, time_zone, sanctioned_load_w, phase_count, tariff, flags) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (id) DO UPDATE SET service_point = ?2, time_zone = ?3, sanctioned_load_w = ?4, phase_count = ?5, tariff = ?6, flags = ?7
        """;

    private const string Columns = "SELECT id, service_point, time_zone, sanctioned_load_w, phase_count, tariff, flags FROM usage_point";

    private readonly ConcurrentDictionary<UsagePointId, Kept> _kept = new();
    private int _keptCount;

    /// <summary>A record, and the revision before which it was read.</summary>
    private sealed record Kept(long Revision, UsagePointRecord Record);

    /// <inheritdoc/>
    public async ValueTask PutAsync(IReadOnlyList<UsagePointRecord> usagePoints, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(usagePoints, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            revision.Advance();
        }
    }

    private Task WriteAsync(IReadOnlyList<UsagePointRecord> usagePoints, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                using SqliteStatement put = session.Prepare(PutRecord);
                foreach (UsagePointRecord record in usagePoints)
                {
                    UsagePoint point = record.UsagePoint;
                    put.Bind(1, unchecked((long)point.Id.Number)).Bind(2, point.ServicePoint).Bind(3, point.TimeZone).Bind(4, point.SanctionedLoadW)
                        .Bind(5, point.PhaseCount).Bind(6, point.TariffId).Bind(7, string.Join(' ', point.BillingFlags))
                        .Run();
                    InstallationTable.Replace(session, point.Id, record.Installations);
                }
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<UsagePointRecord?> FindAsync(UsagePointId usagePoint, CancellationToken cancellationToken)
    {
        long now = revision.Number;
        if (_kept.TryGetValue(usagePoint, out Kept? kept) && kept.Revision == now) return new(kept.Record);
        UsagePointRecord? record = database.ReadSnapshot(
            static (session, wanted) =>
            {
                using SqliteStatement select = session.Prepare($"{Columns} WHERE id = ?1");
                return select.Bind(1, unchecked((long)wanted.Number)).Step() ? Read(session, select) : null;
            },
            usagePoint);
        if (record is not null) Keep(now, record);
        return new(record);
    }

    private void Keep(long before, UsagePointRecord record)
    {
        if (Interlocked.Increment(ref _keptCount) > KeptMax)
        {
            _kept.Clear();
            Volatile.Write(ref _keptCount, 1);
        }
        _kept[record.UsagePoint.Id] = new Kept(before, record);
    }

    /// <inheritdoc/>
    public ValueTask<UsagePointRecord?> FindByServicePointAsync(string servicePoint, CancellationToken cancellationToken) =>
        new(database.Read(
            static (session, wanted) =>
            {
                using SqliteStatement select = session.Prepare($"{Columns} WHERE service_point = ?1 ORDER BY id LIMIT 1");
                return select.Bind(1, wanted).Step() ? Read(session, select) : null;
            },
            servicePoint));

    /// <inheritdoc/>
    public IAsyncEnumerable<UsagePointRecord> ReadAllAsync(CancellationToken cancellationToken) =>
        new PagedRows<UsagePointRecord>(database, static (session, last) =>
        {
            using SqliteStatement select = session.Prepare($"{Columns} WHERE id > ?1 ORDER BY id LIMIT ?2");
            select.Bind(1, last is null ? long.MinValue : unchecked((long)last.UsagePoint.Id.Number)).Bind(2, PageLength);
            var page = new List<UsagePointRecord>();
            while (select.Step()) page.Add(Read(session, select));
            return page;
        });

    private static UsagePointRecord Read(SqliteSession session, SqliteStatement row)
    {
        var id = new UsagePointId(unchecked((ulong)row.Integer(0)));
        string[] flags = row.Text(6).Split(' ', StringSplitOptions.RemoveEmptyEntries); // flags are words of the tariff format
        var point = new UsagePoint(id, row.Text(1), row.Text(2), row.Integer(3), (int)row.Integer(4), row.Text(5), flags);
        return new UsagePointRecord(point, InstallationTable.Of(session, id));
    }
}
