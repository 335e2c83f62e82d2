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
        // A list by a client, with a restriction of what is no buffer: nothing in its place.
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

    [Theory]
    [InlineData(true), InlineData(false)]
    public void AProfileIsPushedWithTheRowsAndColumnsThatWereAskedFor(bool byValue)
    {
        ObisCode name = new(1, 0, 99, 1, 0);
        CaptureObject[] columns = [new(8, new(0, 0, 1, 0, 0), 2), new(3, new(1, 0, 12, 27, 0), 2), new(3, new(1, 0, 1, 29, 0), 2)];
        var buffer = new ProfileBuffer(columns, 200);
        var counted = new Association.ServiceDevice.CountedRows(96); // half hours of 1 and 2 March, each stamped at its end
        for (int row = 1; row <= 96; row++)
        {
            CosemDateTime stamp = CosemDateTime.From(new LocalDateTime(2026, 3, 1, 0, 0).PlusMinutes(30 * row), India);
            buffer.Add(CosemData.DateTimeOctets(stamp), CosemData.LongUnsigned(0), CosemData.DoubleLongUnsigned((uint)Association.ServiceDevice.CountedRows.Energy(row)));
        }
        var profile = new ProfileGeneric(name, columns, byValue ? buffer : new DatedRows(counted));
        var push = new PushSetup();
        var instance = new CosemObject<PushSetup>(Name, PushSetup.Table, push);
        var device = new ObjectsDevice(profile, instance);
        using var session = new Session(device, Now);
        long[] Energies(CosemData rows) => [.. rows.Items.ToArray().Select(row => row[row.Count - 1].TryGetInt64(out long value) ? value : -1)];
        long[] Expected(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(row => Association.ServiceDevice.CountedRows.Energy(row))];
        CosemData all = Push(0, CosemData.Null);
        Assert.Equal(Expected(1, 96), Energies(all));
        Assert.Equal(Expected(48, 95), Energies(Push(1, CosemData.Structure(Date(2026, 3, 2), Date(2026, 3, 2))))); // midnight is of the day that begins
        Assert.Equal(Expected(48, 96), Energies(Push(1, CosemData.Structure(Date(2026, 3, 2), Date(0xFFFF, 0xFF, 0xFF)))));
        Assert.Empty(Energies(Push(1, CosemData.Structure(Date(2026, 3, 2), Date(2026, 3, 1)))));
        Assert.Equal(Expected(94, 96), Energies(Push(2, CosemData.Structure(CosemData.DoubleLongUnsigned(94), CosemData.DoubleLongUnsigned(0)))));
        CosemData narrow = Push(2, CosemData.Structure(CosemData.DoubleLongUnsigned(2), CosemData.DoubleLongUnsigned(3)), columns[2]);
        Assert.Equal((Expected(2, 3).Length, 1), (narrow.Count, narrow[0].Count));
        Assert.Equal(Expected(2, 3), Energies(narrow));
        foreach (CosemData wrong in (CosemData[])
            [
                Push(1, CosemData.Structure(Date(2026, 13, 1), Date(2026, 3, 1))), Push(1, CosemData.Null), Push(2, CosemData.Structure(CosemData.DoubleLongUnsigned(0), CosemData.DoubleLongUnsigned(3))),
                Push(0, CosemData.Null, new CaptureObject(3, new(1, 0, 2, 29, 0), 2)),
            ]) Assert.True(wrong.IsNull); // never more than was asked for

        CosemData Push(byte restriction, CosemData value, params CaptureObject[] chosen)
        {
            CosemData item = CosemData.Structure([.. new CaptureObject(7, name, 2).ToData().Items, CosemData.Structure(CosemData.Enumeration(restriction), value), CosemData.Array([.. chosen.Select(c => c.ToData())])]);
            Assert.Equal(DataAccessResult.Success, session.Set(instance, 2, CosemData.Array(item)));
            var octets = new System.Buffers.ArrayBufferWriter<byte>();
            var writer = new AxdrWriter(octets);
            push.WriteBody(device.At(Now), ref writer);
            writer.Flush();
            Assert.True(CosemData.TryDecode(octets.WrittenSpan, out CosemData body, out DecodeError error), error.ToString());
            return body[0];
        }

        static CosemData Date(int year, int month, int day) => CosemData.OctetString([(byte)(year >> 8), (byte)year, (byte)month, (byte)day, 0xFF]);
    }

    // Rows that are found by their time, as a meter finds them that makes rows when they are asked for.
    private sealed class DatedRows(Association.ServiceDevice.CountedRows rows) : ProfileRows
    {
        public override uint EntryCountMax(CosemContext context) => rows.EntryCountMax(context);

        public override uint PeriodSeconds(CosemContext context) => rows.PeriodSeconds(context);

        public override RowNumbers Numbers(CosemContext context) => rows.Numbers(context);

        public override RowNumbers NumbersWithin(CosemContext context, Instant from, Instant to)
        {
            Instant start = Association.ServiceDevice.CountedRows.Start;
            long First(Instant at) => (long)Math.Ceiling((at - start) / Duration.FromMinutes(30));
            return new(from == Instant.MinValue ? 1 : First(from), to == Instant.MaxValue ? 96 : (long)Math.Floor((to - start) / Duration.FromMinutes(30)));
        }

        public override void WriteRow(CosemContext context, long number, ProfileColumns columns, ref AxdrWriter writer) => rows.WriteRow(context, number, columns, ref writer);
    }

    private static Instant Local(int day, int hour, int minute) => new LocalDateTime(2026, 3, day, hour, minute).WithOffset(India).ToInstant();

    private static CosemData Windows(params (byte From, byte To)[] hours) => CosemData.Array([.. hours.Select(h => CosemData.Structure(Daily(h.From), Daily(h.To)))]);

    private static CosemData Daily(byte hour) => CosemData.DateTimeOctets(CosemDateTime.Wildcard with { Hour = hour, Minute = 0, Second = 0, Hundredths = 0 });
}
