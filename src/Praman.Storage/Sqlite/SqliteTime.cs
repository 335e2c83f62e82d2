using NodaTime;

namespace Praman.Storage.Sqlite;

/// <summary>Times as the tables keep them: whole ticks of 100 ns, whole days since 2000-01-01.</summary>
internal static class SqliteTime
{
    private static readonly LocalDate FirstDay = new(2000, 1, 1);

    public static SqliteStatement Bind(this SqliteStatement statement, int parameter, Instant instant) =>
        statement.Bind(parameter, instant.ToUnixTimeTicks());

    public static SqliteStatement Bind(this SqliteStatement statement, int parameter, Instant? instant) =>
        statement.Bind(parameter, instant?.ToUnixTimeTicks());

    public static SqliteStatement Bind(this SqliteStatement statement, int parameter, LocalDate day) =>
        statement.Bind(parameter, (long)Number(day));

    public static Instant Instant(this SqliteStatement statement, int column) => NodaTime.Instant.FromUnixTimeTicks(statement.Integer(column));

    public static Instant? InstantOrNull(this SqliteStatement statement, int column) =>
        statement.IsNull(column) ? null : statement.Instant(column);

    public static LocalDate Day(this SqliteStatement statement, int column) => Day((int)statement.Integer(column));

    public static int Number(LocalDate day) => Period.DaysBetween(FirstDay, day);

    public static LocalDate Day(int number) => FirstDay.PlusDays(number);

    public static string? TextOrNull(this SqliteStatement statement, int column) => statement.IsNull(column) ? null : statement.Text(column);
}
