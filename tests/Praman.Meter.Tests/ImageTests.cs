using System.Security.Cryptography;
using System.Text;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Meter.Definitions;
using Praman.Meter.Events;
using Praman.Meter.Firmware;
using Praman.Metering;
using Praman.Testing;
using static Praman.Meter.Tests.ActingMeter;

namespace Praman.Meter.Tests;

/// <summary>A firmware image goes to a meter in blocks, is verified and activated; one that its maker did not sign is refused.</summary>
public class ImageTests
{
    private static readonly ObisCode Image = new(0, 0, 44, 0, 0), Version = new(1, 0, 0, 2, 0), Schedule = new(0, 0, 15, 0, 2);

    private static VirtualMeter MeterFor(ECDsa maker)
    {
        ECPoint point = maker.ExportParameters(false).Q;
        string file = File.ReadAllText(TestFiles.InRepository("meters", "e-meter.json"))
            .Replace("\"category\"", $"\"firmwareKey\": \"{Convert.ToHexString([.. point.X!, .. point.Y!])}\", \"category\"", StringComparison.Ordinal);
        Assert.True(MeterDefinition.TryParse(Encoding.UTF8.GetBytes(file), out MeterDefinition? definition, out string? fault), fault);
        return Make(definition.CreateType(), Watts((3 * 1440, 500)));
    }

    private static byte[] Program => [.. Enumerable.Range(0, 3000).Select(i => (byte)(i * 7))];

    private static string VersionOf(TestLink link) => Encoding.ASCII.GetString(link.Value(1, Version).OctetSpan);

    private static void Send(TestLink link, byte[] image, params int[] lost)
    {
        link.Do(18, Image, 1, CosemData.Structure(CosemData.OctetString("new"u8), CosemData.DoubleLongUnsigned((uint)image.Length)));
        int size = (int)link.Number(18, Image);
        for (int block = 0; block * size < image.Length; block++)
        {
            if (!lost.Contains(block)) SendBlock(link, image, block, size);
        }
    }

    private static void SendBlock(TestLink link, byte[] image, int block, int size) => link.Do(18, Image, 2, CosemData.Structure(
        CosemData.DoubleLongUnsigned((uint)block), CosemData.OctetString(image.AsSpan(block * size, Math.Min(size, image.Length - (block * size))))));

    [Fact]
    public void AWholeUpdateIsSentVerifiedAndActivated()
    {
        using var maker = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        VirtualMeter meter = MeterFor(maker);
        using TestLink link = meter.Link(TestMeter.Utility, At(6, 1, 3)).Connected();
        byte[] image = FirmwareImage.Write("2.4.1", Program, maker);
        Send(link, image, lost: 3);
        Assert.Equal(3, link.Number(18, Image, 4));
        link.Fails(link.Client.Action(new(18, Image, 3), CosemData.Integer(0))); // a block is missing
        SendBlock(link, image, 3, (int)link.Number(18, Image));
        link.Do(18, Image, 3, CosemData.Integer(0));
        Assert.Equal((byte)ImageTransferStatus.VerificationSuccessful, link.Number(18, Image, 6));
        CosemData toActivate = link.Value(18, Image, 7);
        Assert.Equal(Convert.ToHexString(image[^64..]), Convert.ToHexString(toActivate[0][2].OctetSpan));
        Assert.Equal("1.0.0", VersionOf(link));
        link.Do(18, Image, 4, CosemData.Integer(0));
        Assert.Equal("2.4.1", VersionOf(link));
        Assert.Equal([(MeterEventCode.FirmwareActivated, At(6, 1, 3))], meter.Events.Of(3).Select(e => (e.Code, e.At)));
    }

    [Fact]
    public void AnImageIsActivatedAtItsTime()
    {
        using var maker = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        VirtualMeter meter = MeterFor(maker);
        using TestLink link = meter.Link(TestMeter.Utility, At(6, 1, 3)).Connected();
        Send(link, FirmwareImage.Write("2.5", Program, maker));
        link.Do(18, Image, 3, CosemData.Integer(0));
        link.Set(22, Schedule, 4, CosemData.Array(CosemData.Structure(CosemData.OctetString([2, 0, 0, 0]), CosemData.OctetString([0x07, 0xEA, 6, 2, 0xFF]))));
        link.Now = At(6, 2, 1, 59);
        Assert.Equal("1.0.0", VersionOf(link));
        link.Now = At(6, 2, 9);
        Assert.Equal("2.5", VersionOf(link));
        Assert.Equal([At(6, 2, 2)], meter.Events.Of(3).Where(e => e.Code == MeterEventCode.FirmwareActivated).Select(e => e.At));
    }

    // Altered in its head, its version, its program and its signature; signed by a stranger; cut.
    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(1500)]
    [InlineData(3070)]
    [InlineData(-1)]
    [InlineData(-2)]
    public void AnImageThatIsNotTheMakersIsRefusedAndTheFirmwareStays(int change)
    {
        using var maker = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        VirtualMeter meter = MeterFor(maker);
        using TestLink link = meter.Link(TestMeter.Utility, At(6, 1, 3)).Connected();
        byte[] image = FirmwareImage.Write("2.4.1", Program, change == -1 ? stranger : maker);
        if (change >= 0) image[change] ^= 1;
        if (change == -2) image = image[..^1];
        Send(link, image);
        Assert.Equal(ActionResult.OtherReason, link.Fails(link.Client.Action(new(18, Image, 3), CosemData.Integer(0))).Action);
        Assert.Equal((byte)ImageTransferStatus.VerificationFailed, link.Number(18, Image, 6));
        link.Fails(link.Client.Action(new(18, Image, 4), CosemData.Integer(0)));
        Assert.Equal("1.0.0", VersionOf(link));
        Assert.Empty(meter.Events.Of(3));
    }

    [Fact]
    public void AMeterWithoutAMakersKeyTakesNoImage()
    {
        using TestLink link = Make(Watts((60, 500))).Link(TestMeter.Utility, Start).Connected();
        link.Fails(link.Client.Action(new(18, Image, 1), CosemData.Structure(CosemData.OctetString("new"u8), CosemData.DoubleLongUnsigned(100))));
    }
}
