using System.Text;
using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Meter.Definitions;
using Praman.Meter.Load;
using Praman.Metering;
using Praman.Testing;

namespace Praman.Meter.Tests;

/// <summary>Meters that are described in a file: those that come along, and what is wrong with others.</summary>
public class DefinitionTests
{
    private static readonly Instant Now = TestMeter.Start + Duration.FromDays(40) + Duration.FromHours(20);

    public static TheoryData<string> Every => [.. Shipped.Select(row => row.Data), "e-meter", "mbus-hub"];

    public static TheoryData<string> Shipped => ["is15959-d1", "is15959-d3", "is15959-c"];

    private static VirtualMeter Make(string name, ILoadSource? load = null)
    {
        byte[] file = File.ReadAllBytes(TestFiles.InRepository("meters", name + ".json"));
        Assert.True(MeterDefinition.TryParse(file, out MeterDefinition? definition, out string? fault), fault);
        ILoadSource source = load ?? new ScaledLoad(new HouseholdLoad(3, TestMeter.Start, Offset.FromHoursAndMinutes(5, 30), solarPeakW: 6000), definition.Model.LoadFactor);
        return new VirtualMeter(definition.CreateType(), "C7", TestMeter.MeterTitle, TestMeter.Keys, source, TestMeter.Start);
    }

    private static CosemData Get(TestLink link, ushort classId, ObisCode name, sbyte attribute = 2)
    {
        link.Done(link.Client.Get(new(classId, name, attribute)));
        Assert.True(link.Client.TryGetValue(out CosemData value, out DecodeError error), error.ToString());
        return value;
    }

    private static long Whole(in CosemData data)
    {
        Assert.True(data.TryGetInt64(out long value), $"{data} is no whole number");
        return value;
    }

    private static ObisCode Name(in CosemData data)
    {
        Assert.True(data.TryGetObisCode(out ObisCode code));
        return code;
    }

    private static Instant Time(in CosemData data)
    {
        Assert.True(data.TryGetDateTime(out Praman.Dlms.CosemDateTime time) && time.TryToInstant(out _));
        time.TryToInstant(out Instant at);
        return at;
    }

    [Theory, MemberData(nameof(Every))]
    public void AClientReadsEveryAttributeThatTheObjectListAllows(string name)
    {
        using TestLink link = Make(name).Link(TestMeter.Utility, Now).Connected();
        CosemData list = Get(link, 15, new(0, 0, 40, 0, 0));
        Assert.True(list.Count > 60);
        int read = 0;
        foreach (CosemData entry in list.Items.ToArray())
        {
            foreach (CosemData right in entry[3][0].Items.ToArray())
            {
                if ((Whole(right[1]) & 1) == 0) continue;
                Get(link, (ushort)Whole(entry[0]), Name(entry[2]), (sbyte)Whole(right[0]));
                read++;
            }
        }
        Assert.True(read > 150, $"{read} attributes");
    }

    [Theory]
    [InlineData("\"utilityMechanism\": 7", "need SecuritySuite 1 or 2")]
    [InlineData("\"certificates\": true", "need SecuritySuite 1 or 2")]
    [InlineData("\"envelope\": \"static\"", "need SecuritySuite 1 or 2")]
    [InlineData("\"envelope\": \"wrapped\"", "one of service, general-glo, identified, one-pass, static was expected")]
    [InlineData("\"securitySuite\": 3", "meter.securitySuite")]
    [InlineData("\"securitySuite\": 1, \"securityPolicy\": 3", "a multiple of 4")]
    [InlineData("\"securitySuite\": 0, \"securityPolicy\": 4", "meter.securityPolicy")]
    [InlineData("\"securitySuite\": 2, \"utilityMechanism\": 7, \"envelope\": \"one-pass\", \"certificates\": true, \"securityPolicy\": 252", null)]
    public void WhatDoesNotGoWithASuiteIsNamed(string members, string? words)
    {
        string text = File.ReadAllText(TestFiles.InRepository("meters", "is15959-d1.json")).Replace("\"flagId\": \"PRM\"", "\"flagId\": \"PRM\", " + members, StringComparison.Ordinal);
        Assert.Contains(members, text, StringComparison.Ordinal);
        Assert.Equal(words is null, MeterDefinition.TryParse(Encoding.UTF8.GetBytes(text), out MeterDefinition? definition, out string? fault));
        if (words is not null) Assert.Contains(words, fault, StringComparison.Ordinal);
        else Assert.Equal((2, 1, 252), (definition!.Model.SecuritySuite, definition.Model.SecuritySetupVersion, definition.Model.SecurityPolicy));
    }

