using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Explain;
using Praman.Metering;

namespace Praman.Dlms.Tests.Explain;

/// <summary>Values in words: what <c>praman read --object</c> shows of structures.</summary>
public class DataTextTests
{
    private static DataShape ShapeOf(ushort classId, int attribute) => CosemClasses.Find(classId)!.Attribute(attribute)!.Shape;

    [Fact]
    public void APushSetupNamesItsObjectsAndItsDestination()
    {
        CosemData destination = CosemData.Structure(CosemData.Enumeration(0), CosemData.OctetString("10.0.0.1:4059"u8), CosemData.Enumeration(0));
        Assert.Equal("{ transport_service 0, destination \"10.0.0.1:4059\", message 0 }", DataText.Of(destination, ShapeOf(40, 3)));
        Assert.Equal("{ 0, \"10.0.0.1:4059\", 0 }", DataText.Of(destination)); // of a class that is not known
        CosemData objects = CosemData.Array(CosemData.Structure(CosemData.LongUnsigned(3), CosemData.LogicalName(ObisCode.Parse("1-0:1.8.0.255")), CosemData.Integer(2), CosemData.LongUnsigned(0)));
        string one = Assert.Single(DataText.Elements(objects, CosemClasses.Find(40, 0)!.Attribute(2)!.Shape));
        Assert.Contains("1-0:1.8.0.255 (active energy import (+A), total)", one, StringComparison.Ordinal);
        Assert.DoesNotContain("0100010800FF", one, StringComparison.Ordinal);
    }

    [Fact]
    public void TimesOfAScheduleAreTimes()
    {
        CosemData at = CosemData.Array(CosemData.Structure(CosemData.OctetString([0xFF, 0x0F, 0, 0]), CosemData.OctetString([0xFF, 0xFF, 0xFF, 0xFF, 0xFF])));
        string one = Assert.Single(DataText.Elements(at, ShapeOf(22, 4)));
        Assert.Contains("*:15:00", one, StringComparison.Ordinal);
        Assert.Contains("*-*-*", one, StringComparison.Ordinal);
    }

    [Fact]
    public void OctetsThatAreNoTextStayHex()
    {
        Assert.Equal("00FF10", DataText.Of(CosemData.OctetString([0, 0xFF, 0x10])));
        Assert.Equal("empty", DataText.Of(CosemData.OctetString([])));
        Assert.Equal("nothing", DataText.Of(CosemData.Null));
    }
}
