using NodaTime;
using Praman.Metering;

namespace Praman.Server.Pages;

/// <summary>Addresses of the pages of a wallet.</summary>
internal static class WalletLinks
{
    public static string Of(UsagePointId id) => $"/wallet?up={id}";

    public static string Month(UsagePointId id, LocalDate month) => $"/wallet/{id}/month/{UseLinks.MonthPattern.Format(month)}";
}
