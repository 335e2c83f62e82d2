using NodaTime;
using Praman.Metering;

namespace Praman.Server.Queries;

/// <summary>Bills whose readings have changed since they were made. Nothing is billed again by itself: these are for persons to decide.</summary>
public interface IRebills
{
    /// <summary>Bills with proposals to bill again, those with the newest days first, <paramref name="count"/> after the first <paramref name="skip"/>.</summary>
    ValueTask<RebillPage> ReadAsync(int skip, int count, CancellationToken cancellationToken);
}

/// <summary>A page of bills and how many there are.</summary>
/// <param name="IsCut">There are more proposals than were looked at.</param>
public sealed record RebillPage(IReadOnlyList<RebillBill> Bills, int Total, bool IsCut);

/// <summary>A bill with what has changed behind it.</summary>
/// <param name="Period">The days of the bill; null where the bill is not held here.</param>
/// <param name="Days">Days whose readings changed, by day; they show when it was, and a bill counts them only by its registers.</param>
/// <param name="Registers">What the registers of the period say now; null where none changed.</param>
/// <param name="Difference">What a bill of the new energy would ask for more or less, by the tariff of the bill; null where that is not known.</param>
public sealed record RebillBill(
    string BillNo, UsagePointId UsagePoint, DateInterval? Period, IReadOnlyList<RebillDay> Days, RebillRegisters? Registers, Money? Difference);

/// <summary>A day of a bill with another value than it was billed with.</summary>
/// <param name="Causes">Why there are later versions, in the order in which they came.</param>
/// <param name="Reasons">What persons who edited gave as their reason.</param>
public sealed record RebillDay(LocalDate Day, ReadingType Type, long BilledWh, long NewWh, IReadOnlyList<BlockCause> Causes, IReadOnlyList<string> Reasons)
{
    public long DifferenceWh => NewWh - BilledWh;
}

/// <summary>The registers of a billed period.</summary>
/// <param name="At">Instant of the register that changed.</param>
/// <param name="NewWh">Energy of the period by them now; null where they do not give it.</param>
public sealed record RebillRegisters(Instant At, long BilledWh, long? NewWh)
{
    public long? DifferenceWh => NewWh - BilledWh;
}
