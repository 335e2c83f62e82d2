using System.Text;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.SignedValues;
using Praman.Metering;
using Praman.Testing;

namespace Praman.Billing.Tests.SignedValues;

/// <summary>TRuDI: the register sets of the reference software, and files that must not be used.</summary>
public class TrudiTests
{
    private static byte[] Octets(string name) => File.ReadAllBytes(TestFiles.SharedOrSkip($"vectors/ocmf/trudi/{name}"));

    private static TrudiDevice Device(byte[] octets)
    {
        Assert.True(TrudiReader.TryRead(octets, out TrudiDevice? device, out _, out DecodeError error), error.ToString());
        return Assert.IsType<TrudiDevice>(device);
    }

    private static TrudiSupplier Supplier(byte[] octets)
    {
        Assert.True(TrudiReader.TryRead(octets, out _, out TrudiSupplier? supplier, out DecodeError error), error.ToString());
        return Assert.IsType<TrudiSupplier>(supplier);
    }

    private static TrudiRegisters Compute(byte[] device, byte[] supplier, Interval? period = null) =>
        TrudiRegisters.Compute(Device(device), Supplier(supplier), period, TrudiRegisters.Germany);

    private static byte[] Change(byte[] octets, string from, string to)
    {
        string text = Encoding.UTF8.GetString(octets);
        Assert.Contains(from, text, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
    }

    public static TheoryData<string> Cases
    {
        get
        {
            if (TestFiles.Shared("vectors/ocmf/trudi-expected.json") is not { } path) return ["absent"];
            return [.. JsonDocument.Parse(File.ReadAllBytes(path)).RootElement.GetProperty("cases").EnumerateArray().Select(one => one.GetProperty("upstream_test").GetString()!)];
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void EveryCaseGivesTheRegistersOfTheReference(string name)
    {
        JsonElement expected = JsonDocument.Parse(File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/ocmf/trudi-expected.json"))).RootElement
            .GetProperty("cases").EnumerateArray().Single(one => one.GetProperty("upstream_test").GetString() == name);
        string Text(string member) => expected.GetProperty(member).GetString()!;
        Instant Time(string member) => OffsetDateTimePattern.ExtendedIso.Parse(Text(member)).Value.ToInstant();
        byte[] device = Octets(Text("device_xml")), supplier = Octets(Text("supplier_xml"));
        var want = expected.GetProperty("registers").EnumerateArray()
            .Select(one => (one.GetProperty("obis").GetString()!, one.GetProperty("amount").GetInt64(), one.GetProperty("tariff_id").GetInt32())).ToArray();
        // The period that the reference was given, and the supplier's own, of which only what was read counts.
        foreach (Interval? period in (Interval?[])[new Interval(Time("begin"), Time("end")), null])
        {
            TrudiRegisters registers = Compute(device, supplier, period);
            Assert.Empty(registers.Faults);
            Assert.Equal(want, registers.Registers.Select(one => ($"{one.Obis.A}-{one.Obis.B}:{one.Obis.C}.{one.Obis.D}.{one.Obis.E}*{one.Obis.F}", one.Amount, one.Tariff)));
            Assert.All(registers.Registers, one => Assert.Equal(one.Amount / 10m, one.EnergyWh));
            Assert.Equal(name.Contains("Max", StringComparison.Ordinal) ? 1 : 0, registers.Notes.Count);
        }
    }

    [Fact]
    public void TheRegistersTogetherAreTheDifferenceOfTheReadingsWhateverIsMissing()
    {
        byte[] supplier = Octets("supplier_single_day_maxTariffChange.xml");
        TrudiDevice whole = Device(Octets("result_single_day.xml"));
        var random = new Random(7);
        for (int run = 0; run < 500; run++)
        {
            int kept = random.Next(2, 97);
            TrudiReading[] readings = [.. whole.Lists[0].Readings.OrderBy(_ => random.Next()).Take(kept).OrderBy(one => one.At)];
            TrudiDevice part = whole with { Lists = [whole.Lists[0] with { Readings = readings }] };
            TrudiRegisters registers = TrudiRegisters.Compute(part, Supplier(supplier), null, TrudiRegisters.Germany);
            Assert.Equal(readings[^1].Value - readings[0].Value, registers.Registers.Sum(one => one.Amount));
        }
    }

    [Fact]
    public void FilesThatDoNotBelongTogetherAreNotComputed()
    {
        byte[] device = Octets("result_single_day.xml"), supplier = Octets("supplier_single_day.xml");
        foreach ((string from, string to) in (ReadOnlySpan<(string, string)>)[("DNTLABOR<", "OTHER<"), (">DNT<", ">X<"), ("EDNT0017038437</smgwId", "E</smgwId"), (">taf7</tariffName", ">taf2</tariffName"), (">2</tariffUseCase", ">6</tariffUseCase")])
        {
            TrudiRegisters registers = Compute(device, Change(supplier, from, to));
            Assert.Single(registers.Faults);
            Assert.Empty(registers.Registers);
        }
        Assert.Single(Compute(Octets("result_five_days_period_30min.xml"), supplier, new Interval(Instant.FromUtc(2020, 1, 1, 0, 0), Instant.FromUtc(2020, 1, 2, 0, 0))).Faults);
    }

    [Fact]
    public void ARegisterThatGoesBackIsAFault() =>
        Assert.Contains("less than", Assert.Single(Compute(Change(Octets("result_single_day.xml"), ">500</", ">5</"), Octets("supplier_single_day.xml")).Faults), StringComparison.Ordinal);

    [Fact]
    public void ADayWithoutAProfileIsOfNoStage()
    {
        TrudiRegisters registers = Compute(Octets("result_single_day.xml"), Change(Octets("supplier_single_day.xml"), "<day_of_month>04<", "<day_of_month>05<"));
        Assert.Equal([(1, 0L), (2, 0L), (63, 960L)], registers.Registers.Select(one => (one.Tariff, one.Amount)));
    }

    [Theory]
    [InlineData("<statusPTB>1<", "<statusPTB>5<")]
    [InlineData("<espi:value>500<", "<espi:value>-1<")]
    [InlineData("<espi:value>500<", "<espi:value>5.0<")]
    [InlineData("2017-11-04T12:30:00+01:00", "2017-11-04T12:15:00+01:00")]
    [InlineData("2017-11-04T12:30:00+01:00", "2017-11-04T12:30:00")]
    [InlineData("<scaler>-1<", "<scaler>-10<")]
    [InlineData("<espi:uom>72<", "<espi:uom>38<")]
    [InlineData("<obisCode>0100010800FF<", "<obisCode>0100010800<")]
    [InlineData("<MeterReading>", "<Meters>")]
    [InlineData("</UsagePoint>", "</UsagePoint><UsagePoint/>")]
    public void ADevicesFileThatIsNotOfTheFormIsRefused(string from, string to)
    {
        byte[] changed = Change(Octets("result_single_day.xml"), from, to);
        Assert.False(TrudiReader.TryRead(changed, out TrudiDevice? device, out TrudiSupplier? supplier, out DecodeError error));
        Assert.NotEmpty(error.Reason);
        Assert.True(device is null && supplier is null);
    }

    [Theory]
    [InlineData("<hour>5<", "<hour>25<")]
    [InlineData("<minute>15<", "<minute>0<")]
    [InlineData("<tariffNumber>2<", "<tariffNumber>63<")]
    [InlineData("<day_of_month>04<", "<day_of_month>31<")]
    [InlineData("<duration>86400<", "<duration>99999999999<")]
    [InlineData("<dayId>1</dayId>\r\n\t\t\t\t\t</SpecialDayProfile>", "<dayId>9</dayId></SpecialDayProfile>")]
    public void ASuppliersFileThatIsNotOfTheFormIsRefused(string from, string to)
    {
        byte[] octets = Octets("supplier_single_day.xml");
        if (!Encoding.UTF8.GetString(octets).Contains(from, StringComparison.Ordinal)) from = from.Replace("\r", "", StringComparison.Ordinal);
        Assert.False(TrudiReader.TryRead(Change(octets, from, to), out _, out _, out DecodeError error));
        Assert.NotEmpty(error.Reason);
    }

    [Fact]
    public void HostileOctetsAreReadOrRefusedAndNeverThrow()
    {
        TrudiSupplier supplier = Supplier(Octets("supplier_single_day.xml"));
        TrudiDevice device = Device(Octets("result_single_day.xml"));
        HostileOctets.Sample(
            [Octets("result_single_day_period_30min.xml"), Octets("supplier_single_day_maxTariffChange.xml"), Octets("result_1_month_period_1day.xml")],
            octets =>
            {
                if (!TrudiReader.TryRead(octets, out TrudiDevice? read, out TrudiSupplier? other, out _)) return;
                TrudiRegisters.Compute(read ?? device, other ?? supplier, null, TrudiRegisters.Germany);
            },
            count: 3_000);
    }
}
