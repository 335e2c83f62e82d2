namespace Praman.Server.Api;

/// <summary>A usage point of the person who asks.</summary>
/// <param name="Id">As in <c>UP-000000042</c>.</param>
/// <param name="ServicePoint">The number that the consumer knows.</param>
/// <param name="TimeZone">TZDB id; all days are local days of it.</param>
/// <param name="LastDay">The newest local day held, ISO 8601.</param>
/// <param name="LastReadAt">When the meter last answered, ISO 8601 in UTC.</param>
public sealed record UsagePointDto(string Id, string ServicePoint, string Utility, string TimeZone, string TariffId, string? Meter, string? LastDay, string? LastReadAt);

/// <summary>Readings of some local days.</summary>
/// <param name="Channel">Reading type by name, such as <c>import-energy</c>.</param>
/// <param name="Unit">Unit of the values, such as <c>Wh</c>.</param>
/// <param name="Obis">OBIS code of the channel.</param>
public sealed record ReadingsDto(string UsagePoint, string Channel, string Obis, string Unit, string TimeZone, IReadOnlyList<ReadingsDayDto> Days);

/// <summary>One local day.</summary>
/// <param name="Day">Local date.</param>
/// <param name="Start">Start of the first interval, ISO 8601 in UTC.</param>
/// <param name="Version">0 is the first receipt; each correction is one more.</param>
/// <param name="Values">A value an interval; null where nothing is known. Days of 23 and 25 hours have fewer and more.</param>
/// <param name="States">A state an interval: <c>valid</c>, <c>like-day-average</c>, <c>missing</c>…</param>
/// <param name="Sha256">Hash of the block's canonical octets, lower-case hex.</param>
public sealed record ReadingsDayDto(
    string Day, string Start, int IntervalMinutes, int Version, IReadOnlyList<long?> Values, IReadOnlyList<string> States, long Total, int EstimatedCount, string Sha256);

/// <summary>A bill in a list.</summary>
/// <param name="TotalPaise">What is asked for, in whole hundredths of the currency.</param>
/// <param name="LogIndex">Entry of the bill in the public log.</param>
public sealed record BillDto(
    string BillNo, string UsagePoint, string From, string To, string Issued, string Currency, long TotalPaise, long EnergyWh, long EstimatedWh, bool IsProvisional, long LogIndex);

/// <summary>Bills and how many there are in all.</summary>
public sealed record BillsDto(IReadOnlyList<BillDto> Bills, int Total);

/// <summary>Collection of one local day, in day blocks.</summary>
public sealed record CoverageDto(string Day, int Expected, int Measured, int Estimated, int Missing, int LateReceived);

/// <summary>The public log in figures.</summary>
public sealed record LogDto(string Origin, long TreeSize, string LogKey, IReadOnlyList<string> WitnessKeys);

/// <summary>A name and a password.</summary>
public sealed record SignInDto(string Name, string Password);
