using System.Globalization;
using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;
using Praman.Testing;

namespace Praman.Dlms.Tests.Cosem;

/// <summary>Classes of set-up data: every attribute of every class over a real association, by a vector each and by values from a seed.</summary>
public class SetUpObjectTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 3, 3, 0, 0);
    private static readonly ObisCode Name = new(0, 0, 25, 0, 0);

    /// <summary>class/version attribute → the octets of a value, from tests/vectors/cosem-classes.txt.</summary>
    private static readonly Lazy<Dictionary<(int ClassId, int Version, int Attribute), byte[]>> Vectors = new(ReadVectors);

    public static TheoryData<int, int> Classes => [.. Tables.Select(t => ((int)t.ClassId, (int)t.Version))];

    private static IEnumerable<CosemClass<AttributeStore>> Tables => CosemClasses.All.OfType<CosemClass<AttributeStore>>();

    [Theory, MemberData(nameof(Classes))]
    public void TheVectorOfEachAttributeGoesInAndComesOutByteByByte(int classId, int version)
    {
        var table = (CosemClass<AttributeStore>)CosemClasses.Find((ushort)classId, (byte)version)!;
        var store = new AttributeStore(table);
        var instance = new CosemObject<AttributeStore>(Name, table, store);
        using var session = new Session(new ObjectsDevice(instance), Now);
        foreach (CosemAttribute attribute in table.Attributes.Skip(1))
        {
            Assert.True(Vectors.Value.TryGetValue((classId, version, attribute.Id), out byte[]? octets), $"no vector for {classId}/{version} {attribute.Id}");
            Assert.True(CosemData.TryDecode(octets, out CosemData value, out DecodeError error), error.ToString());
            if (attribute.IsWritable) Assert.Equal(DataAccessResult.Success, session.Set(instance, attribute.Id, value));
            else
            {
                Assert.Equal(DataAccessResult.ReadWriteDenied, session.Set(instance, attribute.Id, value));
                store.With(attribute.Id, value);
            }
            if (attribute.IsReadable) Assert.Equal(octets, session.Get(instance, attribute.Id).Encode());
            else Assert.Equal(DataAccessResult.ReadWriteDenied, session.GetResult(instance, attribute.Id));
        }
        // Setting one attribute left the others.
        foreach (CosemAttribute attribute in table.Attributes.Skip(1).Where(a => a.IsReadable))
            Assert.Equal(Vectors.Value[(classId, version, attribute.Id)], session.Get(instance, attribute.Id).Encode());
        Assert.Equal(DataAccessResult.ObjectUndefined, session.GetResult(instance, table.Attributes[^1].Id + 1));
        Assert.Equal(DataAccessResult.ReadWriteDenied, session.Set(instance, 1, CosemData.LogicalName(Name)));
    }

    [Theory, MemberData(nameof(Classes))]
    public void AnyValueOfTheShapeIsKeptAndAnyOtherRefused(int classId, int version)
    {
        var table = (CosemClass<AttributeStore>)CosemClasses.Find((ushort)classId, (byte)version)!;
        var instance = new CosemObject<AttributeStore>(Name, table, new AttributeStore(table));
        using var session = new Session(new ObjectsDevice(instance), Now);
        var random = new Random((classId * 10) + version);
        foreach (CosemAttribute attribute in table.Attributes.Skip(1).Where(a => a.IsWritable))
        {
            CosemData kept = attribute.Shape.Default;
            for (int i = 0; i < 5; i++)
            {
                kept = ShapeSamples.Of(attribute.Shape, random);
                Assert.Equal(DataAccessResult.Success, session.Set(instance, attribute.Id, kept));
                if (attribute.IsReadable) Assert.Equal(kept, session.Get(instance, attribute.Id));
            }
            foreach (CosemData refused in ShapeSamples.Refused(attribute.Shape, random).Take(40))
                Assert.Equal(DataAccessResult.TypeUnmatched, session.Set(instance, attribute.Id, refused));
            if (attribute.IsReadable) Assert.Equal(kept, session.Get(instance, attribute.Id));
        }
        foreach (CosemMethod method in table.Methods)
        {
            foreach (CosemData refused in ShapeSamples.Refused(method.Parameter!, random).Take(5))
                Assert.Equal(ActionResult.TypeUnmatched, session.Invoke(instance, method.Id, refused));
        }
    }

    [Fact]
    public void MethodsGoToTheDeviceOrAreRefused()
    {
        var table = (CosemClass<AttributeStore>)CosemClasses.Find(42, 0)!;
        var invoked = new List<(sbyte Method, CosemData Parameter)>();
        var silent = new CosemObject<AttributeStore>(Name, table, new AttributeStore(table));
        var acting = new CosemObject<AttributeStore>(new(0, 0, 25, 1, 0), table, new AttributeStore(table)
        {
            Invoked = (CosemContext _, sbyte method, in CosemData parameters, out CosemData returned) =>
            {
                invoked.Add((method, parameters));
                returned = CosemData.LongUnsigned(7);
                return ActionResult.Success;
            },
        });
        using var session = new Session(new ObjectsDevice(silent, acting), Now);
        Assert.Equal(ActionResult.ReadWriteDenied, session.Invoke(silent, 1, CosemData.DoubleLongUnsigned(0xE0000001)));
        Assert.Equal(ActionResult.ObjectUndefined, session.Invoke(silent, 4));
        Assert.Equal(ActionResult.Success, session.Invoke(acting, 1, CosemData.DoubleLongUnsigned(0xE0000001), out CosemData returned));
        Assert.Equal(CosemData.LongUnsigned(7), returned);
        Assert.Equal([((sbyte)1, CosemData.DoubleLongUnsigned(0xE0000001))], invoked);
    }

    [Fact]
    public void AResetPutsCountersBackAndLeavesSettings()
    {
        CosemObject<AttributeStore> counters = AttributeStore.Of(84, 0).With(2, CosemData.DoubleLongUnsigned(41)).With(7, CosemData.DoubleLongUnsigned(9)).At(Name);
        using var session = new Session(new ObjectsDevice(counters), Now);
        Assert.Equal(CosemData.DoubleLongUnsigned(41), session.Get(counters, 2));
        Assert.Equal(ActionResult.Success, session.Invoke(counters, 1));
        Assert.Equal(CosemData.DoubleLongUnsigned(0), session.Get(counters, 2));
        Assert.Equal(CosemData.DoubleLongUnsigned(0), session.Get(counters, 7));
    }

    [Fact]
    public void AModelsValuesStandUntilAMeterHasItsOwn()
    {
        var table = (CosemClass<AttributeStore>)CosemClasses.Find(23, 1)!;
        AttributeStore model = AttributeStore.Of(23, 1).With(2, CosemData.Enumeration(5)).With(9, CosemData.LongUnsigned(1));
        var changed = new List<sbyte>();
        AttributeStore one = new(table, model) { Changed = (_, id) => changed.Add(id) }, other = new(table, model);
        var instance = new CosemObject<AttributeStore>(Name, table, one);
        using var session = new Session(new ObjectsDevice(instance), Now);
        Assert.Equal(CosemData.Enumeration(5), session.Get(instance, 2));
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 2, CosemData.Enumeration(9)));
        Assert.Equal(CosemData.Enumeration(9), one[2]);
        Assert.Equal(CosemData.Enumeration(5), other[2]);
        Assert.Equal(CosemData.LongUnsigned(1), one[9]);
        Assert.Equal([(sbyte)2], changed);
        Assert.Throws<ArgumentException>(() => model.With(2, CosemData.Enumeration(11)));
        Assert.Throws<ArgumentOutOfRangeException>(() => model[10]);
        Assert.Throws<ArgumentException>(() => AttributeStore.Of(23, 7));
        Assert.Throws<ArgumentException>(() => AttributeStore.Of(5, 0)); // acts by itself
    }

    private static Dictionary<(int ClassId, int Version, int Attribute), byte[]> ReadVectors()
    {
        var vectors = new Dictionary<(int, int, int), byte[]>();
        foreach (string line in File.ReadLines(Path.Combine(TestFiles.Root, "tests", "vectors", "cosem-classes.txt")))
        {
            if (line.Length == 0 || line[0] == '#') continue;
            string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string[] of = parts[0].Split('/');
            vectors.Add((int.Parse(of[0], CultureInfo.InvariantCulture), int.Parse(of[1], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture)),
                Convert.FromHexString(string.Concat(parts[2..])));
        }
        return vectors;
    }
}
