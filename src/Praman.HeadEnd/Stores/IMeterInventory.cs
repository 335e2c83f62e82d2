using Praman.HeadEnd.Inventory;
using Praman.Metering;

namespace Praman.HeadEnd.Stores;

/// <summary>The meters that the head-end reads. What is known of a meter is replaced whole, under its serial.</summary>
public interface IMeterInventory
{
    /// <summary>Adds or replaces; durable on return.</summary>
    ValueTask PutAsync(IReadOnlyList<InventoryMeter> meters, CancellationToken cancellationToken);

    ValueTask<InventoryMeter?> FindAsync(EndDeviceId endDevice, CancellationToken cancellationToken);

    /// <summary>The meter of a system title, 16 hex digits in capitals; null where none has it, or more than one does.</summary>
    ValueTask<InventoryMeter?> FindByTitleAsync(string systemTitle, CancellationToken cancellationToken);

    /// <summary>All meters, by serial in ordinal order.</summary>
    IAsyncEnumerable<InventoryMeter> ReadAllAsync(CancellationToken cancellationToken);

    /// <summary>How many meters stand somewhere, without an end that is known: all, or those of one feeder.</summary>
    ValueTask<int> CountInServiceAsync(string? feeder, CancellationToken cancellationToken);

    /// <summary>Meters that stood or stand at a usage point, by the time of their installation.</summary>
    ValueTask<IReadOnlyList<InventoryMeter>> FindAtAsync(UsagePointId usagePoint, CancellationToken cancellationToken);
}
