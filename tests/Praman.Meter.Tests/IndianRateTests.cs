using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Meter.Load;
using Praman.Metering;

namespace Praman.Meter.Tests;

/// <summary>The time zones of the Indian profiles, as their billing rows show them, and the row of the month that is still open.</summary>
public class IndianRateTests
{
    private static readonly Offset India = Offset.FromHoursAndMinutes(5, 30);
    private static readonly Instant Now = At(7, 11, 20, 10);

    private static Instant At(int month, int day, int hour = 0, int minute = 0) => new LocalDateTime(2026, month, day, hour, minute).WithOffset(India).ToInstant();

    private static VirtualMeter Make(string name, ILoadSource? load = null) => new(ActingMeter.Type(name), "R1", TestMeter.MeterTitle, TestMeter.Keys,
        load ?? new HouseholdLoad(3, TestMeter.Start, India, solarPeakW: 6000), TestMeter.Start);

    [Theory, InlineData("is15959-d1", 27, 3), InlineData("is15959-d3", 67, 3), InlineData("is15959-c", 116, 3)]
    public void EveryBillingRowSplitsItsTotalsOverEightTimeZones(string name, int columnCount, int rowCount)
    {
        VirtualMeter meter = Make(name);
        using TestLink link = meter.Link(TestMeter.Utility, At(8, 20, 7)).Connected();
        CaptureObject[] columns = Columns(link);
        CosemData rows = link.Value(7, MeterObis.Billing);
        Assert.Equal((columnCount, rowCount), (columns.Length, rows.Count));
        Assert.All(rows.Items.ToArray(), row =>
        {
            Assert.Equal(columnCount, row.Count);
            foreach (byte quantity in columns.Where(c => c.LogicalName is { D: 8, E: 1 }).Select(c => c.LogicalName.C))
            {
                long[] rates = [.. Enumerable.Range(1, 8).Select(rate => Number(row, columns, new(1, 0, quantity, 8, (byte)rate)))];
                Assert.All(rates[..4], energy => Assert.True(energy >= 0));
                Assert.Equal([0, 0, 0, 0], rates[4..]);
                Assert.Equal(Number(row, columns, new(1, 0, quantity, 8, 0)), rates.Sum());
            }
            Assert.All([.. Enumerable.Range(1, 4)], rate => Assert.True(Number(row, columns, new(1, 0, 1, 8, (byte)rate)) > 0));
        });
    }

    [Theory, InlineData("is15959-d3", 2), InlineData("is15959-c", 4)]
    public void TheMaximumDemandOfARateIsThatOfItsHours(string name, int quantityCount)
    {
        VirtualMeter meter = Make(name);
        using TestLink link = meter.Link(TestMeter.Utility, Now).Connected();
        CaptureObject[] columns = Columns(link);
        CosemData june = link.Value(7, MeterObis.Billing)[0];
        byte[] quantities = [.. columns.Where(c => c is { AttributeId: 2, LogicalName: { D: 6, E: 1 } }).Select(c => c.LogicalName.C)];
        Assert.Equal(quantityCount, quantities.Length);
        (int From, int To)[] hours = [(22, 6), (6, 18), (9, 12), (18, 22)];
        foreach (byte quantity in quantities)
        {
            long highest = 0;
            for (byte rate = 1; rate <= 8; rate++)
            {
                ObisCode register = new(1, 0, quantity, 6, rate);
                long demand = Number(june, columns, register);
                highest = Math.Max(highest, demand);
                if (rate > 4) Assert.Equal(0, demand);
                if (demand == 0) continue;
                LocalTime at = Time(june[Column(columns, register, 5)]);
                (int from, int to) = hours[rate - 1];
                Assert.True(from > to ? at > new LocalTime(from, 0) || at <= new LocalTime(to, 0) : at > new LocalTime(from, 0) && at <= new LocalTime(to, 0), $"{register} at {at}");
            }
            Assert.Equal(Number(june, columns, new(1, 0, quantity, 6, 0)), highest);
        }
        Assert.True(Number(june, columns, new(1, 0, 1, 6, 4)) != Number(june, columns, new(1, 0, 1, 6, 1)), "evening and night differ");
        // The register itself shows the month so far.
        CosemData open = link.Value(7, MeterObis.Billing)[1];
        Assert.Equal(Number(open, columns, new(1, 0, 1, 6, 4)), link.Number(4, new(1, 0, 1, 6, 4)));
    }

