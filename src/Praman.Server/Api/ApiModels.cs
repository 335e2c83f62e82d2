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

/// <summary>Where the wallet of a prepaid usage point stands.</summary>
/// <param name="State">OK, LOW, VERY_LOW, ZERO, EMERGENCY, CUT_PENDING, CUT or RESTORING.</param>
/// <param name="BalancePaise">Whole hundredths of the currency; below zero is an ordinary state.</param>
/// <param name="EstimatedPaise">Of what was deducted, for days that are only estimated.</param>
/// <param name="LastDay">The newest local day that is deducted; null before the first.</param>
/// <param name="DaysLeft">How long the balance lasts by the last days; null where that is not known.</param>
/// <param name="FloorPaise">Supply may be cut at this balance or below.</param>
/// <param name="EarliestCut">From when hours and days permit a cut, ISO 8601 in UTC; null while the balance is above the floor.</param>
/// <param name="Rules">Id of the rule pack.</param>
/// <param name="DuesLeftPaise">Old dues under plans.</param>
public sealed record WalletDto(
    string UsagePoint, string Currency, string State, long BalancePaise, long EstimatedPaise, string? LastDay, decimal? DaysLeft, long FloorPaise, string? EarliestCut, string Rules, long DuesLeftPaise,
    WalletMonthDto Month);

/// <summary>A month of a wallet: the statement, its days and its payments. Opening + recharged − taken back − deducted − to dues + to plans − true-up = closing.</summary>
/// <param name="BillPaise">The bill of the same days, once the month is closed.</param>
/// <param name="TrueUpPaise">What bill and days differ by.</param>
public sealed record WalletMonthDto(
    string From, string To, string TariffId, long OpeningPaise, long RechargedPaise, long TakenBackPaise, long DeductedPaise, long ToDuesPaise, long ToPlansPaise, long? BillPaise, long? TrueUpPaise, long ClosingPaise,
    IReadOnlyList<WalletDayDto> Days, IReadOnlyList<WalletPaymentDto> Payments);

/// <summary>A day as it stands.</summary>
/// <param name="Quality">A: read, E: estimated, S: even share between two registers, N: without energy.</param>
/// <param name="RepricingPaise">Of the deduction, what earlier days cost more or less from this day on.</param>
/// <param name="Replaced">How often what stood for it was reversed and posted anew.</param>
public sealed record WalletDayDto(string Day, long EnergyWh, string Quality, long DeductionPaise, long RepricingPaise, int Replaced, IReadOnlyList<WalletLineDto> Lines);

/// <summary>A line of a day.</summary>
/// <param name="Paise">Of this day.</param>
/// <param name="ToDatePaise">Of the month up to and with it; null where the tariff is not held as it was.</param>
/// <param name="Formula">How that came about, in numbers.</param>
public sealed record WalletLineDto(string Id, string Label, long Paise, long? ToDatePaise, string? Formula);

/// <summary>A payment, or one that was taken back (negative).</summary>
/// <param name="At">ISO 8601 in UTC.</param>
/// <param name="ToDuesPaise">What old dues took of it.</param>
public sealed record WalletPaymentDto(string At, string? Reference, long Paise, long ToDuesPaise);
