using System.Collections.Frozen;
using NodaTime;

namespace Praman.Billing.Prepayment;

/// <summary>The public holidays of a State or country, for the years that it knows.</summary>
public sealed class HolidayCalendar(string id, IEnumerable<LocalDate> dates)
{
    private readonly FrozenSet<LocalDate> _dates = dates.ToFrozenSet();

    public string Id { get; } = id;

    /// <summary>No holidays at all.</summary>
    public static HolidayCalendar None { get; } = new("none", []);

    public bool Contains(LocalDate date) => _dates.Contains(date);

    /// <summary>Whether the calendar was published for the year. A year without one is not a year without holidays.</summary>
    public bool Knows(int year) => _dates.Any(d => d.Year == year);
}
