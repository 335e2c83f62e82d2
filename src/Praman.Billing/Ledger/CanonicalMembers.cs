using NodaTime;
using NodaTime.Text;
using Praman.Billing.Rating;
using Praman.Metering;
using Praman.Proof.Canonical;

namespace Praman.Billing.Ledger;

/// <summary>Dates, times, usage points and decimals as members of canonical JSON, written as octets: records, entries and bills are written by the million.</summary>
internal static class CanonicalMembers
{
    private const int YearMax = 9_999, DateLength = 10, SecondsLength = 20, UsagePointLengthMax = 24;

    /// <summary>As <see cref="LocalDatePattern.Iso"/> writes it: <c>2026-04-30</c>.</summary>
    public static void Member(this CanonicalJsonWriter json, ReadOnlySpan<byte> name, LocalDate date)
    {
        if (!IsPlain(date))
        {
            json.Member(name, LocalDatePattern.Iso.Format(date));
            return;
        }
        Span<byte> text = stackalloc byte[DateLength];
        Write(date, text);
        json.Member(name, text);
    }

    /// <summary>As <see cref="InstantPattern.ExtendedIso"/> writes it: <c>2026-04-30T18:30:00Z</c>, with parts of a second where there are any.</summary>
    public static void Member(this CanonicalJsonWriter json, ReadOnlySpan<byte> name, Instant instant)
    {
        LocalDateTime utc = instant.InUtc().LocalDateTime;
        if (utc.NanosecondOfSecond != 0 || !IsPlain(utc.Date)) json.Member(name, InstantPattern.ExtendedIso.Format(instant));
        else MemberSeconds(json, name, utc);
    }

    /// <summary>The same without parts of a second, of which a register's time has none.</summary>
    public static void MemberSeconds(this CanonicalJsonWriter json, ReadOnlySpan<byte> name, Instant instant) => MemberSeconds(json, name, instant.InUtc().LocalDateTime);

    public static void Member(this CanonicalJsonWriter json, ReadOnlySpan<byte> name, UsagePointId usagePoint)
    {
        Span<byte> text = stackalloc byte[UsagePointLengthMax];
        usagePoint.TryFormat(text, out int length);
        json.Member(name, text[..length]);
    }

    /// <summary>A decimal as text, trailing zeros kept: <see cref="DecimalText.AsGiven"/>.</summary>
    public static void MemberAsGiven(this CanonicalJsonWriter json, ReadOnlySpan<byte> name, decimal value)
    {
        Span<char> text = stackalloc char[DecimalText.LengthMax];
        json.Name(name);
        json.String(text[..DecimalText.WriteAsGiven(value, text)]);
    }

    private static bool IsPlain(LocalDate date) => date.Year is >= 0 and <= YearMax && date.Calendar == CalendarSystem.Iso;

    private static void MemberSeconds(CanonicalJsonWriter json, ReadOnlySpan<byte> name, LocalDateTime utc)
    {
        Span<byte> text = stackalloc byte[SecondsLength];
        Write(utc.Date, text);
        text[10] = (byte)'T';
        Two(utc.Hour, text[11..]);
        text[13] = (byte)':';
        Two(utc.Minute, text[14..]);
        text[16] = (byte)':';
        Two(utc.Second, text[17..]);
        text[19] = (byte)'Z';
        json.Member(name, text);
    }

    private static void Write(LocalDate date, Span<byte> text)
    {
        (int year, int month, int day) = date;
        Two(year / 100, text);
        Two(year % 100, text[2..]);
        text[4] = (byte)'-';
        Two(month, text[5..]);
        text[7] = (byte)'-';
        Two(day, text[8..]);
    }

    private static void Two(int number, Span<byte> text)
    {
        text[0] = (byte)('0' + (number / 10));
        text[1] = (byte)('0' + (number % 10));
    }
}
