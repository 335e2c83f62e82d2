using System.Text;
using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Push;
using Praman.Dlms.Security;
using Praman.Meter.Events;
using Praman.Metering;
using static Praman.Meter.Tests.ActingMeter;

namespace Praman.Meter.Tests;

/// <summary>Pushes by schedule, on an alarm and on power up, as the head-end's receiver takes them.</summary>
public class PushTests
{
    private static readonly ObisCode Periodic = new(0, 0, 25, 9, 0), OnAlarm = new(0, 1, 25, 9, 0), OnPowerUp = new(0, 2, 25, 9, 0);
    private static readonly ObisCode Alarms = new(0, 0, 97, 98, 0), Filter = new(0, 0, 97, 98, 10);

    private static VirtualMeter Pushing(params ObisCode[] setups) => Pushing(days: 3, setups);

    private static VirtualMeter Pushing(int days, params ObisCode[] setups)
    {
        VirtualMeter meter = Make(Watts((days * 1440, 600)));
        using TestLink link = meter.Link(TestMeter.Utility, Start).Connected();
        foreach (ObisCode setup in setups)
        {
            link.Set(40, setup, 3, CosemData.Structure(CosemData.Enumeration(0), CosemData.OctetString("127.0.0.1:4059"u8), CosemData.Enumeration(0)));
        }
        return meter;
    }

    private uint _counter = 1_000_000;

    // What the host takes, minute by minute; each arrives.
    private static List<(Instant At, MeterPush Push)> Take(VirtualMeter meter, Instant from, Instant to, bool arrives = true)
    {
        var taken = new List<(Instant, MeterPush)>();
        for (Instant at = from; at <= to; at += Duration.FromMinutes(1))
        {
            while (meter.TryTakePush(at, out MeterPush? push))
            {
                taken.Add((at, push));
                meter.PushEnded(push, at, arrives);
            }
        }
        return taken;
    }

    // As the head-end does: it reads the object list of the setup, and knows then what the bare values of a push are.
    private IReadOnlyList<CosemData> Received(VirtualMeter meter, Instant now, MeterPush push)
    {
        using TestLink link = meter.Link(TestMeter.Utility, now, counter: _counter += 100).Connected();
        Assert.True(CaptureObject.TryFromArray(link.Value(40, push.Setup), out CaptureObject[]? template));
        using var security = new SecurityContext(SecurityControl.AuthenticatedEncryption, TestMeter.ClientTitle, TestMeter.Guek, TestMeter.Gak);
        var receiver = new PushReceiver(new() { FindSecurity = title => title.Span.SequenceEqual(TestMeter.MeterTitle) ? security : null, FindTemplate = (_, count) => count == template.Length ? template : null, RequiresAuthentication = true });
        foreach (byte octet in push.Frame.Span) receiver.Append([octet]);
        Assert.True(receiver.TryTake(out PushMessage? message));
        Assert.Equal((PushFault.None, ""), (message.Fault, message.FaultText));
        Assert.True(message.IsAuthenticated);
        Assert.Equal(template.Select(t => t.Attribute), message.Values.Select(v => v.Attribute!.Value));
        return [.. message.Values.Select(v => v.Value)];
    }

    [Fact]
    public void EachQuarterOfAnHourTheRegistersArePushedWithinAMinute()
    {
        VirtualMeter meter = Pushing(Periodic);
        List<(Instant At, MeterPush Push)> taken = Take(meter, Start + Duration.FromMinutes(1), At(6, 1, 12, 1));
        Assert.Equal(48, taken.Count);
        var delays = new HashSet<int>();
        for (int i = 0; i < taken.Count; i++)
        {
            Assert.Equal(("127.0.0.1:4059", Periodic, 1), (taken[i].Push.Address, taken[i].Push.Setup, taken[i].Push.TryCount));
            IReadOnlyList<CosemData> values = Received(meter, taken[^1].At + Duration.FromSeconds(i), taken[i].Push);
            Assert.Equal(9, values.Count);
            Assert.Equal("E7", Encoding.ASCII.GetString(values[0].OctetSpan));
            Assert.True(values[1].TryGetObisCode(out ObisCode setup) && setup == Periodic);
            Assert.True(values[2].TryGetDateTime(out CosemDateTime time) && time.TryToInstant(out _));
            time.TryToInstant(out Instant pushedAt);
            int delay = (int)(pushedAt - Start - Duration.FromMinutes(15 * (i + 1))).TotalSeconds;
            Assert.InRange(delay, 0, 60);
            delays.Add(delay);
            Assert.True(values[3].TryGetInt64(out long rate1) && values[4].TryGetInt64(out _));
            values[4].TryGetInt64(out long rate2);
            Assert.Equal((long)((pushedAt - Start).TotalMinutes) * 10, rate1 + rate2, 10d);
        }
        Assert.True(delays.Count > 10, "the delay at random is always the same");
    }

