using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Stores;
using Praman.Metering;
using Praman.Storage.Sqlite;
using Praman.Transports.Addresses;

namespace Praman.Storage.Meters;

/// <summary>Meters in the tables <c>meter</c> and <c>installation</c>.</summary>
internal sealed class SqliteMeterInventory(SqliteDatabase database, InstallationRevision revision) : IMeterInventory
{
    private const int PageLength = 512;

    private const string PutMeter =
        """
        INSERT INTO meter (serial, link, system_title, maker, meter_type, firmware, client_sap, server_sap, authentication, protection, suite,
            envelope, signs, feeder, device_name)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
        ON CONFLICT (serial) DO UPDATE SET link = ?2, system_title = ?3, maker = ?4, meter_type = ?5, firmware = ?6, client_sap = ?7,
            server_sap = ?8, authentication = ?9, protection = ?10, suite = ?11, envelope = ?12, signs = ?13, feeder = ?14, device_name = ?15
        """;

    private const string Columns = "serial, link, system_title, maker, meter_type, firmware, client_sap, server_sap, authentication, protection, suite, envelope, signs, feeder, device_name";

    /// <inheritdoc/>
    public async ValueTask PutAsync(IReadOnlyList<InventoryMeter> meters, CancellationToken cancellationToken)
    {
        try
        {
            await database.WriteAsync(
                session =>
                {
                    foreach (InventoryMeter meter in meters) Put(session, meter);
                },
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            revision.Advance();
        }
    }

    /// <inheritdoc/>
    public ValueTask<InventoryMeter?> FindAsync(EndDeviceId endDevice, CancellationToken cancellationToken) =>
        new(database.Read(static (session, serial) => Find(session, serial), endDevice.Serial));

    /// <inheritdoc/>
    public ValueTask<InventoryMeter?> FindByTitleAsync(string systemTitle, CancellationToken cancellationToken) =>
        new(database.Read(
            static (session, title) =>
            {
                using SqliteStatement select = session.Prepare($"SELECT {Columns} FROM meter WHERE system_title = ?1 LIMIT 2");
                select.Bind(1, title);
                if (title.Length == 0 || !select.Step()) return null;
                InventoryMeter meter = Read(session, select);
                return select.Step() ? null : meter;
            },
            systemTitle));

    /// <inheritdoc/>
    public IAsyncEnumerable<InventoryMeter> ReadAllAsync(CancellationToken cancellationToken) =>
        new PagedRows<InventoryMeter>(database, static (session, last) =>
        {
            using SqliteStatement select = session.Prepare($"SELECT {Columns} FROM meter WHERE serial > ?1 ORDER BY serial LIMIT ?2");
            // No serial is empty, so the first page is what follows the empty text.
            select.Bind(1, last?.EndDevice.Serial ?? "").Bind(2, PageLength);
            var page = new List<InventoryMeter>();
            while (select.Step()) page.Add(Read(session, select));
            return page;
        });

    /// <inheritdoc/>
    public ValueTask<int> CountInServiceAsync(string? feeder, CancellationToken cancellationToken) =>
        new(database.Read(
            static (session, name) =>
            {
                using SqliteStatement select = session.Prepare(name is null
                    ? "SELECT count(*) FROM meter m WHERE EXISTS (SELECT 1 FROM installation i WHERE i.serial = m.serial AND i.until IS NULL)"
                    : "SELECT count(*) FROM meter m WHERE m.feeder = ?1 AND EXISTS (SELECT 1 FROM installation i WHERE i.serial = m.serial AND i.until IS NULL)");
                if (name is not null) select.Bind(1, name);
                return select.Step() ? (int)select.Integer(0) : 0;
            },
            feeder));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<InventoryMeter>> FindAtAsync(UsagePointId usagePoint, CancellationToken cancellationToken) =>
        new(database.Read<UsagePointId, IReadOnlyList<InventoryMeter>>(
            static (session, place) =>
            {
                using SqliteStatement select = session.Prepare("SELECT serial FROM installation WHERE usage_point = ?1 GROUP BY serial ORDER BY min(since), serial");
                select.Bind(1, unchecked((long)place.Number));
                var serials = new List<string>();
                while (select.Step()) serials.Add(select.Text(0));
                var meters = new List<InventoryMeter>(serials.Count);
                foreach (string serial in serials)
                {
                    if (Find(session, serial) is { } meter) meters.Add(meter); // the directory may name meters that the head-end does not read
                }
                return meters;
            },
            usagePoint));

    private static void Put(SqliteSession session, InventoryMeter meter)
    {
        string serial = meter.EndDevice.Serial;
        using SqliteStatement put = session.Prepare(PutMeter);
        put.Bind(1, serial).Bind(2, meter.Link).Bind(3, meter.SystemTitle)
            .Bind(4, meter.Model?.Maker).Bind(5, meter.Model?.MeterType).Bind(6, meter.Model?.Firmware)
            .Bind(7, meter.Access.ClientSap).Bind(8, meter.Access.ServerSap).Bind(9, meter.Access.Authentication.ToString()).Bind(10, meter.Access.Protection.ToString())
            .Bind(11, meter.Access.Suite).Bind(12, meter.Access.Envelope.ToString()).Bind(13, meter.Access.Signs ? 1 : 0).Bind(14, meter.Feeder).Bind(15, meter.DeviceName)
            .Run();
        InstallationTable.Replace(session, meter.EndDevice, meter.Installations);
    }

    private static InventoryMeter? Find(SqliteSession session, string serial)
    {
        using SqliteStatement select = session.Prepare($"SELECT {Columns} FROM meter WHERE serial = ?1");
        select.Bind(1, serial);
        return select.Step() ? Read(session, select) : null;
    }

    private static InventoryMeter Read(SqliteSession session, SqliteStatement row)
    {
        var endDevice = new EndDeviceId(row.Text(0));
        MeterModel? model = row.IsNull(3) ? null : new MeterModel(row.Text(3), row.Text(4), row.Text(5));
        var access = new MeterAccess((int)row.Integer(6), (int)row.Integer(7), Enum.Parse<LinkAuthentication>(row.Text(8)), Enum.Parse<LinkProtection>(row.Text(9)))
        {
            Suite = (int)row.Integer(10), Envelope = Enum.Parse<LinkEnvelope>(row.Text(11)), Signs = row.Integer(12) != 0,
        };
        return new InventoryMeter(endDevice, row.Text(1), row.Text(2), model, access, InstallationTable.Of(session, endDevice)) { Feeder = row.Text(13), DeviceName = row.Text(14) };
    }
}
