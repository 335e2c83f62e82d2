using System.Collections.Concurrent;
using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Praman.Metering;

namespace Praman.Server.Words;

/// <summary>Numbers, money and dates as people of one culture write them. Inside the system all text is invariant; here is the edge.</summary>
internal sealed class Format
{
    private static readonly ConcurrentDictionary<string, Format> ByCulture = new();
    private readonly LocalDatePattern _dayLong, _day, _dayShort, _weekday, _month, _monthShort;
    private readonly LocalTimePattern _time;

    private Format(CultureInfo culture)
    {
        Culture = culture;
        _dayLong = LocalDatePattern.Create("dddd d MMMM uuuu", culture);
        _day = LocalDatePattern.Create("d MMMM uuuu", culture);
        _dayShort = LocalDatePattern.Create("d MMM", culture);
        _weekday = LocalDatePattern.Create("ddd", culture);
        _month = LocalDatePattern.Create("MMMM uuuu", culture);
        _monthShort = LocalDatePattern.Create("MMM", culture);
        _time = LocalTimePattern.Create("HH:mm", culture);
    }

    public static Format Current => ByCulture.GetOrAdd(CultureInfo.CurrentUICulture.Name, static _ => new Format(CultureInfo.CurrentUICulture));

    public CultureInfo Culture { get; }

    /// <summary>Fills a text of the resources.</summary>
    public string Text(string format, params ReadOnlySpan<object?> values) => string.Format(Culture, format, values);

    /// <summary>Whole minor units as an amount with its sign: ₹1,23,456.78, −₹20.00.</summary>
    public string Money(long minorUnits, string currency = "INR")
    {
        string number = (Math.Abs((decimal)minorUnits) / 100m).ToString("N2", Culture);
        return (minorUnits < 0 ? "−" : "") + Sign(currency) + number;
    }

    /// <summary>As <see cref="Money(long, string)"/>, with a plus where it is more: +₹20.00.</summary>
    public string MoneyChange(long minorUnits, string currency) => (minorUnits > 0 ? "+" : "") + Money(minorUnits, currency);

    public string Money(Money money) => Money(money.ToMinorUnits(), money.Currency);

    /// <summary>Energy for reading at a glance: two decimals below 100 kWh, one above, with its unit.</summary>
    public string Kwh(long wh) => $"{KwhNumber(wh)} {W.UnitKwh}";

    /// <summary>As <see cref="Kwh"/>, without the unit.</summary>
    public string KwhNumber(long wh) => Number(KwhShown(wh), KwhDecimals(wh));

    /// <summary>What lies between two energies as <see cref="Kwh"/> shows them, so that a reader's own sum comes out to the last digit; with its unit.</summary>
    public string KwhBetween(long one, long other) =>
        $"{Number(Math.Abs(KwhShown(one) - KwhShown(other)), Math.Max(KwhDecimals(one), KwhDecimals(other)))} {W.UnitKwh}";

    /// <summary>True where two energies are shown alike.</summary>
    public static bool AreShownAlike(long one, long other) => KwhShown(one) == KwhShown(other);

    /// <summary>Energy to the watt-hour, in kWh: what a table shows, so that it can be added up.</summary>
    public string KwhExact(long wh) => (wh / 1000m).ToString("N3", Culture);

    /// <summary>The text for one, or that for none and for more.</summary>
    public static string Of(long count, string one, string many) => count == 1 ? one : many;

    public string Count(long value) => value.ToString("N0", Culture);

    /// <summary>As <see cref="Count"/>, with a sign: +1,234, −5.</summary>
    public string Change(long value) => value < 0 ? "−" + Count(-value) : value > 0 ? "+" + Count(value) : Count(value);

    /// <summary>A decimal text of a bill with the culture's grouping and its own number of decimals.</summary>
    public string Decimal(string text)
    {
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)) return text;
        int point = text.IndexOf('.', StringComparison.Ordinal);
        int decimals = point < 0 ? 0 : text.Length - point - 1;
        return Number(value, decimals);
    }

    /// <summary>A rate of a bill, as many decimals as it has, with its sign: ₹3.05.</summary>
    public string Rate(string text, string currency) =>
        text.StartsWith('-') ? "−" + Sign(currency) + Decimal(text[1..]) : Sign(currency) + Decimal(text);

    public string Percent(decimal share) => share.ToString("P1", Culture);

    public string DayLong(LocalDate day) => _dayLong.Format(day);

    public string Day(LocalDate day) => _day.Format(day);

    public string DayShort(LocalDate day) => _dayShort.Format(day);

    public string Weekday(LocalDate day) => _weekday.Format(day);

    public string Month(LocalDate day) => _month.Format(day);

    public string MonthShort(LocalDate day) => _monthShort.Format(day);

    public string Time(LocalTime time) => _time.Format(time);

    /// <summary>A period in the fewest words: a month by its name, else first and last day.</summary>
    public string Period(DateInterval period) =>
        period.Start.Day == 1 && period.End == period.Start.PlusMonths(1).PlusDays(-1) ? Month(period.Start) : Span(period);

    /// <summary>A period by its first and last day.</summary>
    public string Span(DateInterval period) => $"{Day(period.Start)} – {Day(period.End)}";

    public string At(Instant instant, DateTimeZone zone)
    {
        LocalDateTime local = instant.InZone(zone).LocalDateTime;
        return $"{Day(local.Date)}, {Time(local.TimeOfDay)}";
    }

    private string Number(decimal value, int decimals) => value.ToString("N" + decimals.ToString(CultureInfo.InvariantCulture), Culture);

    private static int KwhDecimals(long wh) => Math.Abs(wh) < 100_000 ? 2 : 1;

    private static decimal KwhShown(long wh) => Math.Round(wh / 1000m, KwhDecimals(wh), MidpointRounding.AwayFromZero);

    private static string Sign(string currency) => currency switch { "INR" => "₹", "EUR" => "€", "GBP" => "£", "USD" => "$", "AUD" => "A$", "LKR" => "Rs ", _ => currency + " " };
}
