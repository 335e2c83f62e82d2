using NodaTime;

namespace Praman.Billing.Ledger;

/// <summary>Which entries count: by the day they belong to, by when they were written, or both; the default counts all.</summary>
/// <param name="BusinessDate">The last business day that counts.</param>
/// <param name="BookedBefore">What was written at or after this does not count.</param>
public readonly record struct AsOf(LocalDate? BusinessDate, Instant? BookedBefore)
{
    /// <summary>All that is written.</summary>
    public static AsOf Now => default;
}
