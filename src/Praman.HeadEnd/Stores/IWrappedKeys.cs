using Praman.Metering;

namespace Praman.HeadEnd.Stores;

/// <summary>Keys of meters as the key store wrapped them; nothing in clear passes here.</summary>
public interface IWrappedKeys
{
    /// <summary>Adds or replaces; durable on return.</summary>
    ValueTask PutAsync(IReadOnlyList<WrappedMeterKeys> keys, CancellationToken cancellationToken);

    /// <summary>Null where nothing is kept for this meter.</summary>
    ValueTask<WrappedMeterKeys?> FindAsync(EndDeviceId endDevice, CancellationToken cancellationToken);
}

/// <summary>One meter's keys, wrapped by the master key (RFC 3394): an opaque handle to all but the key store.</summary>
/// <param name="MasterKeyId">Which master key wrapped them, so that masters can be changed.</param>
public sealed record WrappedMeterKeys(EndDeviceId EndDevice, string MasterKeyId, ReadOnlyMemory<byte> Wrapped);
