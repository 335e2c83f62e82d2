using Praman.HeadEnd.Stores;
using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Meters;

/// <summary>Wrapped keys in the table <c>meter_key</c>: octets that only the key store can open.</summary>
internal sealed class SqliteWrappedKeys(SqliteDatabase database) : IWrappedKeys
{
    private const string PutKey =
        "INSERT INTO meter_key (serial, master_key, wrapped) VALUES (?1, ?2, ?3) ON CONFLICT (serial) DO UPDATE SET master_key = ?2, wrapped = ?3";

    /// <inheritdoc/>
    public async ValueTask PutAsync(IReadOnlyList<WrappedMeterKeys> keys, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            session =>
            {
                using SqliteStatement put = session.Prepare(PutKey);
                foreach (WrappedMeterKeys key in keys) put.Bind(1, key.EndDevice.Serial).Bind(2, key.MasterKeyId).Bind(3, key.Wrapped.Span).Run();
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<WrappedMeterKeys?> FindAsync(EndDeviceId endDevice, CancellationToken cancellationToken) =>
        new(database.Read(
            static (session, device) =>
            {
                using SqliteStatement select = session.Prepare("SELECT master_key, wrapped FROM meter_key WHERE serial = ?1");
                select.Bind(1, device.Serial);
                return select.Step() ? new WrappedMeterKeys(device, select.Text(0), select.Blob(1).ToArray()) : null;
            },
            endDevice));
}
