using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;

namespace Praman.Dlms.Tests.Cosem;

/// <summary>Shapes: what they accept, how they say it, and what is wrong with a text that is none.</summary>
public class DataShapeTests
{
    [Theory]
    [InlineData("unsigned", "unsigned")]
    [InlineData("unsigned[1..7]", "unsigned 1 to 7")]
    [InlineData("octet-string[6]", "octet-string of 6")]
    [InlineData("octet-string[0..16]", "octet-string of up to 16")]
    [InlineData("bit-string[7]", "bit-string of 7 bits")]
    [InlineData("logical-name", "octet-string of 6 (logical name)")]
    [InlineData("null-data | long", "null-data or long")]
    [InlineData("array[4] of { a: enum, b: date-octets }", "array of up to 4 × structure (a: enum, b: octet-string of 5 (date))")]
    [InlineData("any", "any value")]
    [InlineData("number", "any number")]
    public void AShapeSaysItselfInWords(string notation, string words) => Assert.Equal(words, DataShape.Parse(notation).ToString());

    [Theory]
    [InlineData("", "a word expected")]
    [InlineData("word", "a type or the name of a shape expected, not 'word'")]
    [InlineData("array of enum", "'[' and the most elements expected")]
    [InlineData("array[4] enum", "'of' expected, not 'enum'")]
    [InlineData("array[x] of enum", "a number expected, not 'x'")]
    [InlineData("{ a enum }", "':' expected")]
    [InlineData("{ a: enum", "'}' or ',' expected")]
    [InlineData("unsigned[3..1]", "bounds in order expected")]
    [InlineData("unsigned[1", "']' expected")]
    [InlineData("(enum", "')' expected")]
    [InlineData("enum enum", "the end expected")]
    public void ATextThatIsNoShapeIsRefusedWithItsPlace(string notation, string fault)
    {
        FormatException thrown = Assert.Throws<FormatException>(() => DataShape.Parse(notation));
        Assert.Contains(fault, thrown.Message, StringComparison.Ordinal);
        Assert.Contains(notation, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AValueThatDoesNotFitIsRefusedWithItsPlace()
    {
        DataShape shape = "array[2] of { index: unsigned[1..9], name: octet-string[1..4] }";
        CosemData Entry(byte index, int length) => CosemData.Structure(CosemData.Unsigned(index), CosemData.OctetString(new byte[length]));
        Assert.True(shape.Accepts(CosemData.Array(Entry(1, 1), Entry(9, 4))));
        Assert.True(shape.Accepts(CosemData.Array()));
        Assert.False(shape.TryCheck(CosemData.Array(Entry(1, 1), Entry(0, 1)), out string? why));
        Assert.Equal("element 2: index: 0 where unsigned 1 to 9 is expected", why);
        Assert.False(shape.TryCheck(CosemData.Array(Entry(1, 5)), out why));
        Assert.Equal("element 1: name: 5 where octet-string of 1 to 4 is expected", why);
        Assert.False(shape.TryCheck(CosemData.Array(Entry(1, 1), Entry(1, 1), Entry(1, 1)), out why));
        Assert.StartsWith("3 elements", why, StringComparison.Ordinal);
        Assert.False(shape.TryCheck(CosemData.Unsigned(1), out why));
        Assert.StartsWith("unsigned where array", why, StringComparison.Ordinal);
    }

    [Fact]
    public void AnOpenValueIsBoundedInOctetsAndElements()
    {
        Assert.True(DataShape.Any.Accepts(CosemData.OctetString(new byte[DataShape.OctetsMax - 1])));
        Assert.False(DataShape.Any.Accepts(CosemData.OctetString(new byte[DataShape.OctetsMax])));
        CosemData many = CosemData.Array([.. Enumerable.Repeat(CosemData.Null, DataShape.NodesMax)]);
        Assert.False(DataShape.Any.Accepts(many));
        Assert.False(DataShape.Parse("structure").Accepts(CosemData.Structure([.. many.Items])));
        Assert.True(((DataShape)CosemDataType.Array).Accepts(many)); // where the object itself judges
        Assert.True(DataShape.Any.Accepts(CosemData.Array([.. Enumerable.Repeat(CosemData.Null, DataShape.NodesMax - 1)])));
    }

    [Fact]
    public void WhatAnAttributeBeginsWithFitsItsShapeAndSamplesDo()
    {
        var random = new Random(1);
        foreach (CosemClass known in CosemClasses.All)
        {
            IEnumerable<DataShape> shapes = known.Attributes.Select(a => a.Shape).Concat(known.Methods.Where(m => m.Parameter is not null).Select(m => m.Parameter!));
            foreach (DataShape shape in shapes)
            {
                Assert.True(shape.TryCheck(shape.Default, out string? why), $"{known}: {why}");
                for (int i = 0; i < 20; i++) Assert.True(shape.TryCheck(ShapeSamples.Of(shape, random), out why), $"{known}: {why}");
                foreach (CosemData refused in ShapeSamples.Refused(shape, random)) Assert.False(shape.Accepts(refused), $"{known}: {shape} accepts {refused}");
            }
        }
    }
}
