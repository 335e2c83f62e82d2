using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Dlms.Tests.Cosem;

/// <summary>A profile that captures: its six orders, selective access in any column, capture and reset by a client; and a compact capture.</summary>
public class ProfileBufferTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 3, 3, 6, 0);
    private static readonly ObisCode Name = new(1, 0, 99, 1, 0), Import = new(1, 0, 1, 8, 0), Volts = new(1, 0, 12, 7, 0);
    private static readonly CaptureObject[] Columns = [new(8, new(0, 0, 1, 0, 0), 2), new(3, Import, 2)];

    [Theory]
    [InlineData(ProfileSortMethod.FirstInFirstOut, new[] { 7, 1, -9, 4 })]
    [InlineData(ProfileSortMethod.LastInFirstOut, new[] { 4, -9, 1, 7 })]
    [InlineData(ProfileSortMethod.Largest, new[] { 7, 5, 4, 3 })]
    [InlineData(ProfileSortMethod.Smallest, new[] { -9, -2, 1, 3 })]
    [InlineData(ProfileSortMethod.NearestToZero, new[] { 1, -2, 3, 4 })]
    [InlineData(ProfileSortMethod.FurthestFromZero, new[] { -9, 7, 5, 4 })]
    public void AFullBufferKeepsWhatItsOrderPrefers(ProfileSortMethod method, int[] kept)
    {
        var buffer = new ProfileBuffer(Columns, 4, method, 1);
        var profile = new ProfileGeneric(Name, Columns, buffer);
        int minute = 0;
        foreach (int value in new[] { 3, -2, 5, 7, 1, -9, 4 }) buffer.Add(ObjectsDevice.Stamp(2026, 3, 3, 9, minute++), CosemData.DoubleLong(value));
        using var session = new Session(new ObjectsDevice(profile), Now);
        Assert.Equal(kept, Values(session.Get(profile, 2)));
        Assert.Equal(CosemData.DoubleLongUnsigned(4), session.Get(profile, 7));
        Assert.Equal(CosemData.Enumeration((byte)method), session.Get(profile, 5));
        Assert.Equal(Columns[1].ToData(), session.Get(profile, 6));
        // Entries count in the order kept; columns are chosen by their place.
        CosemData second = session.Get(profile, 2, SelectiveAccess.Entry(2, 3, 2, 2));
        Assert.Equal(kept[1..3], second.Items.ToArray().Select(r => Number(r[0])));
    }

    [Fact]
    public void ARangeMayRestrictAnyColumn()
    {
        var buffer = new ProfileBuffer(Columns, 10);
        var profile = new ProfileGeneric(Name, Columns, buffer);
        for (int i = 0; i < 6; i++) buffer.Add(ObjectsDevice.Stamp(2026, 3, 3, 9 + i), CosemData.DoubleLong((i * 37) % 10)); // 0 7 4 1 8 5
        using var session = new Session(new ObjectsDevice(profile), Now);
        AttributeDescriptor time = Columns[0].Attribute, value = Columns[1].Attribute;
        Assert.Equal([4, 1, 8], Values(session.Get(profile, 2, SelectiveAccess.Range(time, ObjectsDevice.Stamp(2026, 3, 3, 11), ObjectsDevice.Stamp(2026, 3, 3, 13)))));
        Assert.Equal([7, 8, 5], Values(session.Get(profile, 2, SelectiveAccess.Range(value, CosemData.DoubleLong(5), CosemData.DoubleLong(9)))));
        Assert.Equal([0, 4, 1], Values(session.Get(profile, 2, SelectiveAccess.Range(value, CosemData.Null, CosemData.Unsigned(4)))));
        Assert.Equal([0], session.Get(profile, 2, SelectiveAccess.Range(value, CosemData.Null, CosemData.DoubleLong(0), Columns[1].ToData())).Items.ToArray().Select(r => Number(r[0])));
        Assert.Empty(session.Get(profile, 2, SelectiveAccess.Range(value, CosemData.DoubleLong(9), CosemData.DoubleLong(2))).Items.ToArray());
        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, session.GetResult(profile, 2, SelectiveAccess.Range(new AttributeDescriptor(3, Volts, 2), CosemData.Null, CosemData.Null)));
    }

    [Fact]
    public void AClientCapturesAndResets()
    {
        uint wattHours = 100;
        var import = new Register(Import, new(0, Unit.WattHour), _ => CosemData.DoubleLongUnsigned(wattHours));
        var clock = new Clock(new(0, 0, 1, 0, 0), new(c => CosemDateTime.From(c.Now, ObjectsDevice.India), null, _ => -330));
        var profile = new ProfileGeneric(Name, [.. Columns, new(3, Volts, 2)], new ProfileBuffer([.. Columns, new(3, Volts, 2)], 2));
        using var session = new Session(new ObjectsDevice(import, clock, profile), Now);
        Assert.Equal(ActionResult.Success, session.Invoke(profile, 2));
        wattHours = 250;
        session.Now += Duration.FromMinutes(30);
        Assert.Equal(ActionResult.Success, session.Invoke(profile, 2));
        CosemData rows = session.Get(profile, 2);
        Assert.Equal([100, 250], Values(rows));
        Assert.Equal(ObjectsDevice.Stamp(2026, 3, 3, 12), rows[1][0]);
        Assert.True(rows[0][2].IsNull); // no such object
        Assert.Equal(ActionResult.TypeUnmatched, session.Invoke(profile, 1, CosemData.Unsigned(0)));
        Assert.Equal(ActionResult.Success, session.Invoke(profile, 1));
        Assert.Empty(session.Get(profile, 2).Items.ToArray());
    }

    [Fact]
    public void OfAProfileACompactCaptureHasTheRowsAndColumnsThatItsRestrictionLeaves()
    {
        var rows = new ProfileBuffer(Columns, 10);
        var profile = new ProfileGeneric(Name, Columns, rows);
        for (int day = 1; day <= 6; day++) rows.Add(ObjectsDevice.Stamp(2026, 3, day, 9), CosemData.DoubleLong(day * 100));
        var compact = new CompactData();
        var instance = new CosemObject<CompactData>(new(0, 0, 66, 0, 0), CompactData.Table, compact);
        using var session = new Session(new ObjectsDevice(profile, instance), Now);
        CosemData Captured(CosemData restriction, params CaptureObject[] columns)
        {
            CosemData item = CosemData.Structure([.. new CaptureObject(7, Name, 2).ToData().Items, restriction, CosemData.Array([.. columns.Select(c => c.ToData())])]);
            Assert.Equal(DataAccessResult.Success, session.Set(instance, 3, CosemData.Array(item)));
            Assert.Equal(CosemData.Array(item), session.Get(instance, 3));
            Assert.Equal(ActionResult.Success, session.Invoke(instance, 2));
            byte[] contents = session.Get(instance, 2).OctetSpan.ToArray();
            Assert.True(CosemData.TryDecode([0x13, .. session.Get(instance, 5).OctetSpan, (byte)contents.Length, .. contents], out CosemData array, out DecodeError error), error.ToString());
            return Assert.Single(array.ExpandCompactArray())[0];
        }
        CosemData byEntry = CosemData.Structure(CosemData.Enumeration(2), CosemData.Structure(CosemData.DoubleLongUnsigned(2), CosemData.DoubleLongUnsigned(4)));
        CosemData byDate = CosemData.Structure(CosemData.Enumeration(1), CosemData.Structure(
            CosemData.OctetString([0x07, 0xEA, 3, 5, 0xFF]), CosemData.OctetString([0xFF, 0xFF, 0xFF, 0xFF, 0xFF])));
        CosemData none = CosemData.Structure(CosemData.Enumeration(0), CosemData.Null);
        Assert.Equal([200, 300, 400], Values(Captured(byEntry)));
        Assert.Equal(2, Captured(byEntry)[0].Count);
        Assert.Equal([500, 600], Captured(byDate, Columns[1]).Items.ToArray().Select(r => Number(r[0])));
        Assert.Equal(6, Captured(none, Columns[1]).Count);
        // What cannot be applied captures nothing; a new list begins anew.
        CosemData wrong = CosemData.Structure(CosemData.Enumeration(1), CosemData.DoubleLongUnsigned(2));
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 3, CosemData.Array(CosemData.Structure([.. new CaptureObject(7, Name, 2).ToData().Items, wrong, CosemData.Array()]))));
        Assert.Equal(ActionResult.TypeUnmatched, session.Invoke(instance, 2));
        Assert.Empty(session.Get(instance, 2).OctetSpan.ToArray());
        // An element of a buffer, or another attribute, has neither rows nor columns.
        foreach (CaptureObject other in (CaptureObject[])[new(7, Name, 2, 1), new(7, Name, 4)])
            Assert.Equal(DataAccessResult.OtherReason, session.Set(instance, 3, CosemData.Array(CosemData.Structure([.. other.ToData().Items, byEntry, CosemData.Array()]))));
    }

    [Fact]
    public void ACompactCaptureIsACompactArrayInTwoParts()
    {
        var text = new Data(new(0, 0, 96, 1, 0), _ => CosemData.OctetString("PEE1"u8));
        var list = new Data(new(0, 0, 96, 1, 1), _ => CosemData.Array(CosemData.LongUnsigned(1), CosemData.LongUnsigned(2)));
        var pair = new Data(new(0, 0, 96, 1, 2), _ => CosemData.Structure(CosemData.Integer(-1), CosemData.Enumeration(27)));
        var mixed = new Data(new(0, 0, 96, 1, 3), _ => CosemData.Array(CosemData.Integer(-1), CosemData.Enumeration(27)));
        var compact = new CompactData();
        var instance = new CosemObject<CompactData>(new(0, 0, 66, 0, 0), CompactData.Table, compact);
        compact.Define(9, new(62, instance.LogicalName, 4), new(1, text.LogicalName, 2), new(1, list.LogicalName, 2), new(1, pair.LogicalName, 2), new(1, pair.LogicalName, 2, 2));
        using var session = new Session(new ObjectsDevice(text, list, pair, mixed, instance), Now);
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 2));
        byte[] buffer = session.Get(instance, 2).OctetSpan.ToArray(), template = session.Get(instance, 5).OctetSpan.ToArray();
        Assert.Equal("09045045453100010002FF1B1B", Convert.ToHexString(buffer));
        Assert.Equal("020511090100021202020F1616", Convert.ToHexString(template));
        // A compact-array of one element is its type, a length and the contents.
        byte[] whole = [0x13, .. template, (byte)buffer.Length, .. buffer];
        Assert.True(CosemData.TryDecode(whole, out CosemData array, out DecodeError error), error.ToString());
        CosemData row = Assert.Single(array.ExpandCompactArray());
        Assert.Equal(CosemData.Structure(CosemData.Unsigned(9), CosemData.OctetString("PEE1"u8), CosemData.Array(CosemData.LongUnsigned(1), CosemData.LongUnsigned(2)),
            CosemData.Structure(CosemData.Integer(-1), CosemData.Enumeration(27)), CosemData.Enumeration(27)), row);
        // A restriction of what is no profile's buffer is refused; one that restricts nothing is as good as one without.
        CosemData Restricted(byte type) => CosemData.Structure([.. new CaptureObject(1, text.LogicalName, 2).ToData().Items,
            CosemData.Structure(CosemData.Enumeration(type), CosemData.Null), CosemData.Array()]);
        Assert.Equal(DataAccessResult.OtherReason, session.Set(instance, 3, CosemData.Array(Restricted(1))));
        Assert.Equal(5, session.Get(instance, 3).Count);
        // Elements of different types have no place in one; what was captured stays.
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 6, CosemData.Enumeration(1))); // captured when read
        Assert.Equal(buffer, session.Get(instance, 2).OctetSpan.ToArray());
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 3, CosemData.Array(new CaptureObject(1, mixed.LogicalName, 2).ToData())));
        Assert.Equal(ActionResult.TypeUnmatched, session.Invoke(instance, 2));
        Assert.Equal(0, session.Get(instance, 2).OctetSpan.Length);
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 3, CosemData.Array(Restricted(0))));
        Assert.Equal("0450454531", Convert.ToHexString(session.Get(instance, 2).OctetSpan));
    }

    private static IEnumerable<int> Values(CosemData rows) => rows.Items.ToArray().Select(r => Number(r[1]));

    private static int Number(CosemData data) => data.TryGetInt64(out long value) ? (int)value : throw new InvalidOperationException(data.ToString());
}