    [Theory, MemberData(nameof(Shipped))]
    public void RowsHaveAValueAColumnAndIntervalsSumToTheRegisters(string name)
    {
        using TestLink link = Make(name).Link(TestMeter.Utility, Now).Connected();
        foreach (ObisCode profile in (ObisCode[])[MeterObis.NamePlate, MeterObis.Instantaneous, MeterObis.BlockLoad, MeterObis.DailyLoad, MeterObis.Billing])
        {
            CosemData columns = Get(link, 7, profile, 3), rows = Get(link, 7, profile);
            Assert.True(rows.Count > 0, $"{profile} is empty");
            Assert.All(rows.Items.ToArray(), row =>
            {
                Assert.Equal(columns.Count, row.Count);
                Assert.DoesNotContain(CosemData.Null, row.Items.ToArray());
            });
        }
        CosemData captures = Get(link, 7, MeterObis.BlockLoad, 3), blocks = Get(link, 7, MeterObis.BlockLoad), days = Get(link, 7, MeterObis.DailyLoad);
        CosemData dayCaptures = Get(link, 7, MeterObis.DailyLoad, 3);
        foreach (byte quantity in (byte[])[1, 2, 9, 10, 5, 6])
        {
            int column = Column(captures, new(1, 0, quantity, 29, 0)), register = Column(dayCaptures, new(1, 0, quantity, 8, 0));
            if (column < 0) continue;
            CosemData first = days[1], last = days[days.Count - 1];
            long sum = 0;
            foreach (CosemData row in blocks.Items)
            {
                if (Time(row[0]) > Time(first[0]) && Time(row[0]) <= Time(last[0])) sum += Whole(row[column]);
            }
            Assert.Equal(Whole(last[register]) - Whole(first[register]), sum);
        }
    }

    private static int Column(CosemData captures, ObisCode name)
    {
        for (int i = 0; i < captures.Count; i++) if (Name(captures[i][1]) == name) return i;
        return -1;
    }

    [Theory, MemberData(nameof(Shipped))]
    public void AScalerProfileHasAScalerForEveryRegisterOfItsProfile(string name)
    {
        using TestLink link = Make(name).Link(TestMeter.Utility, Now).Connected();
        foreach ((ObisCode profile, ObisCode scalers) in ((ObisCode, ObisCode)[])[(MeterObis.Instantaneous, MeterObis.InstantaneousScalers), (MeterObis.BlockLoad, MeterObis.BlockLoadScalers),
            (MeterObis.DailyLoad, MeterObis.DailyLoadScalers), (MeterObis.Billing, MeterObis.BillingScalers)])
        {
            CosemData row = Get(link, 7, scalers)[0];
            Assert.All(row.Items.ToArray(), item => Assert.True(item.TryGetScalerUnit(out _)));
            int registers = Get(link, 7, profile, 3).Items.ToArray().Count(c => Whole(c[0]) is 3 or 4 && Whole(c[2]) == 2);
            Assert.Equal(registers, row.Count);
        }
    }

    [Theory, InlineData("is15959-d3"), InlineData("is15959-c")]
    public void PhasesCarryUnequalPartsThatSumToTheWhole(string name)
    {
        using TestLink link = Make(name).Link(TestMeter.Utility, Now).Connected();
        long voltAmperes = link.Number(3, new(1, 0, 9, 7, 0));
        decimal sum = 0;
        var currents = new HashSet<long>();
        for (byte phase = 0; phase < 3; phase++)
        {
            long centiamperes = link.Number(3, new(1, 0, (byte)(31 + phase * 20), 7, 0)), centivolts = link.Number(3, new(1, 0, (byte)(32 + phase * 20), 7, 0));
            Assert.InRange(centivolts, 20_000, 26_500);
            currents.Add(centiamperes);
            sum += centiamperes * centivolts / 10_000m;
        }
        Assert.Equal(3, currents.Count);
        Assert.InRange(sum, voltAmperes - 10, voltAmperes + 1); // each current is cut to a hundredth of an ampere
    }

    [Fact]
    public void CategoryCHasNoRelayAndD3DoesAsItIsTold()
    {
        using TestLink without = Make("is15959-c").Link(TestMeter.Utility, Now).Connected();
        without.Fails(without.Client.Get(new(70, MeterObis.Relay, 2)));
        VirtualMeter meter = Make("is15959-d3");
        using TestLink with = meter.Link(TestMeter.Utility, Now).Connected();
        with.Done(with.Client.Action(new(70, MeterObis.Relay, 1), CosemData.Integer(0)));
        Assert.Equal(0, with.Number(70, MeterObis.Relay));
        CosemData events = Get(with, 7, MeterObis.EventProfile(6));
        Assert.Equal(301, Whole(events[0][1]));
    }

