using CsCheck;
using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Cosem;
using Praman.Meter.Load;
using Praman.Meter.Registers;
using static Praman.Meter.Tests.MeterReading;

namespace Praman.Meter.Tests;

/// <summary>Whatever is written to a meter by whoever holds its keys, it goes on answering; and rows cost no memory.</summary>
public class RobustnessTests
{
    private static readonly Gen<CosemData> AnyData = Gen.OneOf(
        Gen.Byte.Select(CosemData.Unsigned), Gen.UInt.Select(CosemData.DoubleLongUnsigned), Gen.UShort.Select(CosemData.LongUnsigned), Gen.SByte.Select(CosemData.Integer),
        Gen.Byte.Select(CosemData.Enumeration), Gen.Byte.Array[0, 20].Select(o => CosemData.OctetString(o)), Gen.Byte.Array[12].Select(o => CosemData.OctetString(o)),
        Gen.Select(Gen.Int[1, 9998], Gen.Int[1, 12], Gen.Int[1, 28], Gen.Int[0, 23]).Select((year, month, day, hour) =>
            CosemData.DateTimeOctets(CosemDateTime.From(new LocalDateTime(year, month, day, hour, 0), Offset.FromHoursAndMinutes(5, 30)))),
        Gen.Byte.Array[0, 24].Select(o => CosemData.Array(CosemData.Structure(CosemData.Enumeration(0), CosemData.OctetString(o)))), Gen.Const(CosemData.Null));

    [Fact]
    public void AnythingWrittenOrInvokedLeavesAMeterThatAnswers()
    {
        var type = new MeterType(new());
        (CosemObject Object, sbyte Id, bool IsMethod)[] targets =
        [
            .. type.List.All.SelectMany(o => o.Class.Attributes.Where(a => a.IsWritable).Select(a => (o, a.Id, false))),
            .. type.List.All.SelectMany(o => o.Class.Methods.Select(m => (o, m.Id, true))),
        ];
        Assert.True(targets.Length > 30);
        Gen.Select(Gen.Int[0, targets.Length - 1], AnyData, Gen.Int[0, 100_000]).Array[1, 10].Sample(steps =>
        {
            var meter = new VirtualMeter(type, "1", TestMeter.MeterTitle, TestMeter.Keys, new HouseholdLoad(1, TestMeter.Start, Offset.FromHoursAndMinutes(5, 30)), TestMeter.Start);
            using TestLink link = meter.Link(TestMeter.Utility, India(6, 5)).Connected();
            foreach (var (index, data, later) in steps)
            {
                (CosemObject target, sbyte id, bool isMethod) = targets[index];
                link.Now += Duration.FromSeconds(later);
                link.Run(isMethod ? link.Client.Action(new(target.Class.ClassId, target.LogicalName, id), data) : link.Client.Set(new(target.Class.ClassId, target.LogicalName, id), data));
            }
            link.Now += Duration.FromDays(1);
            foreach (var profile in (Metering.ObisCode[])[MeterObis.BlockLoad, MeterObis.DailyLoad, MeterObis.Billing, MeterObis.Instantaneous, MeterObis.EventProfile(3), MeterObis.EventProfile(6)])
                link.Done(link.Client.Get(new(7, profile, 2)));
        }, iter: 1_000, seed: "0N0XIzNsQ0O2");
    }

    [Fact]
    public void APolicyIsRaisedAndNeverLowered()
    {
        VirtualMeter meter = TestMeter.Make(new MeterModel { SecurityPolicy = 1 });
        using TestLink link = meter.Link(TestMeter.Utility, India(6, 5)).Connected();
        link.Done(link.Client.Action(new(64, MeterObis.UtilitySecurity, 1), CosemData.Enumeration(3)));
        Assert.Equal(3, link.Number(64, MeterObis.UtilitySecurity));
        foreach (byte lower in (byte[])[0, 1, 2, 4])
            Assert.Equal(ActionResult.ReadWriteDenied, link.Fails(link.Client.Action(new(64, MeterObis.UtilitySecurity, 1), CosemData.Enumeration(lower))).Action);
        using TestLink weaker = meter.Link(TestMeter.Utility with { Protection = Dlms.Security.SecurityControl.AuthenticationOnly }, India(6, 5), counter: 500);
        Assert.Equal(ClientErrorKind.PolicyRefused, weaker.Fails(weaker.Client.Connect()).Kind);
    }

    [Fact]
    public void WritingRowsOfAMeterAllocatesNothing()
    {
        VirtualMeter meter = TestMeter.Make();
        meter.FailPower(India(6, 2, 3));
        meter.RestorePower(India(6, 2, 4));
        var context = new CosemContext(meter) { Now = India(6, 10) };
        byte[] place = new byte[48 * 64];
        foreach (var name in (Metering.ObisCode[])[MeterObis.BlockLoad, MeterObis.DailyLoad])
        {
            var profile = (ProfileGeneric)meter.Objects.Find(name)!;
            RowNumbers numbers = profile.Rows.Numbers(context);
            Write();
            long before = GC.GetAllocatedBytesForCurrentThread();
            Write();
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

            void Write()
            {
                for (long first = numbers.First; first <= numbers.Last; first += 48)
                {
                    var writer = new AxdrWriter(place.AsSpan());
                    for (long number = first; number <= Math.Min(first + 47, numbers.Last); number++)
                    {
                        if (profile.Rows.Exists(context, number)) profile.Rows.WriteRow(context, number, ProfileColumns.All, ref writer);
                    }
                }
            }
        }
    }

    [Fact]
    public void AMeterIsSmall()
    {
        var fleet = new MeterFleet(new MeterModel());
        fleet.Add("warm", TestMeter.MeterTitle, TestMeter.Keys, new HouseholdLoad(0, TestMeter.Start, Offset.Zero), TestMeter.Start);
        const int count = 1_000;
        MeterKeys keys = TestMeter.Keys;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < count; i++) fleet.Add($"{i}", TestMeter.MeterTitle, keys, new HouseholdLoad((ulong)i, TestMeter.Start, Offset.Zero), TestMeter.Start);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / count, 1, 4_000);
    }

    [Fact]
    public void AClockIsSetAnyNumberOfTimesAndRowsStayInOrder()
    {
        VirtualMeter meter = TestMeter.Make(driftPpm: 300);
        for (int i = 1; i <= 500; i++) meter.SetClock(TestMeter.Start + Duration.FromHours(i), TestMeter.Start + Duration.FromHours(i));
        var cursor = new LoadCursor();
        Instant now = TestMeter.Start + Duration.FromHours(510);
        long sum = 0, last = meter.BlockNumberAt(meter.Clock.Read(now)), first = last - 199;
        for (long number = first; number <= last; number++) sum += meter.Block(number, cursor).Import;
        MeterRegisters from = meter.RegistersAt(meter.Clock.TrueTimeOf(meter.BlockEnd(first - 1)), cursor), to = meter.RegistersAt(meter.Clock.TrueTimeOf(meter.BlockEnd(last)), cursor);
        Assert.Equal(to.Import - from.Import, sum);
        Assert.Equal(20, meter.Events.Of(3).Count);
        Assert.Equal(500u, meter.Events.SequenceOf(3));
    }
}
