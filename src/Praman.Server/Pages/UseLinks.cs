using NodaTime;
using NodaTime.Text;
using Praman.Metering;

namespace Praman.Server.Pages;

/// <summary>Addresses of the pages of use.</summary>
internal static class UseLinks
{
    public static readonly LocalDatePattern MonthPattern = LocalDatePattern.CreateWithInvariantCulture("uuuu-MM");

    public static string Day(UsagePointId id, LocalDate day) => $"/use/{id}/day/{LocalDatePattern.Iso.Format(day)}";

    public static string Edit(UsagePointId id, LocalDate day) => $"/operator/edit/{id}/{LocalDatePattern.Iso.Format(day)}";

    public static string Month(UsagePointId id, LocalDate month) => $"/use/{id}/month/{MonthPattern.Format(month)}";
}
