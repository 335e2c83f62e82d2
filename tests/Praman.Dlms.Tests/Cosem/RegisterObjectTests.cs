using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Dlms.Tests.Cosem;

/// <summary>Register activation, register table, status mapping, utility tables, array manager, SAP assignment, association by short names, data protection.</summary>
public class RegisterObjectTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 3, 3, 6, 0);

    [Fact]
    public void MasksSayWhichRegistersCount()
    {
        var activation = new RegisterActivation();
        var instance = new CosemObject<RegisterActivation>(new(0, 0, 14, 0, 0), RegisterActivation.Table, activation);
        using var session = new Session(new ObjectsDevice(instance), Now);
        ObisCode day = new(1, 0, 1, 8, 1), night = new(1, 0, 1, 8, 2), total = new(1, 0, 1, 8, 0);
        foreach (ObisCode register in new[] { total, day, night }) Assert.Equal(ActionResult.Success, session.Invoke(instance, 1, Reference(register)));
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 1, Reference(day))); // again: no second
        Assert.Equal(3, session.Get(instance, 2).Count);
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 2, Mask("DAY", 1, 2)));
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 2, Mask("NIGHT", 1, 3)));
        Assert.False(activation.IsActive(3, total)); // none is in force
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 4, CosemData.OctetString("NIGHT"u8)));
        Assert.Equal((true, false, true), (activation.IsActive(3, total), activation.IsActive(3, day), activation.IsActive(3, night)));
        Assert.Equal(DataAccessResult.ObjectUndefined, session.Set(instance, 4, CosemData.OctetString("NOON"u8)));
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 2, Mask("NIGHT", 3, 64))); // replaced; 64 is no register
        Assert.False(activation.IsActive(3, total));
        Assert.Equal(ActionResult.TypeUnmatched, session.Invoke(instance, 2, Mask("BAD", 0)));
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 3, CosemData.OctetString("NIGHT"u8)));
        Assert.Equal(0, session.Get(instance, 4).OctetSpan.Length);
        Assert.Equal(ActionResult.ObjectUndefined, session.Invoke(instance, 3, CosemData.OctetString("NIGHT"u8)));
        Assert.Equal(DataAccessResult.OtherReason, session.Set(instance, 3, CosemData.Array(Mask("A", 1), Mask("A", 2))));

        static CosemData Reference(ObisCode name) => CosemData.Structure(CosemData.LongUnsigned(3), CosemData.LogicalName(name));
        static CosemData Mask(string name, params byte[] indices) =>
            CosemData.Structure(CosemData.OctetString(System.Text.Encoding.ASCII.GetBytes(name)), CosemData.Array([.. indices.Select(CosemData.Unsigned)]));
    }

    [Fact]
    public void ARegisterTableCapturesObjectsThatDifferInGroupE()
    {
        Register Harmonic(byte order) => new(new(1, 0, 32, 7, order), new(-1, Unit.Volt), _ => CosemData.LongUnsigned((ushort)(100 * order)));
        var table = new RegisterTable();
        var instance = new CosemObject<RegisterTable>(new(1, 0, 98, 10, 1), RegisterTable.Table, table);
        using var session = new Session(new ObjectsDevice(Harmonic(1), Harmonic(3), instance), Now);
        table.Define(3, new(1, 0, 32, 7, 0), 2, 1, 2, 3);
        Assert.Empty(session.Get(instance, 2).Items.ToArray());
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 2));
        Assert.Equal(CosemData.Array(CosemData.LongUnsigned(100), CosemData.Null, CosemData.LongUnsigned(300)), session.Get(instance, 2));
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 1));
        Assert.Empty(session.Get(instance, 2).Items.ToArray());
    }

    [Fact]
    public void AStatusWordIsMappedToAReferenceTable()
    {
        CosemData word = CosemData.BitString([0b1010_0000, 0b1000_0000], 9);
        var mapping = new StatusMapping(_ => word);
        var instance = new CosemObject<StatusMapping>(new(0, 0, 96, 5, 0), StatusMapping.Table, mapping);
        var device = new ObjectsDevice(instance);
        using var session = new Session(device, Now);
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 3, CosemData.Structure(CosemData.Unsigned(1), CosemData.LongUnsigned(100))));
        Assert.Equal([100, 102, 108], mapping.EntriesSet(device.At(Now)));
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 3,
            CosemData.Structure(CosemData.Unsigned(1), CosemData.Array(CosemData.LongUnsigned(7), CosemData.LongUnsigned(8), CosemData.LongUnsigned(9)))));
        Assert.Equal([7, 9], mapping.EntriesSet(device.At(Now))); // bits beyond the list mean nothing
        word = CosemData.LongUnsigned(0b110);
        Assert.Equal([8, 9], mapping.EntriesSet(device.At(Now))); // of a number from the lowest bit
    }

    [Fact]
    public void AUtilityTableIsReadInParts()
    {
        byte[] octets = [.. Enumerable.Range(0, 50).Select(i => (byte)i)];
        var instance = new CosemObject<UtilityTable>(new(0, 0, 65, 0, 0), UtilityTable.Table, new UtilityTable(1, octets));
        using var session = new Session(new ObjectsDevice(instance), Now);
        Assert.Equal(CosemData.DoubleLongUnsigned(50), session.Get(instance, 3));
        Assert.Equal(octets, session.Get(instance, 4).OctetSpan.ToArray());
        Assert.Equal(octets[10..15], session.Get(instance, 4, Part(1, 10, 5)).OctetSpan.ToArray());
        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, session.GetResult(instance, 4, Part(1, 46, 5)));
        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, session.GetResult(instance, 4, Part(1, uint.MaxValue, ushort.MaxValue)));
        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, session.GetResult(instance, 4, Part(2, 0, 1)));
        Assert.Equal(DataAccessResult.TypeUnmatched, session.GetResult(instance, 4, new SelectiveAccess(1, CosemData.Unsigned(1))));
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 4, CosemData.OctetString([1, 2])));
        Assert.Equal(CosemData.DoubleLongUnsigned(2), session.Get(instance, 3));

        static SelectiveAccess Part(byte selector, uint offset, ushort count) =>
            new(selector, CosemData.Structure(CosemData.DoubleLongUnsigned(offset), CosemData.LongUnsigned(count)));
    }

    [Fact]
    public void AnArrayManagerChangesSingleEntriesAsASetOfTheWholeMay()
    {
        AttributeStore store = AttributeStore.Of(42, 0).With(4, CosemData.Array(CosemData.DoubleLongUnsigned(1), CosemData.DoubleLongUnsigned(2), CosemData.DoubleLongUnsigned(3)));
        CosemObject<AttributeStore> ip = store.At(new(0, 0, 25, 1, 0));
        var instance = new CosemObject<ArrayManager>(new(0, 0, 18, 0, 0), ArrayManager.Table, new ArrayManager());
        using var session = new Session(new ObjectsDevice(ip, instance), Now);
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 2, CosemData.Array(
            CosemData.Structure(CosemData.Unsigned(1), new AttributeDescriptor(42, ip.LogicalName, 4).ToDataForTest()),
            CosemData.Structure(CosemData.Unsigned(2), new AttributeDescriptor(42, ip.LogicalName, 3).ToDataForTest()))));
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 1, CosemData.Unsigned(1), out CosemData returned));
        Assert.Equal(CosemData.LongUnsigned(3), returned);
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 2, Range(1, 2, 0), out returned));
        Assert.Equal(CosemData.Array(CosemData.DoubleLongUnsigned(2), CosemData.DoubleLongUnsigned(3)), returned);
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 3, Entry(1, 2, CosemData.DoubleLongUnsigned(9))));
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 4, Entry(1, 1, CosemData.DoubleLongUnsigned(8))));
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 5, Range(1, 3, 4)));
        Assert.Equal(CosemData.Array(CosemData.DoubleLongUnsigned(8), CosemData.DoubleLongUnsigned(9)), store[4]);
        Assert.Equal(ActionResult.TypeUnmatched, session.Invoke(instance, 4, Entry(1, 1, CosemData.Unsigned(8))));
        Assert.Equal(ActionResult.ScopeOfAccessViolated, session.Invoke(instance, 4, Entry(1, 3, CosemData.DoubleLongUnsigned(8))));
        Assert.Equal(ActionResult.ScopeOfAccessViolated, session.Invoke(instance, 2, Range(1, 0, 1)));
        Assert.Equal(ActionResult.ScopeOfAccessViolated, session.Invoke(instance, 5, Range(1, 2, 9)));
        Assert.Equal(ActionResult.TypeUnmatched, session.Invoke(instance, 1, CosemData.Unsigned(2))); // no array
        Assert.Equal(ActionResult.ObjectUndefined, session.Invoke(instance, 1, CosemData.Unsigned(3)));
        for (int i = 2; i < 16; i++) Assert.Equal(ActionResult.Success, session.Invoke(instance, 3, Entry(1, 1, CosemData.DoubleLongUnsigned(8))));
        Assert.Equal(ActionResult.TypeUnmatched, session.Invoke(instance, 3, Entry(1, 1, CosemData.DoubleLongUnsigned(8)))); // the array's own bound

        static CosemData Range(byte id, ushort from, ushort to) =>
            CosemData.Structure(CosemData.Unsigned(id), CosemData.Structure(CosemData.LongUnsigned(from), CosemData.LongUnsigned(to)));
        static CosemData Entry(byte id, ushort index, CosemData value) =>
            CosemData.Structure(CosemData.Unsigned(id), CosemData.Structure(CosemData.LongUnsigned(index), value));
    }

    [Fact]
    public void AnArrayManagerGivesNobodyMoreRightsThanTheyHave()
    {
        AttributeStore store = AttributeStore.Of(42, 0).With(4, CosemData.Array(CosemData.DoubleLongUnsigned(1)));
        var ip = new CosemObject<AttributeStore>(new(0, 0, 25, 1, 0), store.Table, store) { Access = new(AssociationLevel.MeterReader, AssociationLevel.UtilitySetting, AssociationLevel.Nobody) };
        var manager = new CosemObject<ArrayManager>(new(0, 0, 18, 0, 0), ArrayManager.Table, new ArrayManager()) { Access = new(AssociationLevel.Public, AssociationLevel.Public, AssociationLevel.Public) };
        CosemContext context = new ObjectsDevice(ip, manager).At(Now);
        CosemData entry = CosemData.Structure(CosemData.Unsigned(1), CosemData.Structure(CosemData.LongUnsigned(1), CosemData.DoubleLongUnsigned(2)));
        context.Level = AssociationLevel.Public;
        Assert.Equal(DataAccessResult.Success, manager.Class.Write(manager, 2, CosemData.Array(
            CosemData.Structure(CosemData.Unsigned(1), new AttributeDescriptor(42, ip.LogicalName, 4).ToDataForTest())), context));
        Assert.Equal(ActionResult.ReadWriteDenied, manager.Class.Invoke(manager, 1, CosemData.Unsigned(1), context, out _));
        context.Level = AssociationLevel.MeterReader;
        Assert.Equal(ActionResult.Success, manager.Class.Invoke(manager, 1, CosemData.Unsigned(1), context, out _));
        Assert.Equal(ActionResult.ReadWriteDenied, manager.Class.Invoke(manager, 4, entry, context, out _));
        Assert.Equal(CosemData.Array(CosemData.DoubleLongUnsigned(1)), store[4]);
        context.Level = AssociationLevel.UtilitySetting;
        Assert.Equal(ActionResult.Success, manager.Class.Invoke(manager, 4, entry, context, out _));
        Assert.Equal(AssociationLevel.UtilitySetting, context.Level);
    }

    [Fact]
    public void ObjectsThatReadOneAnotherInACircleComeToAnEnd()
    {
        var compact = new CompactData();
        var instance = new CosemObject<CompactData>(new(0, 0, 66, 0, 0), CompactData.Table, compact);
        using var session = new Session(new ObjectsDevice(instance), Now);
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 6, CosemData.Enumeration(1))); // captured when read
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 3, CosemData.Array(new CaptureObject(62, instance.LogicalName, 2).ToData())));
        Assert.True(session.Get(instance, 2).OctetSpan.Length < 16);
    }

    [Fact]
    public void LogicalDevicesAreAssignedToSaps()
    {
        var instance = new CosemObject<SapAssignment>(new(0, 0, 41, 0, 0), SapAssignment.Table, new SapAssignment((1, "PEE1"u8.ToArray())));
        using var session = new Session(new ObjectsDevice(instance), Now);
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 1, Entry(2, "PEE2")));
        Assert.Equal(ActionResult.OtherReason, session.Invoke(instance, 1, Entry(1, "PEE3"))); // taken
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 1, Entry(3, "PEE2")));      // moved
        Assert.Equal(CosemData.Array(Entry(1, "PEE1"), Entry(3, "PEE2")), session.Get(instance, 2));
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 1, Entry(0, "PEE1")));      // taken off
        Assert.Equal(ActionResult.ObjectUndefined, session.Invoke(instance, 1, Entry(0, "PEE1")));
        Assert.Equal(DataAccessResult.OtherReason, session.Set(instance, 2, CosemData.Array(Entry(1, "a"), Entry(1, "b"))));
        Assert.Equal(CosemData.Array(Entry(3, "PEE2")), session.Get(instance, 2));

        static CosemData Entry(ushort sap, string name) => CosemData.Structure(CosemData.LongUnsigned(sap), CosemData.OctetString(System.Text.Encoding.ASCII.GetBytes(name)));
    }

    [Fact]
    public void AnAssociationByShortNamesShowsItsObjects()
    {
        var serial = new Data(new(0, 0, 96, 1, 0), _ => CosemData.OctetString("PEE1"u8));
        var hidden = new Data(new(0, 0, 96, 1, 1), _ => CosemData.Unsigned(1)) { Access = new(AssociationLevel.Nobody, AssociationLevel.Nobody, AssociationLevel.Nobody) };
        ReadOnlyMemory<byte> secret = default;
        var instance = new CosemObject<AssociationShortName>(new(0, 0, 40, 0, 9), AssociationShortName.Table, new AssociationShortName(new(
            _ => [new(0x1000, serial), new(0xFA00, hidden)], (_, given) =>
            {
                secret = given;
                return ActionResult.Success;
            })));
        using var session = new Session(new ObjectsDevice(serial, hidden, instance), Now);
        Assert.Equal(CosemData.Array(CosemData.Structure(CosemData.Long(0x1000), CosemData.LongUnsigned(1), CosemData.Unsigned(0), CosemData.LogicalName(serial.LogicalName))),
            session.Get(instance, 2));
        Assert.True(CosemClasses.Find(12, 4)!.Attribute(3)!.Shape.TryCheck(session.Get(instance, 3), out string? why), why);
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 3, CosemData.Array(
            new AttributeDescriptor(1, serial.LogicalName, 2).ToDataForTest(), new AttributeDescriptor(1, hidden.LogicalName, 2).ToDataForTest()), out CosemData returned));
        Assert.Equal(CosemData.Array(CosemData.OctetString("PEE1"u8), CosemData.Null), returned);
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 5, CosemData.OctetString("new"u8)));
        Assert.Equal("new"u8.ToArray(), secret.ToArray());
        Assert.Equal(ActionResult.TypeUnmatched, session.Invoke(instance, 5, CosemData.OctetString([])));
        Assert.Equal(ActionResult.ReadWriteDenied, session.Invoke(instance, 8, CosemData.OctetString(new byte[16])));
    }

    [Fact]
    public void DataProtectionWithoutKeysProtectsNothingAndShowsNothing()
    {
        var instance = new CosemObject<DataProtection>(new(0, 0, 43, 2, 0), DataProtection.Table, new DataProtection());
        using var session = new Session(new ObjectsDevice(instance), Now);
        CosemData list = CosemData.Array(CosemData.Structure(CosemData.LongUnsigned(1), CosemData.LogicalName(new(0, 0, 96, 1, 0)), CosemData.Integer(2), CosemData.LongUnsigned(0),
            CosemData.Structure(CosemData.Enumeration(0), CosemData.Null)));
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 3, list));
        Assert.Equal(list, session.Get(instance, 3));
        Assert.Equal(DataAccessResult.ReadWriteDenied, session.GetResult(instance, 2));
        Assert.Equal(ActionResult.ReadWriteDenied, session.Invoke(instance, 1, CosemData.Structure(list, CosemData.Array())));
        Assert.Equal(ActionResult.TypeUnmatched, session.Invoke(instance, 1, list));
        var keyed = new CosemObject<DataProtection>(instance.LogicalName, DataProtection.Table, new DataProtection
        {
            ProtectBuffer = (_, objects, _) => new[] { (byte)objects.Count },
            Protector = (CosemContext _, sbyte method, in CosemData _, out CosemData returned) =>
            {
                returned = CosemData.Integer(method);
                return ActionResult.Success;
            },
        });
        using var other = new Session(new ObjectsDevice(keyed), Now);
        Assert.Equal(CosemData.OctetString([0]), other.Get(keyed, 2));
        Assert.Equal(ActionResult.Success, other.Invoke(keyed, 1, CosemData.Structure(list, CosemData.Array()), out CosemData answer));
        Assert.Equal(CosemData.Integer(1), answer);
    }
}
