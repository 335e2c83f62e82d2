using CsCheck;
using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Meter.Load;
using Praman.Metering;
using static Praman.Meter.Tests.MeterReading;

namespace Praman.Meter.Tests;

/// <summary>Profiles: what a range or an entry selects, to the row; what rows add up to.</summary>
public class ProfileTests
{
    private const int ImportColumn = 2, ExportColumn = 4;

    [Fact]
    public void ADayIsTheRowsThatEndWithinIt()
    {
        VirtualMeter meter = TestMeter.Make();
        using TestLink link = meter.Link(TestMeter.Utility, India(6, 10, 9)).Connected();
        // Rows are stamped at the end of their interval: the day of 5 June is (00:00, 24:00].
        List<Row> day = link.Range(MeterObis.BlockLoad, India(6, 5, 0, 1), India(6, 6));
        Assert.Equal(48, day.Count);
        Assert.Equal(India(6, 5, 0, 30), day[0].At);
        Assert.Equal(India(6, 6), day[^1].At);
        for (int i = 1; i < day.Count; i++) Assert.Equal(Duration.FromMinutes(30), day[i].At - day[i - 1].At);

        // Both bounds are included.
        Assert.Equal(49, link.Range(MeterObis.BlockLoad, India(6, 5), India(6, 6)).Count);
        Assert.Single(link.Range(MeterObis.BlockLoad, India(6, 5, 12), India(6, 5, 12)));
        Assert.Empty(link.Range(MeterObis.BlockLoad, India(6, 5, 12, 1), India(6, 5, 12, 29)));
        Assert.Empty(link.Range(MeterObis.BlockLoad, India(6, 6), India(6, 5)));
        // What is not yet over has no row, what was before the meter neither.
        Assert.Equal(18, link.Range(MeterObis.BlockLoad, India(6, 10, 0, 1), India(7, 10)).Count);
        Assert.Equal(India(6, 1, 0, 30), link.Range(MeterObis.BlockLoad, India(5, 1), India(6, 2))[0].At);
    }

    [Fact]
    public void TheDaysRowsAddUpToTheDailyRegisters()
    {
        VirtualMeter meter = TestMeter.Make(source: new HouseholdLoad(5, TestMeter.Start, Offset.FromHoursAndMinutes(5, 30), solarPeakW: 3000));
        using TestLink link = meter.Link(TestMeter.Utility, India(7, 6, 3)).Connected();
        List<Row> daily = link.All(MeterObis.DailyLoad);
        Assert.Equal(36, daily.Count);
        Assert.Equal(India(6, 1), daily[0].At);
        for (int day = 1; day < daily.Count; day++)
        {
            List<Row> rows = link.Range(MeterObis.BlockLoad, daily[day - 1].At + Duration.FromSeconds(1), daily[day].At);
            Assert.Equal(48, rows.Count);
            Assert.Equal(daily[day].Values[1] - daily[day - 1].Values[1], rows.Sum(r => r.Values[ImportColumn]));
            Assert.Equal(daily[day].Values[2] - daily[day - 1].Values[2], rows.Sum(r => r.Values[3]));
            Assert.Equal(daily[day].Values[3] - daily[day - 1].Values[3], rows.Sum(r => r.Values[ExportColumn]));
            Assert.True(rows.Sum(r => r.Values[ImportColumn]) > 0 && rows.Sum(r => r.Values[ExportColumn]) > 0);
        }
    }

