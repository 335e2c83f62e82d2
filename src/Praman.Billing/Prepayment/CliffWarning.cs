using NodaTime;

namespace Praman.Billing.Prepayment;

/// <summary>A rule that earlier days will be repriced by, if use goes on as it is: "3 days at this use and your bill rises by 225".</summary>
/// <param name="On">The day on which the limit is crossed.</param>
/// <param name="InDays">Days from the last posted one.</param>
/// <param name="DailyKwh">The use that was assumed for each of them.</param>
/// <param name="Amount">What earlier days will cost more.</param>
public sealed record CliffWarning(LocalDate On, int InDays, decimal DailyKwh, decimal Amount);
