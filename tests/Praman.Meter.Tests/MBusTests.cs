using System.Text;
using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Explain;
using Praman.Meter.Definitions;
using Praman.Meter.Load;
using Praman.Metering;
using Praman.Testing;

namespace Praman.Meter.Tests;

/// <summary>The M-Bus hub that comes along: what it captures of the slaves on its channels, and what a client does with them.</summary>
public class MBusTests
{
    private const byte NotValid = 0x04, SummerTime = 0x08, PowerDown = 0x80;
    private static readonly Instant Now = ActingMeter.Start + Duration.FromDays(40) + Duration.FromMinutes(20);

    private readonly record struct Row(Instant At, byte Status, long Value, Instant CapturedAt);

    private static VirtualMeter Make(ulong seed = 3, string serial = "E7") =>
        new(ActingMeter.Type("mbus-hub"), serial, TestMeter.MeterTitle, TestMeter.Keys, new HouseholdLoad(seed, ActingMeter.Start, Offset.FromHours(1)), ActingMeter.Start);

    private static ObisCode Client(int channel) => new(0, (byte)channel, 24, 1, 0);

    private static ObisCode Register(int channel) => new(0, (byte)channel, 24, 2, 1);

    private static ObisCode Profile(int channel) => new(0, (byte)channel, 24, 3, 0);

    private static List<Row> Rows(TestLink link, int channel) => [.. link.Value(7, Profile(channel)).Items.ToArray()
        .Select(row => new Row(Time(row[0]), (byte)Whole(row[1]), Whole(row[2]), Time(row[3])))];

    private static long Whole(in CosemData data)
    {
        Assert.True(data.TryGetInt64(out long value), $"{data} is no whole number");
        return value;
    }

    private static Instant Time(in CosemData data)
    {
        Assert.True(data.TryGetDateTime(out CosemDateTime time));
        Assert.True(time.TryToInstant(out Instant at));
        return at;
    }

    private static ClientError Refused(TestLink link, int channel, sbyte method, sbyte parameter = 0) =>
        link.Fails(link.Client.Action(new(72, Client(channel), method), CosemData.Integer(parameter)));

    [Theory]
    [InlineData(1, 3, "gas", Unit.CubicMetre, -3, 3600)]
    [InlineData(2, 7, "water", Unit.CubicMetre, -3, 3600)]
    [InlineData(3, 4, "heat", Unit.Joule, 6, 3600)]
    [InlineData(4, 2, "electricity", Unit.WattHour, 0, 900)]
    public void EachChannelSaysWhatHangsOnItAndItsRowsGrowByWhatTheRegisterDoes(int channel, int deviceType, string words, Unit unit, int scaler, int period)
    {
        using TestLink link = Make().Link(TestMeter.Utility, Now).Connected();
        Assert.Equal(channel, link.Number(72, Client(channel), 5));
        Assert.Equal(deviceType, link.Number(72, Client(channel), 9));
        Assert.Equal(words, MBusNames.DeviceType(deviceType));
        Assert.Equal("PRM", MBusNames.Maker((int)link.Number(72, Client(channel), 7)));
        Assert.True(MBusNames.Words(6, link.Value(72, Client(channel), 6))!.All(char.IsAsciiDigit));
        Assert.True(link.Value(4, Register(channel), 3).TryGetScalerUnit(out ScalerUnit shown));
        Assert.Equal(new ScalerUnit((sbyte)scaler, unit), shown);
        Assert.Equal(period, link.Number(7, Profile(channel), 4));

        List<Row> rows = Rows(link, channel);
        Assert.Equal(40 * NodaConstants.SecondsPerDay / period + (period == 900 ? 1 : 0), rows.Count);
        for (int i = 1; i < rows.Count; i++)
        {
            Assert.Equal(Duration.FromSeconds(period), rows[i].At - rows[i - 1].At);
            Assert.True(rows[i].Value >= rows[i - 1].Value, $"{rows[i]} after {rows[i - 1]}");
        }
        Assert.True(rows[^1].Value > rows[0].Value);
        Assert.Equal(rows[^1].Value, link.Number(4, Register(channel)));
        Assert.Equal(rows[^1].CapturedAt, Time(link.Value(4, Register(channel), 5)));
    }

