using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Dlms.Tests.Cosem;

/// <summary>Push: when it is due, in which window, put off at random, tried again; and what it carries.</summary>
public class PushSetupTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 3, 3, 6, 0); // 11:30 in India
    private static readonly Offset India = ObjectsDevice.India;
    private static readonly ObisCode Name = new(0, 0, 25, 9, 0);

    [Fact]
    public void APushWaitsForItsWindowAndIsPutOffAtRandom()
    {
        var push = new PushSetup { RandomisationSeconds = 600, NextRandom = limit => limit - 1 };
        var instance = new CosemObject<PushSetup>(Name, PushSetup.Table, push);
        using var session = new Session(new ObjectsDevice(instance), Now);
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 4, Windows((22, 2)))); // from ten in the evening to two
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 1));
        Assert.Equal(Local(3, 22, 10), push.DueAt);
        Assert.Equal(ActionResult.TemporaryFailure, session.Invoke(instance, 1)); // one is under way
        Assert.False(push.TrySend(Local(3, 22, 9)));
        Assert.True(push.TrySend(Local(3, 22, 10)));
        Assert.False(push.TrySend(Local(3, 22, 11))); // it is on its way
        push.NoteSuccess(Local(3, 22, 11), confirmed: true);
        Assert.False(push.IsActive);
        Assert.True(session.Get(instance, 13).TryGetDateTime(out CosemDateTime confirmed));
        Assert.True(confirmed.TryToInstant(out Instant at));
        Assert.Equal(Local(3, 22, 11), at);
        // After midnight the window of the evening before is still open.
        Assert.True(push.TryBegin(Local(4, 1, 0), India));
        Assert.Equal(Local(4, 1, 10), push.DueAt);
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 2)); // reset
        Assert.False(push.IsActive);
    }

    [Fact]
    public void AFailedPushIsTriedAgainWithGrowingDelaysThenGivenUp()
    {
        var push = new PushSetup { RetryCountMax = 3 };
        push.RetryAfter(60, 200, 150);
        Assert.True(push.TryBegin(Now, India));
        Instant at = Now;
        foreach (int delay in new[] { 60, 120, 150 })
        {
            Assert.True(push.TrySend(at));
            push.NoteFailure(at, India);
            Assert.Equal(at + Duration.FromSeconds(delay), push.DueAt);
            at += Duration.FromSeconds(delay);
        }
        Assert.True(push.TrySend(at));
        Assert.Equal(4, push.TryCount);
        push.NoteFailure(at, India);
        Assert.False(push.IsActive);
        Assert.True(push.TryBegin(at, India)); // the next push is a new one
        Assert.Equal(0, push.TryCount);
    }

    [Fact]
    public void NoDelayIsTooMuch()
    {
        var push = new PushSetup { RetryCountMax = 255 };
        foreach ((ushort min, ushort exponent) in new (ushort, ushort)[] { (0, ushort.MaxValue), (ushort.MaxValue, ushort.MaxValue), (1, 0), (60, 1) })
        {
            push.RetryAfter(min, exponent);
            Assert.True(push.TryBegin(Now, India));
            Instant at = Now;
            for (int i = 0; i < 255; i++)
            {
                Assert.True(push.TrySend(at));
                push.NoteFailure(at, India);
                Assert.InRange((push.DueAt!.Value - at).TotalSeconds, 0, ushort.MaxValue);
                at = push.DueAt.Value;
            }
            Assert.True(push.TrySend(at));
            push.NoteFailure(at, India);
            Assert.False(push.IsActive);
        }
    }

    [Fact]
    public void ARetryKeepsToTheWindow()
    {
        var push = new PushSetup { RetryCountMax = 1 };
        push.RetryAfter(3600);
        var instance = new CosemObject<PushSetup>(Name, PushSetup.Table0, push);
        using var session = new Session(new ObjectsDevice(instance), Now);
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 4, Windows((11, 12), (20, 21))));
        Assert.True(push.TryBegin(Now, India));
        Assert.True(push.TrySend(Now));
        push.NoteFailure(Now, India); // 12:30: between the windows
        Assert.Equal(Local(3, 20, 0), push.DueAt);
        Assert.Equal(CosemData.LongUnsigned(3600), session.Get(instance, 7)); // version 0 has the least delay alone
    }

    [Fact]
    public void AWindowThatIsOverIsNeverComeTo()
    {
        var push = new PushSetup();
        var instance = new CosemObject<PushSetup>(Name, PushSetup.Table, push);
        using var session = new Session(new ObjectsDevice(instance), Now);
        CosemData once = CosemData.Array(CosemData.Structure(ObjectsDevice.Stamp(2026, 3, 1, 8), ObjectsDevice.Stamp(2026, 3, 2, 8)));
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 4, once));
        Assert.Equal(ActionResult.TemporaryFailure, session.Invoke(instance, 1));
        Assert.False(push.IsActive);
    }

    [Fact]
    public void TheBodyCarriesTheValuesInOrder()
    {
        var serial = new Data(new(0, 0, 96, 1, 2), _ => CosemData.OctetString("PEE1"u8));
        var import = new Register(new(1, 0, 1, 8, 0), new(1, Unit.WattHour), _ => CosemData.DoubleLongUnsigned(42));
        var push = new PushSetup();
        push.Define(new(1, serial.LogicalName, 2), new(40, Name, 1), new(3, import.LogicalName, 2), new(3, import.LogicalName, 3, 2), new(3, new(1, 0, 2, 8, 0), 2));
        push.SendTo(0, "10.0.0.1:4059"u8, 0);
        var instance = new CosemObject<PushSetup>(Name, PushSetup.Table, push);
        var device = new ObjectsDevice(serial, import, instance);
        using var session = new Session(device, Now);
        Assert.Equal(CosemData.Structure(CosemData.OctetString("PEE1"u8), CosemData.LogicalName(Name), CosemData.DoubleLongUnsigned(42),
            CosemData.Enumeration((byte)Unit.WattHour), CosemData.Null), Body());
        Assert.Equal("10.0.0.1:4059", session.Get(instance, 3)[1].Text);
        // A list by a client, with a restriction that is not applied: nothing in its place.
        CosemData list = session.Get(instance, 2);
        Assert.Equal(5, list.Count);
        CosemData restricted = CosemData.Structure([.. list[2].Items[..4], CosemData.Structure(CosemData.Enumeration(1), CosemData.Null), CosemData.Array()]);
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 2, CosemData.Array(list[0], restricted)));
        Assert.Equal(CosemData.Structure(CosemData.OctetString("PEE1"u8), CosemData.Null), Body());
        Assert.Equal(DataAccessResult.TypeUnmatched, session.Set(instance, 2, CosemData.Array(new CaptureObject(1, serial.LogicalName, 2).ToData())));

        CosemData Body()
        {
            var buffer = new System.Buffers.ArrayBufferWriter<byte>();
            var writer = new AxdrWriter(buffer);
            push.WriteBody(device.At(Now), ref writer);
            writer.Flush();
            Assert.True(CosemData.TryDecode(buffer.WrittenSpan, out CosemData body, out DecodeError error), error.ToString());
            return body;
        }
    }

    private static Instant Local(int day, int hour, int minute) => new LocalDateTime(2026, 3, day, hour, minute).WithOffset(India).ToInstant();

    private static CosemData Windows(params (byte From, byte To)[] hours) => CosemData.Array([.. hours.Select(h => CosemData.Structure(Daily(h.From), Daily(h.To)))]);

    private static CosemData Daily(byte hour) => CosemData.DateTimeOctets(CosemDateTime.Wildcard with { Hour = hour, Minute = 0, Second = 0, Hundredths = 0 });
}
