using System.Buffers;
using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.HeadEnd.Collection;
using Praman.Metering;

namespace Praman.HeadEnd.Tests;

public class DailyLoadLayoutTests
{
    private static readonly DateTimeZone India = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
    private static readonly ObisCode Import = new(1, 0, 1, 8, 0);

    [Theory]
    [InlineData(6, 140_737_487, 140_737_487_000_000L)]
    [InlineData(6, 140_737_488, null)]
    [InlineData(6, -140_737_487, -140_737_487_000_000L)]
    [InlineData(6, -140_737_488, null)]
    [InlineData(6, 9_223_372_036_854, null)]
    [InlineData(6, 36_893_488_147_420, null)] // times a million it would wrap to a small number
    [InlineData(0, (1L << 47) - 1, (1L << 47) - 1)]
    [InlineData(0, 1L << 47, null)]
    [InlineData(-3, (1L << 47) * 1000, null)]
    [InlineData(-3, ((1L << 47) * 1000) - 1, (1L << 47) - 1)]
    [InlineData(-3, long.MaxValue, null)]
    public void ARegisterThatReaches48BitsWhenScaledIsNone(sbyte scaler, long raw, long? expected)
    {
        CaptureObject[] columns = [new(8, new(0, 0, 1, 0, 0), 2), new(3, Import, 2)];
        var scalers = new Dictionary<ObisCode, ScalerUnit> { [Import] = new ScalerUnit(scaler, Unit.WattHour) };
        Assert.True(DailyLoadLayout.TryCreate(columns, scalers, out DailyLoadLayout? layout, out string? reason), reason);
        Instant midnight = LocalDays.Bounds(new LocalDate(2026, 6, 10), India).Start;
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new AxdrWriter(buffer);
        writer.WriteArrayHeader(1);
        writer.WriteStructureHeader(2);
        writer.WriteDateTimeOctets(CosemDateTime.From(midnight, Offset.Zero));
        writer.WriteByte(20); // long64
        writer.WriteUInt64(unchecked((ulong)raw));
        writer.Flush();
        var registers = new List<RegisterReading>();
        Instant last = Instant.FromUnixTimeSeconds(0);
        var installation = new Installation(new UsagePointId(5), new EndDeviceId("M"), Instant.FromUtc(2026, 1, 1, 0, 0), null);
        Assert.True(layout.TryRead(buffer.WrittenSpan, new TimestampRule(0), installation, India, registers, ref last, out DecodeError error), error.ToString());
        Assert.Equal(midnight, last);
        if (expected is { } value) Assert.Equal(value, Assert.Single(registers).Value);
        else Assert.Empty(registers);
    }
}