    [Fact]
    public void AMissedTelegramLeavesTheValueBeforeAndAMark()
    {
        using TestLink link = Make().Link(TestMeter.Utility, Now).Connected();
        List<Row> rows = Rows(link, 4);
        int missed = 0;
        for (int i = 1; i < rows.Count; i++)
        {
            bool isMissed = (rows[i].Status & NotValid) != 0;
            Assert.Equal(isMissed, rows[i].CapturedAt < rows[i].At);
            if (!isMissed) continue;
            missed++;
            Assert.Equal((rows[i - 1].Value, rows[i - 1].CapturedAt), (rows[i].Value, rows[i].CapturedAt));
        }
        Assert.InRange(missed, 1, rows.Count / 20);
        // The register says so too: as it stood when one was missed.
        Row first = rows.First(r => (r.Status & NotValid) != 0);
        using TestLink then = Make().Link(TestMeter.Utility, first.At + Duration.FromMinutes(1)).Connected();
        Assert.Equal((NotValid, first.Value), (then.Number(4, Register(4), 4), then.Number(4, Register(4))));
        Assert.Equal(first.Status, then.Number(1, new(0, 4, 96, 10, 3)));
    }

    [Fact]
    public void WithoutPowerNoTelegramComes()
    {
        VirtualMeter meter = Make();
        Instant off = ActingMeter.At(6, 3, 9, 30), on = ActingMeter.At(6, 3, 12, 30);
        meter.FailPower(off);
        meter.RestorePower(on);
        using TestLink link = meter.Link(TestMeter.Utility, ActingMeter.At(6, 3, 14, 20)).Connected();
        List<Row> rows = Rows(link, 1), away = [.. rows.Where(r => r.At > off && r.At < on)];
        Assert.Equal(3, away.Count);
        Assert.All(away, row => Assert.Equal(NotValid | SummerTime | PowerDown, row.Status));
        Assert.All(away, row => Assert.True(row.CapturedAt < off));
        Assert.True(rows[^1].CapturedAt > on && rows[^1].Value > away[0].Value);
    }

    [Fact]
    public void ASlaveIsTakenOffItsChannelAndInstalledAgain()
    {
        using TestLink link = Make().Link(TestMeter.Utility, Now).Connected();
        long identification = link.Number(72, Client(2), 6);
        int before = Rows(link, 2).Count;
        Assert.NotEqual(0, identification);
        Refused(link, 2, 1, 9); // a slave is there already
        link.Fails(link.Client.Set(new(72, Client(2), 6), CosemData.DoubleLongUnsigned(1)));
        link.Do(72, Client(2), 2, CosemData.Integer(0));
        Assert.Equal((0, 0, 0), (link.Number(72, Client(2), 5), link.Number(72, Client(2), 6), link.Number(72, Client(2), 9)));
        Refused(link, 2, 2);
        Refused(link, 2, 3);
        long kept = link.Number(4, Register(2));

        link.Now += Duration.FromHours(5);
        Assert.Equal((kept, (long)NotValid), (link.Number(4, Register(2)), link.Number(4, Register(2), 4)));
        Assert.Equal(before, Rows(link, 2).Count);

        link.Do(72, Client(2), 1, CosemData.Unsigned(17));
        Assert.Equal((17, identification, 7), (link.Number(72, Client(2), 5), link.Number(72, Client(2), 6), link.Number(72, Client(2), 9)));
        Assert.True(link.Number(4, Register(2)) > kept);
        link.Now += Duration.FromHours(2);
        Assert.Equal(before + 2, Rows(link, 2).Count);
    }

    [Fact]
    public void CaptureAsksForATelegramNow()
    {
        using TestLink link = Make().Link(TestMeter.Utility, Now).Connected();
        long access = link.Number(72, Client(4), 10), value = link.Number(4, Register(4));
        List<Row> rows = Rows(link, 4);
        link.Do(72, Client(4), 3, CosemData.Integer(0));
        Assert.Equal((byte)(access + 1), link.Number(72, Client(4), 10));
        Assert.Equal(Now, Time(link.Value(4, Register(4), 5)));
        Assert.True(link.Number(4, Register(4)) > value);
        Assert.Equal(0, link.Number(4, Register(4), 4));
        Assert.Equal(rows, Rows(link, 4)); // rows are those of the schedule
    }

