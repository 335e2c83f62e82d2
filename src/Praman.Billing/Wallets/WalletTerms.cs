using NodaTime;
using Praman.Billing.Prepayment;
using Praman.Metering;

namespace Praman.Billing.Wallets;

/// <summary>What a wallet is kept by; data of the place, not of the wallet's history.</summary>
/// <param name="Currency">ISO 4217, of two decimals.</param>
/// <param name="Pack">Rules for alerts and cuts.</param>
/// <param name="Holidays">The calendar that the pack names.</param>
public sealed record WalletTerms(UsagePointId UsagePoint, string Currency, RulePack Pack, HolidayCalendar Holidays, DateTimeZone Zone)
{
    /// <summary>The local day of an instant.</summary>
    public LocalDate Day(Instant at) => at.InZone(Zone).Date;
}
