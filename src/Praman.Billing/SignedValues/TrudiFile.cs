using NodaTime;
using Praman.Metering;

namespace Praman.Billing.SignedValues;

/// <summary>Whose file it is: a device's and a supplier's must agree in all four.</summary>
public sealed record TrudiParty(string UsagePoint, string InvoicingParty, string Gateway, string TariffName);

/// <summary>A register as the gateway read it.</summary>
/// <param name="At">The time of the reading.</param>
/// <param name="Value">The register, in units of the list.</param>
/// <param name="Status">PTB status, 0 to 4; from 3 on the value must not be used.</param>
public readonly record struct TrudiReading(Instant At, long Value, int Status)
{
    /// <summary>The first status that is critical.</summary>
    public const int Critical = 3;
}

/// <summary>Readings of one register of one meter, by time.</summary>
/// <param name="Meter">The meter's id.</param>
/// <param name="Obis">The register, total over all tariffs.</param>
/// <param name="Exponent">One unit of a value is 10^Exponent Wh.</param>
public sealed record TrudiList(string Meter, ObisCode Obis, int Exponent, IReadOnlyList<TrudiReading> Readings);

/// <summary>What a gateway gives its consumer (VDE AR 2418-6, device).</summary>
public sealed record TrudiDevice(TrudiParty Party, IReadOnlyList<TrudiList> Lists);

/// <summary>A tariff number from a local time of day on.</summary>
public readonly record struct TrudiChange(LocalTime At, int Tariff);

/// <summary>How a supplier bills (VDE AR 2418-6, supplier): stages, day profiles, and which day has which.</summary>
/// <param name="Stages">Tariff numbers, 1 to 62.</param>
/// <param name="Default">The number where a profile begins later than midnight.</param>
/// <param name="Profiles">Changes of a day by the profile's id, by time.</param>
/// <param name="Days">The profile of each day.</param>
public sealed record TrudiSupplier(
    TrudiParty Party, int UseCase, Interval BillingPeriod, IReadOnlyList<int> Stages, int Default, IReadOnlyDictionary<int, IReadOnlyList<TrudiChange>> Profiles,
    IReadOnlyDictionary<LocalDate, int> Days);