    [Fact]
    public void AnEventOfAThreePhaseMeterCarriesWhatThePhasesShowed()
    {
        VirtualMeter meter = Make("is15959-d3");
        meter.SetMagnet(TestMeter.Start + Duration.FromDays(3), true);
        using TestLink link = meter.Link(TestMeter.Utility, Now).Connected();
        CosemData row = Get(link, 7, MeterObis.EventProfile(4))[0];
        Assert.Equal(Get(link, 7, MeterObis.EventProfile(4), 3).Count, row.Count);
        Assert.Equal((201, 1), (Whole(row[1]), Whole(row[row.Count - 1])));
        Assert.InRange(Whole(row[5]), 20_000, 26_500);
    }

    private const string Head = """{"format": "praman-meter/1", "name": "test", "meter": {"category": "D1"}, "objects": [""";

    [Fact]
    public void AnObjectOfAnyClassShowsWhatTheFileSays()
    {
        const string file = Head + """{"class": 41, "logicalName": "0.0.25.0.0.255", "attributes": {"2": {"type": "long-unsigned", "value": 4059}, "3": {"type": "octet-string", "value": "obis:0.0.25.1.0.255"}}}]}""";
        Assert.True(MeterDefinition.TryParse(Encoding.UTF8.GetBytes(file), out MeterDefinition? definition, out string? fault), fault);
        var meter = new VirtualMeter(definition.CreateType(), "1", TestMeter.MeterTitle, TestMeter.Keys, new HouseholdLoad(1, TestMeter.Start, Offset.Zero), TestMeter.Start);
        using TestLink link = meter.Link(TestMeter.Utility, Now).Connected();
        Assert.Equal(4059, link.Number(41, new(0, 0, 25, 0, 0)));
        Assert.Equal("0000190100FF", Convert.ToHexString(Get(link, 41, new(0, 0, 25, 0, 0), 3).OctetSpan));
    }

