using NodaTime;

namespace Praman.Metering;

/// <summary>Master data of a usage point (IEC 61968-9), as a bill needs it.</summary>
/// <param name="ServicePoint">The number that the consumer knows: consumer number, NMI, K number.</param>
/// <param name="TimeZone">TZDB id of the zone whose local days are billed: <c>Asia/Kolkata</c>.</param>
/// <param name="SanctionedLoadW">Sanctioned load in watts.</param>
/// <param name="PhaseCount">1 or 3.</param>
/// <param name="TariffId">Id of the tariff in <c>tariffs/</c>.</param>
/// <param name="BillingFlags">Flags of the tariff format: <c>prepaid</c>, <c>subsidy_opted</c>, <c>rural</c>.</param>
public sealed record UsagePoint(
    UsagePointId Id, string ServicePoint, string TimeZone, long SanctionedLoadW, int PhaseCount, string TariffId, IReadOnlyList<string> BillingFlags);

/// <summary>A meter at a usage point, from its installation to its removal.</summary>
/// <param name="From">First instant at which this meter measures.</param>
/// <param name="Until">Instant of its removal; null while it stands.</param>
/// <param name="RegisterDigits">Digits of the register before the point, in kWh, for rollover.</param>
/// <param name="RatedCurrentA">Imax of the meter in amperes, for the physical maximum.</param>
/// <param name="Multiplier">CT ratio × PT ratio × meter constant.</param>
public sealed record Installation(
    UsagePointId UsagePoint, EndDeviceId EndDevice, Instant From, Instant? Until, int RegisterDigits = 6, int RatedCurrentA = 60, int Multiplier = 1);
