using NodaTime;
using Praman.MeterData.Gate;
using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Readings;

/// <summary>Releases of edited readings in the tables <c>edit_release</c> and <c>release_request</c>.</summary>
internal sealed class SqliteReleases(SqliteDatabase database) : IReleaseStore
{
    private const string Columns = "usage_point, first_day, last_day, blocks, supervisor, reason, at";
    private const string InsertRelease = $"INSERT INTO edit_release ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
    private const string SelectOne = $"SELECT {Columns} FROM edit_release WHERE usage_point = ?1 AND first_day = ?2 AND last_day = ?3 AND blocks = ?4";
    private const string SelectNewest = $"SELECT {Columns} FROM edit_release ORDER BY number DESC LIMIT ?1";
    private const string InsertRequest = "INSERT INTO release_request (usage_point, first_day, last_day, asked_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";

    private const string SelectOpen =
        """
        SELECT asked_at, usage_point, first_day, last_day FROM release_request AS request
        WHERE (asked_at, usage_point, first_day, last_day) > (?1, ?2, ?3, ?4) AND NOT EXISTS (
            SELECT 1 FROM bill WHERE bill.usage_point = request.usage_point AND bill.first_day <= request.last_day AND bill.last_day >= request.first_day AND bill.reverses IS NULL
                AND NOT EXISTS (SELECT 1 FROM rebill_proposal WHERE rebill_proposal.bill_number = bill.bill_no))
        ORDER BY asked_at, usage_point, first_day, last_day LIMIT ?5
        """;

    /// <inheritdoc/>
    public async ValueTask AddAsync(EditRelease release, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(release);
        await database.WriteAsync(
            session =>
            {
                using SqliteStatement insert = session.Prepare(InsertRelease);
                BindPeriod(insert, release.UsagePoint, release.Period).Bind(4, release.BlocksSha256).Bind(5, release.By).Bind(6, release.Reason).Bind(7, release.At).Run();
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<EditRelease?> FindAsync(UsagePointId usagePoint, DateInterval period, string blocksSha256, CancellationToken cancellationToken) =>
        new(database.Read(
            static (session, asked) =>
            {
                using SqliteStatement select = session.Prepare(SelectOne);
                return BindPeriod(select, asked.usagePoint, asked.period).Bind(4, asked.blocksSha256).Step() ? Release(select) : null;
            },
            (usagePoint, period, blocksSha256)));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<EditRelease>> ReadAsync(int countMax, CancellationToken cancellationToken) =>
        new(database.Read<int, IReadOnlyList<EditRelease>>(
            static (session, count) =>
            {
                using SqliteStatement select = session.Prepare(SelectNewest);
                select.Bind(1, Math.Max(0, count));
                var releases = new List<EditRelease>();
                while (select.Step()) releases.Add(Release(select));
                return releases;
            },
            countMax));

    /// <inheritdoc/>
    public async ValueTask AskAsync(IReadOnlyList<ReleaseRequest> requests, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(requests);
        if (requests.Count == 0) return;
        await database.WriteAsync(
            session =>
            {
                using SqliteStatement insert = session.Prepare(InsertRequest);
                foreach (ReleaseRequest request in requests) BindPeriod(insert, request.UsagePoint, request.Period).Bind(4, request.AskedAt).Run();
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ReleaseRequest>> ReadOpenAsync(ReleaseRequest? after, int countMax, CancellationToken cancellationToken) =>
        new(database.Read<(ReleaseRequest? After, int CountMax), IReadOnlyList<ReleaseRequest>>(
            static (session, asked) =>
            {
                using SqliteStatement select = session.Prepare(SelectOpen);
                if (asked.After is { } last) select.Bind(1, last.AskedAt).Bind(2, Number(last.UsagePoint)).Bind(3, last.Period.Start).Bind(4, last.Period.End);
                else select.Bind(1, long.MinValue).Bind(2, long.MinValue).Bind(3, long.MinValue).Bind(4, long.MinValue);
                select.Bind(5, Math.Max(0, asked.CountMax));
                var requests = new List<ReleaseRequest>();
                while (select.Step()) requests.Add(new ReleaseRequest(new UsagePointId(unchecked((ulong)select.Integer(1))), Period(select, 2), select.Instant(0)));
                return requests;
            },
            (after, countMax)));

    private static SqliteStatement BindPeriod(SqliteStatement statement, UsagePointId usagePoint, DateInterval period) =>
        statement.Bind(1, Number(usagePoint)).Bind(2, period.Start).Bind(3, period.End);

    private static EditRelease Release(SqliteStatement row) =>
        new(new UsagePointId(unchecked((ulong)row.Integer(0))), Period(row, 1), row.Text(3), row.Text(4), row.Text(5), row.Instant(6));

    private static DateInterval Period(SqliteStatement row, int column)
    {
        (LocalDate first, LocalDate last) = (row.Day(column), row.Day(column + 1));
        return last >= first ? new DateInterval(first, last) : throw new StoreException(StoreFault.Damaged, $"a period that waits for a release, or has one, ends on {last}, before it begins on {first}; restore a copy, and keep this file");
    }

    /// <summary>SQLite's integers are signed: the number's bits are kept.</summary>
    private static long Number(UsagePointId usagePoint) => unchecked((long)usagePoint.Number);
}