    [Theory]
    [InlineData("{", "line 1")]
    [InlineData("[]", "a list where an object was expected")]
    [InlineData("""{"format": "praman-meter/2", "name": "x", "meter": {"category": "D1"}, "objects": []}""", "format: 'praman-meter/2': expected praman-meter/1")]
    [InlineData("""{"format": "praman-meter/1", "name": "x", "meter": {}, "objects": []}""", "meter: member 'category' is missing")]
    [InlineData("""{"format": "praman-meter/1", "name": "x", "meter": {"category": "D1", "phases": 2}, "objects": []}""", "PhaseCount is 1 or 3")]
    [InlineData("""{"format": "praman-meter/1", "name": "x", "meter": {"category": "D1", "colour": 2}, "objects": []}""", "meter: unknown member 'colour'")]
    [InlineData(Head + """{"class": 3, "logicalName": "1.0.300.7.0.255", "shows": "voltage", "type": "long-unsigned", "scaler": -2, "unit": "V"}]}""", "objects[0].logicalName: '1.0.300.7.0.255'")]
    [InlineData(Head + """{"class": 3, "logicalName": "1.0.12.7.0.255", "shows": "voltage", "type": "long-unsigned", "scaler": -2, "unit": "A"}]}""", "objects[0].unit: Ampere: 'voltage' is in Volt")]
    [InlineData(Head + """{"class": 3, "logicalName": "1.0.12.7.0.255", "shows": "volts", "type": "long-unsigned", "scaler": -2, "unit": "V"}]}""", "objects[0].shows: 'volts'")]
    [InlineData(Head + """{"class": 3, "logicalName": "1.0.12.7.0.255", "shows": "voltage", "type": "long-unsigned", "unit": "V"}]}""", "objects[0]: member 'scaler' is missing")]
    [InlineData(Head + """{"class": 1, "logicalName": "0.0.96.1.1.255", "value": 70000, "type": "long-unsigned"}]}""", "objects[0].value: 70000: expected 0 to 65535")]
    [InlineData(Head + """{"class": 1, "logicalName": "0.0.96.1.1.255", "value": 1, "shows": "tampers", "type": "unsigned"}]}""", "objects[0]: one member of")]
    [InlineData(Head + """{"class": 1, "logicalName": "0.0.96.1.1.255", "value": 1, "type": "unsigned"}, {"class": 1, "logicalName": "0.0.96.1.1.255", "value": 1, "type": "unsigned"}]}""", "objects[1].logicalName: 0-0:96.1.1.255 is an object already")]
    [InlineData(Head + """{"class": 1, "logicalName": "0.0.43.1.3.255", "value": 1, "type": "unsigned"}]}""", "is an object already")]
    [InlineData(Head + """{"class": 7, "logicalName": "1.0.99.1.0.255", "rows": "block-load", "columns": ["0.0.1.0.0.255", "1.0.1.29.0.255"]}]}""", "objects[0].columns[1]: 1-0:1.29.0.255 is neither the clock")]
    [InlineData(Head + """{"class": 7, "logicalName": "1.0.99.1.0.255", "rows": "weekly", "columns": []}]}""", "objects[0].rows: 'weekly'")]
    [InlineData(Head + """{"class": 7, "logicalName": "1.0.94.91.4.255", "rows": "scalers", "of": "1.0.99.1.0.255"}]}""", "objects[0].of: 1-0:99.1.0.255 is no profile of this file")]
    [InlineData(Head + """{"class": 70, "logicalName": "0.0.96.3.11.255", "builtIn": true}]}""", "objects[0]: no built-in object of class 70 has this name")]
    [InlineData(Head + """{"class": 41, "logicalName": "0.0.25.0.0.255", "attributes": {"1": {"type": "unsigned", "value": 1}}}]}""", "objects[0].attributes: '1'")]
    [InlineData(Head + """{"class": 41, "logicalName": "0.0.25.0.0.255", "attributes": {"2": {"type": "word", "value": 1}}}]}""", "objects[0].attributes.2.type: 'word'")]
    [InlineData(Head + """{"class": 3, "logicalName": "1.0.1.8.1.255", "shows": "active energy import", "type": "double-long-unsigned", "scaler": 0, "unit": "Wh", "counts": "activated"}]}""", "objects: 1-0:1.8.1.255 counts while it is activated")]
    [InlineData(Head + """{"class": 3, "logicalName": "1.0.1.8.1.255", "shows": "active energy import", "type": "double-long-unsigned", "scaler": 0, "unit": "Wh", "counts": "activated"}, {"class": 6, "logicalName": "0.0.14.0.0.255", "attributes": {"2": {"type": "array", "value": []}}}]}""", "objects: 1-0:1.8.1.255 counts while it is activated: an object of class 6 that acts was expected")]
    [InlineData(Head + """{"class": 3, "logicalName": "1.0.12.7.0.255", "shows": "voltage", "type": "long-unsigned", "scaler": -2, "unit": "V", "counts": "activated"}]}""", "objects[0].counts: 'voltage' is no total")]
    [InlineData(Head + """{"class": 5, "logicalName": "1.0.1.4.0.255", "measures": "voltage", "acts": {}}]}""", "objects[0].measures: 'voltage' where an energy")]
    [InlineData(Head + """{"class": 4, "logicalName": "1.0.1.6.0.255", "maximumOf": "1.0.1.4.0.255", "scaler": 0, "unit": "W"}]}""", "objects[0].maximumOf: 1-0:1.4.0.255 is no demand register")]
    [InlineData(Head + """{"class": 41, "logicalName": "0.0.25.0.0.255", "acts": {}}]}""", "objects[0].class: class 41, version 0 does not act: expected 5, 6, 9,")]
    [InlineData(Head + """{"class": 71, "logicalName": "0.0.17.0.0.255", "access": "readings", "acts": {}}]}""", "objects[0].access: an object that acts")]
    [InlineData(Head + """{"class": 71, "logicalName": "0.0.17.0.0.255", "acts": {"6": {"type": "unsigned", "value": 1}}}]}""", "objects[0].acts.6: ")]
    [InlineData(Head + """{"class": 71, "logicalName": "0.0.17.0.0.255", "acts": {"3": {"type": "unsigned", "value": 1}}}]}""", "objects: 0-0:17.0.0.255, attribute 3: ReadWriteDenied")]
    [InlineData("""{"format": "praman-meter/1", "name": "x", "meter": {"category": "E", "zone": "Europe/Bombay"}, "objects": []}""", "meter.zone: 'Europe/Bombay' where the name of a time zone")]
    public void ABadFileIsRefusedWithItsPlaceAndWhatWasExpected(string file, string words)
    {
        Assert.False(MeterDefinition.TryParse(Encoding.UTF8.GetBytes(file), out _, out string? fault));
        Assert.Contains(words, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryTruncationOfAFileIsRefusedAndNothingThrows()
    {
        byte[] file = File.ReadAllBytes(TestFiles.InRepository("meters", "is15959-d1.json"));
        for (int length = 0; length < file.TrimEnd().Length; length += 7) Assert.False(MeterDefinition.TryParse(file.AsMemory(0, length), out _, out _));
    }
}

file static class Octets
{
    public static ReadOnlySpan<byte> TrimEnd(this byte[] octets) => octets.AsSpan().TrimEnd("\r\n \t"u8);
}