    [Fact]
    public void ACapturePeriodThatDividesADayIsTakenAndBeginsTheProfileAnew()
    {
        using TestLink link = Make().Link(TestMeter.Utility, Now).Connected();
        foreach (uint refused in (uint[])[1, 899, 1000, 86_401]) link.Fails(link.Client.Set(new(72, Client(1), 4), CosemData.DoubleLongUnsigned(refused)));
        link.Set(72, Client(1), 4, CosemData.DoubleLongUnsigned(1800));
        Assert.Empty(Rows(link, 1));
        link.Now += Duration.FromHours(3);
        Assert.Equal(6, Rows(link, 1).Count);
        Assert.Equal(1800, link.Number(7, Profile(1), 4));
        link.Set(72, Client(1), 4, CosemData.DoubleLongUnsigned(0)); // only when it is asked to
        Assert.Empty(Rows(link, 1));
        link.Do(72, Client(1), 3, CosemData.Integer(0));
        Assert.Equal(link.Now, Time(link.Value(4, Register(1), 5)));
    }

    [Fact]
    public void AnAlarmOfASlaveStaysUntilItIsResetAndKeysAreRefused()
    {
        VirtualMeter meter = Make();
        Assert.True(meter.RaiseSlaveAlarm(3, 0x41));
        Assert.False(meter.RaiseSlaveAlarm(9, 1));
        using TestLink link = meter.Link(TestMeter.Utility, Now).Connected();
        Assert.Equal(0x41, link.Number(72, Client(3), 12));
        link.Do(72, Client(3), 4, CosemData.Integer(0));
        Assert.Equal(0, link.Number(72, Client(3), 12));
        link.Fails(link.Client.Action(new(72, Client(3), 7), CosemData.OctetString(new byte[16])));
    }

    [Fact]
    public void SlavesFollowFromTheSeedAndDifferBetweenMetersAndChannels()
    {
        static (long, long) Of(VirtualMeter meter, int channel)
        {
            using TestLink link = meter.Link(TestMeter.Utility, Now).Connected();
            return (link.Number(72, Client(channel), 6), link.Number(4, Register(channel)));
        }

        Assert.Equal(Of(Make(), 1), Of(Make(), 1));
        HashSet<(long, long)> all = [Of(Make(), 1), Of(Make(), 2), Of(Make(seed: 4), 1), Of(Make(serial: "E8"), 1)];
        Assert.Equal(4, all.Count);
    }

    [Theory]
    [InlineData("\"slave\": \"gas\"", "\"slave\": \"steam\"", "'steam': expected one of electricity, gas, heat, water")]
    [InlineData("\"capturedBy\": \"0.1.24.1.0.255\"", "\"capturedBy\": \"0.9.24.1.0.255\"", "0-9:24.1.0.255 is no M-Bus client")]
    [InlineData("\"scaler\": 6, \"unit\": \"J\"", "\"scaler\": 0, \"unit\": \"Wh\"", "heat is in Joule")]
    [InlineData("\"of\": \"0.1.24.1.0.255\"", "\"of\": \"0.2.24.1.0.255\"", "what 0-2:24.1.0.255 captures")]
    [InlineData("\"0.1.24.2.1.255:5\"", "\"0.1.24.2.1.255:3\"", "what 0-1:24.1.0.255 captures")]
    public void WhatDoesNotFitInAFileIsNamed(string text, string instead, string fault)
    {
        string file = File.ReadAllText(TestFiles.InRepository("meters", "mbus-hub.json"));
        Assert.Contains(text, file, StringComparison.Ordinal);
        int at = file.IndexOf(text, StringComparison.Ordinal);
        Assert.False(MeterDefinition.TryParse(Encoding.UTF8.GetBytes(string.Concat(file.AsSpan(0, at), instead, file.AsSpan(at + text.Length))), out _, out string? said));
        Assert.Contains(fault, said, StringComparison.Ordinal);
    }
}
