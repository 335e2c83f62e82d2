using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Meters;

/// <summary>
/// Which meter stood where and when: one table, asked by meter (the head-end's inventory) and by usage point (meter data's directory), so
/// that the two never disagree.
/// </summary>
internal static class InstallationTable
{
    private const string Insert =
        """
        INSERT INTO installation (serial, since, usage_point, until, register_digits, rated_current_a, multiplier) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT DO UPDATE SET until = ?4, register_digits = ?5, rated_current_a = ?6, multiplier = ?7
        """;

    private const string Columns = "serial, usage_point, since, until, register_digits, rated_current_a, multiplier";

    /// <summary>Replaces all that is known of a meter.</summary>
    public static void Replace(SqliteSession session, EndDeviceId endDevice, IReadOnlyList<Installation> installations)
    {
        using SqliteStatement clear = session.Prepare("DELETE FROM installation WHERE serial = ?1");
        clear.Bind(1, endDevice.Serial).Run();
        Put(session, installations);
    }

    /// <summary>Replaces all that is known of a usage point.</summary>
    public static void Replace(SqliteSession session, UsagePointId usagePoint, IReadOnlyList<Installation> installations)
    {
        using SqliteStatement clear = session.Prepare("DELETE FROM installation WHERE usage_point = ?1");
        clear.Bind(1, unchecked((long)usagePoint.Number)).Run();
        Put(session, installations);
    }

    /// <summary>A meter's, by time.</summary>
    public static List<Installation> Of(SqliteSession session, EndDeviceId endDevice)
    {
        using SqliteStatement select = session.Prepare($"SELECT {Columns} FROM installation WHERE serial = ?1 ORDER BY since");
        return Read(select.Bind(1, endDevice.Serial));
    }

    /// <summary>A usage point's, by time.</summary>
    public static List<Installation> Of(SqliteSession session, UsagePointId usagePoint)
    {
        using SqliteStatement select = session.Prepare($"SELECT {Columns} FROM installation WHERE usage_point = ?1 ORDER BY since, serial");
        return Read(select.Bind(1, unchecked((long)usagePoint.Number)));
    }

    private static void Put(SqliteSession session, IReadOnlyList<Installation> installations)
    {
        using SqliteStatement insert = session.Prepare(Insert);
        foreach (Installation installation in installations)
        {
            insert.Bind(1, installation.EndDevice.Serial).Bind(2, installation.From).Bind(3, unchecked((long)installation.UsagePoint.Number))
                .Bind(4, installation.Until).Bind(5, installation.RegisterDigits).Bind(6, installation.RatedCurrentA).Bind(7, installation.Multiplier)
                .Run();
        }
    }

    private static List<Installation> Read(SqliteStatement row)
    {
        var list = new List<Installation>();
        while (row.Step())
        {
            list.Add(new Installation(
                new UsagePointId(unchecked((ulong)row.Integer(1))), new EndDeviceId(row.Text(0)), row.Instant(2), row.InstantOrNull(3),
                (int)row.Integer(4), (int)row.Integer(5), (int)row.Integer(6)));
        }
        return list;
    }
}
