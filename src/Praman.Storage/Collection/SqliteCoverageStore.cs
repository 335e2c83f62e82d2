using NodaTime;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Sessions;
using Praman.HeadEnd.Stores;
using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Collection;

/// <summary>What became of each meter's each day, in the table <c>meter_day</c>.</summary>
internal sealed class SqliteCoverageStore(SqliteDatabase database) : ICoverageStore
{
    private const string Columns = "day, serial, usage_point, state, intervals, expected, fault, detail, attempts, at";

    private const string Put =
        """
        INSERT INTO meter_day (day, serial, usage_point, state, intervals, expected, fault, detail, attempts, at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (day, serial) DO UPDATE SET usage_point = ?3, state = ?4, intervals = ?5, expected = ?6, fault = ?7, detail = ?8, attempts = ?9, at = ?10
        """;

    /// <inheritdoc/>
    public async ValueTask SaveAsync(IReadOnlyList<MeterDayOutcome> outcomes, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            session =>
            {
                using SqliteStatement put = session.Prepare(Put);
                foreach (MeterDayOutcome outcome in outcomes)
                {
                    put.Bind(1, outcome.Day).Bind(2, outcome.EndDevice.Serial).Bind(3, unchecked((long)outcome.UsagePoint.Number)).Bind(4, (long)outcome.State)
                        .Bind(5, outcome.Intervals).Bind(6, outcome.IntervalsExpected).Bind(7, (long?)outcome.Fault).Bind(8, outcome.Detail)
                        .Bind(9, outcome.Attempts).Bind(10, outcome.At)
                        .Run();
                }
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MeterDayOutcome>> ReadDayAsync(LocalDate day, CancellationToken cancellationToken) =>
        new(database.Read<LocalDate, IReadOnlyList<MeterDayOutcome>>(
            static (session, date) =>
            {
                using SqliteStatement select = session.Prepare($"SELECT {Columns} FROM meter_day WHERE day = ?1 ORDER BY serial");
                return Read(select.Bind(1, date));
            },
            day));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MeterDayOutcome>> ReadMeterAsync(EndDeviceId endDevice, DateInterval days, CancellationToken cancellationToken) =>
        new(database.Read<(EndDeviceId Device, DateInterval Days), IReadOnlyList<MeterDayOutcome>>(
            static (session, asked) =>
            {
                using SqliteStatement select = session.Prepare($"SELECT {Columns} FROM meter_day WHERE serial = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day");
                return Read(select.Bind(1, asked.Device.Serial).Bind(2, asked.Days.Start).Bind(3, asked.Days.End));
            },
            (endDevice, days)));

    private static List<MeterDayOutcome> Read(SqliteStatement row)
    {
        var list = new List<MeterDayOutcome>();
        while (row.Step())
        {
            list.Add(new MeterDayOutcome(
                row.Day(0), new EndDeviceId(row.Text(1)), new UsagePointId(unchecked((ulong)row.Integer(2))), (DayState)row.Integer(3),
                (int)row.Integer(4), (int)row.Integer(5), row.IsNull(6) ? null : (SessionFault)row.Integer(6), row.TextOrNull(7),
                (int)row.Integer(8), row.Instant(9)));
        }
        return list;
    }
}