    [Fact]
    public void AnAlarmIsPushedAtOnceAndAFilteredOneIsNot()
    {
        VirtualMeter meter = Pushing(OnAlarm);
        using TestLink link = meter.Link(TestMeter.Utility, At(6, 1, 1), counter: 100).Connected();
        link.Set(1, Filter, 2, CosemData.DoubleLongUnsigned(0xFF & ~4u)); // magnets do not push
        meter.SetMagnet(At(6, 1, 2), present: true);
        Assert.Empty(Take(meter, At(6, 1, 2), At(6, 1, 3)));
        meter.OpenCover(At(6, 1, 4));
        (Instant at, MeterPush push) = Assert.Single(Take(meter, At(6, 1, 4), At(6, 1, 5)));
        Assert.InRange(at - At(6, 1, 4), Duration.Zero, Duration.FromMinutes(1));
        Assert.Equal(OnAlarm, push.Setup);
        Assert.True(Received(meter, at, push)[3].TryGetInt64(out long bits));
        Assert.Equal(4 | 8, bits); // magnet and cover
        using TestLink later = meter.Link(TestMeter.Utility, At(6, 1, 6), counter: 2_000_000).Connected();
        later.Set(1, Alarms, 2, CosemData.DoubleLongUnsigned(4)); // the cover's bit is cleared
        Assert.Equal(4, later.Number(1, Alarms));
        meter.OpenCover(At(6, 1, 7));
        Assert.Single(Take(meter, At(6, 1, 7), At(6, 1, 8)));
    }

    [Fact]
    public void WhenPowerComesBackTheMeterSaysSo()
    {
        VirtualMeter meter = Pushing(OnPowerUp);
        Assert.Empty(Take(meter, At(6, 1, 0, 1), At(6, 1, 6)));
        meter.FailPower(At(6, 1, 6));
        Assert.False(meter.TryTakePush(At(6, 1, 7), out _));
        meter.RestorePower(At(6, 1, 8));
        (Instant at, MeterPush push) = Assert.Single(Take(meter, At(6, 1, 8), At(6, 1, 12)));
        Assert.InRange(at - At(6, 1, 8), Duration.Zero, Duration.FromMinutes(6));
        Assert.Equal(3, Received(meter, at, push).Count);
    }

    [Fact]
    public void APushThatDoesNotArriveIsTriedAgainAndThenGivenUp()
    {
        VirtualMeter meter = Pushing(OnAlarm);
        meter.OpenCover(At(6, 1, 4));
        List<(Instant At, MeterPush Push)> taken = Take(meter, At(6, 1, 4), At(6, 1, 6), arrives: false);
        Assert.Equal([1, 2, 3, 4], taken.Select(t => t.Push.TryCount)); // the first and three retries, a minute apart
        Assert.All(taken.Skip(1).Zip(taken), pair => Assert.InRange(pair.First.At - pair.Second.At, Duration.FromMinutes(1), Duration.FromMinutes(2)));
        Assert.Equal(4, taken.Select(t => Convert.ToHexString(t.Push.Frame.Span)).Distinct().Count()); // no counter comes twice
    }

    [Fact]
    public void APushThatNobodyTookInTimeIsPutTogetherAnew()
    {
        VirtualMeter meter = Pushing(OnAlarm);
        meter.OpenCover(At(6, 1, 4));
        Assert.False(meter.TryTakePush(At(6, 1, 9), out _));
        (Instant at, MeterPush push) = Assert.Single(Take(meter, At(6, 1, 9, 1), At(6, 1, 10)));
        Assert.InRange(push.At, At(6, 1, 9), At(6, 1, 9, 2));
        Assert.Equal(2, push.TryCount);
        Assert.Equal(4, Received(meter, at, push).Count);
    }

    [Fact]
    public void WithoutADestinationNothingIsPushed()
    {
        VirtualMeter meter = Make(Watts((1440, 600)));
        meter.OpenCover(At(6, 1, 4));
        Assert.Empty(Take(meter, At(6, 1, 4), At(6, 1, 5)));
        Assert.Equal([MeterEventCode.CoverOpened], meter.Events.Of(5).Select(e => e.Code));
    }

    // Forty-four days of quarter hours are more octets than the two of a wrapper's length can say.
    [Fact]
    public void APushThatIsTooLongForTheWrapperDidNotArriveAndIsTriedAgain()
    {
        VirtualMeter meter = Pushing(days: 45, OnPowerUp);
        Instant now = At(7, 15);
        using TestLink link = meter.Link(TestMeter.Utility, now, counter: 100).Connected();
        CosemData usual = link.Value(40, OnPowerUp);
        link.Set(40, OnPowerUp, 2, CosemData.Array(new CaptureObject(7, new(1, 0, 99, 1, 0), 2).ToData()));
        link.Do(40, OnPowerUp, 1, CosemData.Integer(0));
        Assert.Empty(Take(meter, now, now + Duration.FromMinutes(1)));
        link.Now = now + Duration.FromMinutes(1);
        Assert.Equal(ActionResult.TemporaryFailure, link.Fails(link.Client.Action(new(40, OnPowerUp, 1), CosemData.Integer(0))).Action); // it is still under way
        link.Set(40, OnPowerUp, 2, usual);
        (_, MeterPush push) = Assert.Single(Take(meter, link.Now, link.Now + Duration.FromMinutes(5)));
        Assert.InRange(push.TryCount, 2, 4);
    }

    [Fact]
    public void AClientBeginsAPushByItsMethod()
    {
        VirtualMeter meter = Pushing(OnPowerUp);
        using TestLink link = meter.Link(TestMeter.Utility, At(6, 1, 1), counter: 100).Connected();
        link.Do(40, OnPowerUp, 1, CosemData.Integer(0));
        Assert.Equal(ActionResult.TemporaryFailure, link.Fails(link.Client.Action(new(40, OnPowerUp, 1), CosemData.Integer(0))).Action);
        Assert.Single(Take(meter, At(6, 1, 1), At(6, 1, 2)));
    }
}
