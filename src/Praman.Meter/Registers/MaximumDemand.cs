using NodaTime;

namespace Praman.Meter.Registers;

/// <summary>The highest mean power of an interval of a period, and the end of that interval on the meter's clock.</summary>
public readonly record struct MaximumDemand(uint Watts, uint VoltAmperes, Instant At);