    [Fact]
    public void HoursOfTheDayAndSpecialDaysChooseTheRate()
    {
        int[] minutes = new int[80 * 1440];
        Array.Fill(minutes, 10);
        using TestLink link = Make("is15959-d1", new IntervalDataLoad(TestMeter.Start, Duration.FromMinutes(1), minutes)).Link(TestMeter.Utility, At(8, 14)).Connected();
        long[] before = Rates(link);
        link.Now = At(8, 15);
        Assert.Equal([8 * 600, 9 * 600, 3 * 600, 4 * 600], Rates(link).Zip(before, (now, then) => now - then));
        before = Rates(link);
        link.Now = At(8, 16); // 15 August
        Assert.Equal([8 * 600, 16 * 600, 0, 0], Rates(link).Zip(before, (now, then) => now - then));
    }

    [Fact]
    public void TheOpenRowStandsAtTheMomentOfReadingAndIsChosenAsOthersAre()
    {
        VirtualMeter meter = Make("is15959-c");
        meter.SetMagnet(At(6, 10), true);
        meter.SetMagnet(At(7, 2), false);
        meter.SetMagnet(At(7, 3), true);
        using TestLink link = meter.Link(TestMeter.Utility, Now).Connected();
        CaptureObject[] columns = Columns(link);
        CosemData rows = link.Value(7, MeterObis.Billing);
        Assert.Equal([At(7, 1), Now], rows.Items.ToArray().Select(row => Instant(row[0])));
        Assert.Equal(link.Number(3, new(1, 0, 1, 8, 0)), Number(rows[1], columns, new(1, 0, 1, 8, 0)));
        Assert.Equal(link.Number(3, new(1, 0, 1, 8, 4)), Number(rows[1], columns, new(1, 0, 1, 8, 4)));
        Assert.True(Number(rows[1], columns, new(1, 0, 1, 8, 0)) > Number(rows[0], columns, new(1, 0, 1, 8, 0)));
        ObisCode tampers = new(0, 0, 96, 15, 128);
        Assert.Equal((1, 1), (Number(rows[0], columns, tampers), Number(rows[1], columns, tampers)));

        Assert.Equal([Now], Chosen(link, SelectiveAccess.Entry(2, 2)));
        Assert.Equal([At(7, 1)], Chosen(link, Range(At(6, 15), At(7, 11))));
        Assert.Equal([At(7, 1), Now], Chosen(link, Range(At(6, 15), At(7, 31))));
        Assert.Equal([Now], Chosen(link, Range(At(7, 2), Now)));
        Assert.Equal([], Chosen(link, Range(Now + Duration.FromMinutes(1), At(8, 31))));
        link.Now = At(8, 1, 0, 1);
        Assert.Equal([At(7, 1), At(8, 1), link.Now], Chosen(link, null));
    }

    [Fact]
    public void TheMeterThatIsBuiltInHasAnOpenRowWhereItsModelSaysSo()
    {
        using TestLink link = TestMeter.Make(new MeterModel { HasOpenBillingRow = true }).Link(TestMeter.Utility, Now).Connected();
        Assert.Equal([At(7, 1), Now], Chosen(link, null));
        Assert.Equal(link.Number(3, MeterObis.ImportWh), Number(link.Value(7, MeterObis.Billing)[1], Columns(link), MeterObis.ImportWh));
    }

    private static long[] Rates(TestLink link) => [.. Enumerable.Range(1, 4).Select(rate => link.Number(3, new(1, 0, 1, 8, (byte)rate)))];

    private static SelectiveAccess Range(Instant from, Instant to) => SelectiveAccess.Range(new(1, MeterObis.BillingDate, 2),
        CosemData.DateTimeOctets(MeterReading.Stamp(from)), CosemData.DateTimeOctets(MeterReading.Stamp(to)));

    private static Instant[] Chosen(TestLink link, SelectiveAccess? selection)
    {
        link.Done(link.Client.Get(new(7, MeterObis.Billing, 2), selection));
        Assert.True(link.Client.TryGetValue(out CosemData rows, out DecodeError error), error.ToString());
        return [.. rows.Items.ToArray().Select(row => Instant(row[0]))];
    }

    private static CaptureObject[] Columns(TestLink link)
    {
        Assert.True(CaptureObject.TryFromArray(link.Value(7, MeterObis.Billing, 3), out CaptureObject[]? columns));
        return columns!;
    }

    private static int Column(CaptureObject[] columns, ObisCode name, sbyte attribute = 2)
    {
        int index = Array.FindIndex(columns, c => c.LogicalName == name && c.AttributeId == attribute);
        Assert.True(index >= 0, $"{name}:{attribute} is no column");
        return index;
    }

    private static long Number(in CosemData row, CaptureObject[] columns, ObisCode name)
    {
        Assert.True(row[Column(columns, name)].TryGetInt64(out long value), $"{name} is no number");
        return value;
    }

    private static Instant Instant(in CosemData data)
    {
        Assert.True(data.TryGetDateTime(out CosemDateTime time));
        Assert.True(time.TryToInstant(out Instant at));
        return at;
    }

    private static LocalTime Time(in CosemData data) => Instant(data).WithOffset(India).TimeOfDay;
}
