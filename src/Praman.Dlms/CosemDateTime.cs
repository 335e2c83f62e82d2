using System.Buffers.Binary;
using System.Globalization;
using NodaTime;

namespace Praman.Dlms;

/// <summary>
/// A COSEM date-time: twelve octets that keep wildcards, deviation and clock status as they came (IEC 62056-6-2, date-time). A field of
/// 0xFF (year 0xFFFF, deviation 0x8000) is not specified.
/// </summary>
public readonly record struct CosemDateTime(
    ushort Year, byte Month, byte Day, byte DayOfWeek, byte Hour, byte Minute, byte Second, byte Hundredths, short Deviation, byte ClockStatus)
{
    /// <summary>Octets of a date-time.</summary>
    public const int Length = 12;

    public const ushort YearNotSpecified = 0xFFFF;
    public const byte NotSpecified = 0xFF;
    public const short DeviationNotSpecified = unchecked((short)0x8000);

    /// <summary>Minutes of India's offset. Its meters send +330 where the Blue Book asks for −330; both mean UTC+05:30.</summary>
    public const short IndianDeviation = 330;

    private const short IndianDeviationByBlueBook = -330;
    private const int DeviationMax = 840;

    /// <summary>Nothing specified.</summary>
    public static CosemDateTime Wildcard { get; } = new(YearNotSpecified, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, DeviationNotSpecified, 0xFF);

    /// <summary>True where the clock status says that the time may be wrong (bits 0 invalid, 1 doubtful); false where it is not specified.</summary>
    public bool IsDoubtful => ClockStatus != 0xFF && (ClockStatus & 0x03) != 0;

    /// <summary>True where the clock status says that daylight saving is in force.</summary>
    public bool IsDaylightSaving => ClockStatus != 0xFF && (ClockStatus & 0x80) != 0;

    /// <summary>The offset from UTC that the deviation means; null where it is not specified or out of range.</summary>
    public Offset? UtcOffset => Deviation switch
    {
        IndianDeviation or IndianDeviationByBlueBook => Offset.FromHoursAndMinutes(5, 30),
        not (>= -DeviationMax and <= DeviationMax) => null,
        _ => Offset.FromSeconds(-60 * Deviation),
    };

    /// <summary>Reads twelve octets; false where there are not twelve. No field is judged here.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, out CosemDateTime value)
    {
        value = default;
        if (octets.Length != Length) return false;
        value = new(BinaryPrimitives.ReadUInt16BigEndian(octets), octets[2], octets[3], octets[4], octets[5], octets[6], octets[7], octets[8],
            BinaryPrimitives.ReadInt16BigEndian(octets[9..]), octets[11]);
        return true;
    }

    /// <summary>A local time with its deviation in the Blue Book's sign (UTC+05:30 is −330) or the Indian meters' (+330).</summary>
    public static CosemDateTime From(LocalDateTime local, Offset offset, byte clockStatus = 0, bool indianSign = false)
    {
        int minutes = offset.Seconds / 60;
        return new((ushort)local.Year, (byte)local.Month, (byte)local.Day, (byte)local.DayOfWeek, (byte)local.Hour, (byte)local.Minute,
            (byte)local.Second, (byte)(local.Millisecond / 10), (short)(indianSign ? minutes : -minutes), clockStatus);
    }

    /// <summary>An instant as local time at <paramref name="offset"/>.</summary>
    public static CosemDateTime From(Instant instant, Offset offset, byte clockStatus = 0, bool indianSign = false) =>
        From(instant.WithOffset(offset).LocalDateTime, offset, clockStatus, indianSign);

    /// <summary>The local date and time; false where date, hour or minute is a wildcard or no such day exists. Missing seconds are 0.</summary>
    public bool TryToLocal(out LocalDateTime local)
    {
        local = default;
        if (Year is 0 or > 9998 || Month is < 1 or > 12 || Day < 1 || Day > CalendarSystem.Iso.GetDaysInMonth(Year, Month)) return false;
        if (Hour > 23 || Minute > 59 || (Second > 59 && Second != NotSpecified) || (Hundredths > 99 && Hundredths != NotSpecified)) return false;
        int second = Second == NotSpecified ? 0 : Second;
        int hundredths = Hundredths == NotSpecified ? 0 : Hundredths;
        local = new LocalDateTime(Year, Month, Day, Hour, Minute, second, hundredths * 10);
        return true;
    }

    /// <summary>The instant meant; <paramref name="fallback"/> stands in where the deviation is not specified.</summary>
    /// <returns>False where a field is a wildcard, or neither deviation nor fallback is given.</returns>
    public bool TryToInstant(Offset? fallback, out Instant instant)
    {
        instant = default;
        Offset? offset = UtcOffset ?? (Deviation == DeviationNotSpecified ? fallback : null);
        if (offset is null || !TryToLocal(out LocalDateTime local)) return false;
        instant = local.WithOffset(offset.Value).ToInstant();
        return true;
    }

    /// <inheritdoc cref="TryToInstant(Offset?, out Instant)"/>
    public bool TryToInstant(out Instant instant) => TryToInstant(null, out instant);

    /// <summary>Writes twelve octets; <paramref name="destination"/> must hold them.</summary>
    public void CopyTo(Span<byte> destination)
    {
        destination[11] = ClockStatus;
        BinaryPrimitives.WriteUInt16BigEndian(destination, Year);
        destination[2] = Month;
        destination[3] = Day;
        destination[4] = DayOfWeek;
        destination[5] = Hour;
        destination[6] = Minute;
        destination[7] = Second;
        destination[8] = Hundredths;
        BinaryPrimitives.WriteInt16BigEndian(destination[9..], Deviation);
    }

    public byte[] ToOctets()
    {
        byte[] octets = new byte[Length];
        CopyTo(octets);
        return octets;
    }

    /// <summary><c>2020-01-01T00:03:00+02:00</c>; unspecified parts are asterisks, an unspecified deviation is left out.</summary>
    public override string ToString()
    {
        string Two(byte value) => value == NotSpecified ? "**" : value.ToString("00", CultureInfo.InvariantCulture);
        string year = Year == YearNotSpecified ? "****" : Year.ToString("0000", CultureInfo.InvariantCulture);
        string offset = UtcOffset is { } known ? NodaTime.Text.OffsetPattern.CreateWithInvariantCulture("+HH:mm").Format(known) : "";
        return $"{year}-{Two(Month)}-{Two(Day)}T{Two(Hour)}:{Two(Minute)}:{Two(Second)}{offset}";
    }
}