    [Fact]
    public void RowsAddUpToRegistersForEverySeedPeriodScalerDriftAndOutage() => Gen.Select(
            Gen.ULong, Gen.Int[0, 2].Select(i => 900 << i), Gen.Int[0, 1].Select(i => (sbyte)i), Gen.Int[-2000, 2000], Gen.Int[0, 86_400], Gen.Int[60, 30_000])
        .Sample((seed, period, scaler, drift, failsAt, failsFor) =>
        {
            VirtualMeter meter = TestMeter.Make(new MeterModel { CapturePeriodSeconds = period, EnergyScaler = scaler }, seed: seed, driftPpm: drift, initial: new(123_457, 0));
            meter.FailPower(TestMeter.Start + Duration.FromHours(30) + Duration.FromSeconds(failsAt));
            meter.RestorePower(TestMeter.Start + Duration.FromHours(30) + Duration.FromSeconds(failsAt + failsFor));
            Instant now = TestMeter.Start + Duration.FromDays(6);
            var cursor = new LoadCursor();
            long last = meter.BlockNumberAt(meter.Clock.Read(now)), sum = 0;
            for (long number = meter.BlockNumberAt(TestMeter.Start) + 1; number <= last; number++) sum += meter.Block(number, cursor).Import;
            Instant end = meter.Clock.TrueTimeOf(meter.BlockEnd(last));
            Assert.Equal(meter.RegistersAt(end, cursor).Import - meter.RegistersAt(TestMeter.Start, cursor).Import, sum);
            Assert.True(sum > 0);
        }, iter: 200, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void EntriesSelectRowsAndColumnsByNumber()
    {
        VirtualMeter meter = TestMeter.Make();
        using TestLink link = meter.Link(TestMeter.Utility, India(6, 3, 1)).Connected();
        Assert.Equal(98, link.Number(7, MeterObis.BlockLoad, 7)); // entries in use
        List<Row> all = link.All(MeterObis.BlockLoad);
        link.Done(link.Client.GetEntries(MeterObis.BlockLoad, 3, 5));
        Assert.Equal(all.Skip(2).Take(3).Select(r => r.At), link.Rows().Select(r => r.At));
        link.Done(link.Client.GetEntries(MeterObis.BlockLoad, 97, 0));
        Assert.Equal(all.TakeLast(2).Select(r => r.At), link.Rows().Select(r => r.At));
        link.Done(link.Client.GetEntries(MeterObis.BlockLoad, 500, 600));
        Assert.Empty(link.Rows());
        link.Done(link.Client.Get(new(7, MeterObis.BlockLoad, 2), SelectiveAccess.Entry(1, 2, 1, 3)));
        Row row = link.Rows()[0];
        Assert.Equal(3, row.Values.Length);
        Assert.Equal(all[0].Values[..3], row.Values);
        Assert.Equal(DataAccessResult.OtherReason, link.Fails(link.Client.GetEntries(MeterObis.BlockLoad, 0, 1)).Access);
        Assert.Equal(DataAccessResult.OtherReason, link.Fails(link.Client.GetEntries(MeterObis.BlockLoad, 5, 4)).Access);
    }

    [Fact]
    public void ARangeMayNameItsColumns()
    {
        using TestLink link = TestMeter.Make().Link(TestMeter.Utility, India(6, 3)).Connected();
        var clock = new AttributeDescriptor(8, MeterObis.Clock, 2);
        CosemData from = CosemData.DateTimeOctets(Stamp(India(6, 2))), to = CosemData.DateTimeOctets(Stamp(India(6, 2, 2)));
        CosemData columns = SelectiveAccess.CaptureObject(new(3, MeterObis.IntervalImportWh, 2));
        link.Done(link.Client.Get(new(7, MeterObis.BlockLoad, 2), SelectiveAccess.Range(clock, from, to, SelectiveAccess.CaptureObject(clock), columns)));
        List<Row> rows = link.Rows();
        Assert.Equal(5, rows.Count);
        Assert.All(rows, r => Assert.Equal(2, r.Values.Length));
        CosemData unknown = SelectiveAccess.CaptureObject(new(3, MeterObis.Voltage, 2));
        Assert.Equal(DataAccessResult.ObjectUndefined, link.Fails(link.Client.Get(new(7, MeterObis.BlockLoad, 2), SelectiveAccess.Range(clock, from, to, unknown))).Access);
        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, link.Fails(link.Client.Get(new(7, MeterObis.BlockLoad, 2),
            SelectiveAccess.Range(new(3, MeterObis.Voltage, 2), from, to))).Access);
        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, link.Fails(link.Client.Get(new(3, MeterObis.ImportWh, 2), SelectiveAccess.Entry(1, 2))).Access);
    }

    [Fact]
    public void FortySixDaysAreKept()
    {
        VirtualMeter meter = TestMeter.Make();
        using TestLink link = meter.Link(TestMeter.Reader, TestMeter.Start + Duration.FromDays(60)).Connected();
        List<Row> rows = link.All(MeterObis.BlockLoad);
        Assert.Equal(46 * 48, rows.Count);
        Assert.Equal(TestMeter.Start + Duration.FromDays(14) + Duration.FromMinutes(30), rows[0].At);
        Assert.Equal(46 * 48, link.Number(7, MeterObis.BlockLoad, 8));
        Assert.Equal(1800, link.Number(7, MeterObis.BlockLoad, 4));
        Assert.Equal(46, link.All(MeterObis.DailyLoad).Count);
    }

    [Fact]
    public void EveryProfileHasItsScalersInTheOrderOfItsColumns()
    {
        using TestLink link = TestMeter.Make().Link(TestMeter.Utility, India(7, 2)).Connected();
        foreach ((ObisCode profile, ObisCode scalers) in new[]
        {
            (MeterObis.Instantaneous, MeterObis.InstantaneousScalers), (MeterObis.BlockLoad, MeterObis.BlockLoadScalers),
            (MeterObis.DailyLoad, MeterObis.DailyLoadScalers), (MeterObis.Billing, MeterObis.BillingScalers), (MeterObis.EventProfile(0), MeterObis.EventScalers),
        })
        {
            CaptureObject[] columns = Columns(link, profile);
            Assert.Equal(columns.Where(c => c.ClassId is 3 or 4 && c.AttributeId == 2).Select(c => c.LogicalName), Columns(link, scalers).Select(c => c.LogicalName));
            link.Done(link.Client.Get(new(7, scalers, 2)));
            Assert.True(link.Client.TryGetValue(out CosemData buffer, out _));
            CosemData row = Assert.Single(buffer.Items.ToArray());
            foreach (CosemData item in row.Items.ToArray()) Assert.True(item.TryGetScalerUnit(out ScalerUnit unit) && unit.Unit != Unit.Unknown);
        }
    }

    [Fact]
    public void BillingHasOneRowAMonthWithItsMaximumDemand()
    {
        VirtualMeter meter = TestMeter.Make();
        using TestLink link = meter.Link(TestMeter.Utility, India(9, 15)).Connected();
        List<Row> bills = link.All(MeterObis.Billing);
        Assert.Equal([India(7, 1), India(8, 1), India(9, 1)], bills.Select(b => b.At));
        var cursor = new LoadCursor();
        Assert.Equal(meter.RegistersAt(India(8, 1), cursor).Import, bills[1].Values[2]);
        long highest = 0;
        for (Instant end = India(7, 1, 0, 30); end <= India(8, 1); end += Duration.FromMinutes(30)) highest = Math.Max(highest, meter.Block(meter.BlockNumberAt(end), cursor).Import * 2);
        Assert.Equal(highest, bills[1].Values[4]);
        Instant at = Instant.FromUnixTimeSeconds(bills[1].Values[5]);
        Assert.Equal(highest, meter.Block(meter.BlockNumberAt(at), cursor).Import * 2);
        Assert.Equal(31 * 24 * 60, bills[1].Values[8]); // minutes with power
    }

    [Fact]
    public void NamePlateAndInstantaneousShowTheMeter()
    {
        using TestLink link = TestMeter.Make().Link(TestMeter.Public, India(6, 2)).Connected();
        link.Done(link.Client.Get(new(7, MeterObis.NamePlate, 2)));
        Assert.True(link.Client.TryGetValue(out CosemData plate, out _));
        Assert.Equal("12345678", plate[0][0].Text);
        Assert.Equal("D1", plate[0][5].Text);

        using TestLink utility = TestMeter.Make().Link(TestMeter.Utility, India(6, 2, 20)).Connected();
        utility.Done(utility.Client.Get(new(7, MeterObis.Instantaneous, 2)));
        Assert.True(utility.Client.TryGetValue(out CosemData now, out _));
        CosemData row = now[0];
        Assert.Equal(22, row.Count);
        Assert.True(row[1].TryGetInt64(out long centivolts));
        Assert.InRange(centivolts, 20_000, 26_000);
        Assert.DoesNotContain(row.Items.ToArray(), v => v.IsNull);
    }

    private static CaptureObject[] Columns(TestLink link, ObisCode profile)
    {
        link.Done(link.Client.Get(new(7, profile, 3)));
        Assert.True(link.Client.TryGetValue(out CosemData value, out _));
        Assert.True(CaptureObject.TryFromArray(value, out CaptureObject[]? columns));
        return columns!;
    }
}
