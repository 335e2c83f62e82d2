using NodaTime;
using Praman.HeadEnd.Collection;
using Praman.Metering;

namespace Praman.HeadEnd.Stores;

/// <summary>What became of each meter's each day. A later outcome of the same meter and day replaces the one before.</summary>
public interface ICoverageStore
{
    /// <summary>Durable on return.</summary>
    ValueTask SaveAsync(IReadOnlyList<MeterDayOutcome> outcomes, CancellationToken cancellationToken);

    /// <summary>Outcomes of one local day, by serial.</summary>
    ValueTask<IReadOnlyList<MeterDayOutcome>> ReadDayAsync(LocalDate day, CancellationToken cancellationToken);

    /// <summary>Outcomes of one meter in a range of days, by day.</summary>
    ValueTask<IReadOnlyList<MeterDayOutcome>> ReadMeterAsync(EndDeviceId endDevice, DateInterval days, CancellationToken cancellationToken);
}
