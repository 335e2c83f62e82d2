using System.Globalization;
using NodaTime;
using Praman.Metering;

namespace Praman.Billing.Wallets;

/// <summary>Keys of what wallets post: <c>day/2026-04-01/UP-000000042/1</c> for the first posting of a day, <c>wallet/2026-04-01/UP-000000042/7</c> for entry 7.</summary>
internal static class WalletKeys
{
    public static string Day(LocalDate day, UsagePointId usagePoint, int sequence) =>
        string.Create(CultureInfo.InvariantCulture, $"day/{day.Year:D4}-{day.Month:D2}-{day.Day:D2}/{usagePoint}/{sequence}");

    public static string Step(LocalDate day, UsagePointId usagePoint, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"wallet/{day.Year:D4}-{day.Month:D2}-{day.Day:D2}/{usagePoint}/{number}");
}
