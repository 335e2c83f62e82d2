using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Meter.Tests;

/// <summary>Rows of profiles as a client reads them.</summary>
internal static class MeterReading
{
    public readonly record struct Row(Instant At, long[] Values);

    /// <summary>All rows of what was read last.</summary>
    public static List<Row> Rows(this TestLink link)
    {
        Assert.True(ProfileRowReader.TryOpen(link.Client.Data, TimestampRule.India, 0, out ProfileRowReader reader, out DecodeError error), error.ToString());
        var rows = new List<Row>();
        Span<long> values = stackalloc long[32];
        while (reader.TryReadRow(values, out error)) rows.Add(new(Instant.FromUnixTimeSeconds(values[0]), values[..reader.ColumnCount].ToArray()));
        Assert.Null(error.Reason);
        Assert.Equal(reader.RowCount, rows.Count);
        return rows;
    }

    public static List<Row> Range(this TestLink link, ObisCode profile, Instant from, Instant to)
    {
        link.Done(link.Client.GetRange(profile, Stamp(from), Stamp(to)));
        return link.Rows();
    }

    public static List<Row> All(this TestLink link, ObisCode profile)
    {
        link.Done(link.Client.Get(new(7, profile, 2)));
        return link.Rows();
    }

    public static long Number(this TestLink link, ushort classId, ObisCode name, sbyte attribute = 2)
    {
        link.Done(link.Client.Get(new(classId, name, attribute)));
        Assert.True(link.Client.TryGetValue(out CosemData value, out _));
        Assert.True(value.TryGetInt64(out long number));
        return number;
    }

    public static CosemDateTime Stamp(Instant at) => CosemDateTime.From(at, Offset.FromHoursAndMinutes(5, 30), indianSign: true);

    /// <summary>The local time of India.</summary>
    public static Instant India(int month, int day, int hour = 0, int minute = 0) =>
        new LocalDateTime(2026, month, day, hour, minute).WithOffset(Offset.FromHoursAndMinutes(5, 30)).ToInstant();
}
