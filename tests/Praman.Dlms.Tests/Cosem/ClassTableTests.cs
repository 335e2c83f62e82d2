using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;

namespace Praman.Dlms.Tests.Cosem;

/// <summary>The tables of all classes: complete, each id once, found by number and version.</summary>
public class ClassTableTests
{
    // Security setup checks the parameters of its methods itself.
    private static readonly int[] WithoutParameterShapes = [64];

    [Fact]
    public void EveryClassInCommonUseIsKnown()
    {
        int[] wanted =
        [
            1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 40, 41, 42, 43, 44, 45, 46, 47, 48, 50, 51, 52, 53, 55, 56, 57,
            61, 62, 63, 64, 65, 66, 68, 70, 71, 72, 73, 74, 76, 77, 80, 81, 82, 83, 84, 85, 86, 90, 91, 92, 100, 101, 102, 103, 104, 105, 111, 112, 113, 115, 122, 123, 124,
            130, 151, 152, 153,
        ];
        Assert.Equal(wanted, CosemClasses.All.Select(c => (int)c.ClassId).Distinct().Order());
        Assert.NotNull(CosemClasses.Find(64, 0));
        Assert.NotNull(CosemClasses.Find(64, 1));
    }

    [Fact]
    public void EveryTableNamesItsAttributesAndMethodsOnce()
    {
        foreach (CosemClass known in CosemClasses.All)
        {
            Assert.Equal("logical_name", known.Attributes[0].Name);
            Assert.Equal(known.Attributes.Count, known.Attributes.Select(a => a.Id).Distinct().Count());
            Assert.Equal(known.Attributes.Count, known.Attributes.Select(a => a.Name).Distinct().Count());
            Assert.Equal(Enumerable.Range(1, known.Attributes.Count), known.Attributes.Select(a => (int)a.Id));
            Assert.Equal(known.Methods.Count, known.Methods.Select(m => m.Id).Distinct().Count());
            Assert.Equal(known.Methods.Count, known.Methods.Select(m => m.Name).Distinct().Count());
            Assert.All(known.Attributes, a => Assert.True(a.IsReadable || a.IsWritable || a.Name is "secret" or "protection_buffer", $"{known}: {a.Name}"));
            if (!WithoutParameterShapes.Contains(known.ClassId)) Assert.All(known.Methods, m => Assert.True(m.Parameter is not null, $"{known}: {m.Name}"));
            Assert.NotEmpty(known.Words);
            Assert.Same(known, CosemClasses.Find(known.ClassId, known.Version));
        }
    }

    [Fact]
    public void ClassesAreFoundByNumberAndVersion()
    {
        Assert.Same(PushSetup.Table0, CosemClasses.Find(40, 0));
        Assert.Same(PushSetup.Table, CosemClasses.Find(40, 3));
        Assert.Same(PushSetup.Table, CosemClasses.Find(40)); // the latest
        Assert.Null(CosemClasses.Find(40, 9));
        Assert.Null(CosemClasses.Find(9999));
        Assert.Null(CosemClasses.Find(9999, 0));
        Assert.Equal("long-unsigned", CosemClasses.Find(40, 0)!.Attribute(7)!.Shape.ToString());
        Assert.Equal(CosemDataType.Structure, CosemClasses.Find(40)!.Attribute(7)!.Type);
        Assert.Equal("user_list", CosemClasses.FindAttribute(15, 10)!.Name); // of version 3, though 1 is served
        Assert.Null(CosemClasses.FindAttribute(15, 99));
        Assert.Equal("push", CosemClasses.FindMethod(40, 1)!.Name);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("type 1 0 x", "line 1: 'class' comes first")]
    [InlineData("class 1 0", "ends before name in words")]
    [InlineData("# remark\nclass 70000 0 x", "line 2")]
    [InlineData("class 1 0 x\n1 logical_name r static logical-name", "line 2: an attribute id is 2 to 63")]
    [InlineData("class 1 0 x\n2 value x static any", "access is r, w or rw")]
    [InlineData("class 1 0 x\n2 value r fixed any", "static or dynamic")]
    [InlineData("class 1 0 x\n2 value r static sometype", "line 2: shape 'sometype'")]
    [InlineData("class 1 0 x\n2 value r static", "ends before shape")]
    [InlineData("class 1 0 x\nmethod 1 reset", "ends before parameter")]
    public void ATextThatIsNoTableIsRefusedWithItsLine(string text, string fault) =>
        Assert.Contains(fault, Assert.Throws<FormatException>(() => SetUpTables.Parse("test", text)).Message, StringComparison.Ordinal);

    [Fact]
    public void AnIdThatOccursTwiceIsRefused() =>
        Assert.Throws<ArgumentException>(() => SetUpTables.Parse("test", "class 1 0 x\n2 a r static any\n2 b r static any"));

    [Fact]
    public void ATextIsATable()
    {
        CosemClass<AttributeStore> table = SetUpTables.Parse("test", """
            # a remark
            class 9000 2 made-up set-up
            2 port rw static long-unsigned
            3 list r dynamic array[4] of
              { a: enum,
                b: integer }
            method 1 reset resets integer
            """);
        Assert.Equal((9000, 2, "MadeUpSetUp", "made-up set-up"), (table.ClassId, table.Version, table.Name, table.Words));
        Assert.Equal("array of up to 4 × structure (a: enum, b: integer)", table.Attributes[2].Shape.ToString());
        Assert.Equal((true, true, true), (table.Attributes[1].IsReadable, table.Attributes[1].IsWritable, table.Attributes[1].IsStatic));
        Assert.Equal((true, false, false), (table.Attributes[2].IsReadable, table.Attributes[2].IsWritable, table.Attributes[2].IsStatic));
    }
}
