using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Readings;

/// <summary>Serial numbers as small numbers, so that a register's row does not repeat its meter's name.</summary>
internal static class DeviceTable
{
    /// <summary>The number of a meter, given to it where it has none.</summary>
    public static long Number(SqliteSession session, EndDeviceId endDevice)
    {
        using SqliteStatement select = session.Prepare("SELECT id FROM device WHERE serial = ?1");
        if (select.Bind(1, endDevice.Serial).Step()) return select.Integer(0);
        using SqliteStatement insert = session.Prepare("INSERT INTO device (serial) VALUES (?1) RETURNING id");
        return insert.Bind(1, endDevice.Serial).Step()
            ? insert.Integer(0)
            : throw new StoreException(StoreFault.Damaged, $"meter {endDevice} could not be given a number");
    }
}
