using System.Security.Cryptography;
using System.Text;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
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

    private static VirtualMeter MeterFor(ECDsa maker, uint firmwareNumber = 0)
    {
        ECPoint point = maker.ExportParameters(false).Q;
        string file = File.ReadAllText(TestFiles.InRepository("meters", "e-meter.json"))
            .Replace("\"category\"", $"\"firmwareKey\": \"{Convert.ToHexString([.. point.X!, .. point.Y!])}\", \"firmwareNumber\": {firmwareNumber}, \"category\"", StringComparison.Ordinal);
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
        byte[] image = FirmwareImage.Write(7, "2.4.1", Program, maker);
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
        Send(link, FirmwareImage.Write(7, "2.5", Program, maker));
        link.Do(18, Image, 3, CosemData.Integer(0));
        link.Set(22, Schedule, 4, CosemData.Array(CosemData.Structure(CosemData.OctetString([2, 0, 0, 0]), CosemData.OctetString([0x07, 0xEA, 6, 2, 0xFF]))));
        link.Now = At(6, 2, 1, 59);
        Assert.Equal("1.0.0", VersionOf(link));
        link.Now = At(6, 2, 9);
        Assert.Equal("2.5", VersionOf(link));
        Assert.Equal([At(6, 2, 2)], meter.Events.Of(3).Where(e => e.Code == MeterEventCode.FirmwareActivated).Select(e => e.At));
    }

    private static void Activate(TestLink link, byte[] image)
    {
        Send(link, image);
        link.Do(18, Image, 3, CosemData.Integer(0));
        link.Do(18, Image, 4, CosemData.Integer(0));
    }

    private static void IsRefused(TestLink link, byte[] image)
    {
        Send(link, image);
        Assert.Equal(ActionResult.OtherReason, link.Fails(link.Client.Action(new(18, Image, 3), CosemData.Integer(0))).Action);
        Assert.Equal(ActionResult.OtherReason, link.Fails(link.Client.Action(new(18, Image, 4), CosemData.Integer(0))).Action);
        Assert.Equal((byte)ImageTransferStatus.VerificationFailed, link.Number(18, Image, 6));
    }

    [Fact]
    public void AnImageOlderThanTheFirmwareInForceIsRefusedThoughItsMakerSignedIt()
    {
        using var maker = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        VirtualMeter meter = MeterFor(maker, firmwareNumber: 5);
        using TestLink link = meter.Link(TestMeter.Utility, At(6, 1, 3)).Connected();
        IsRefused(link, FirmwareImage.Write(4, "9.9", Program, maker)); // older than what it came with, whatever it is called
        Assert.Equal("1.0.0", VersionOf(link));
        Activate(link, FirmwareImage.Write(7, "2.4.1", Program, maker));
        IsRefused(link, FirmwareImage.Write(6, "2.4.2", Program, maker));
        Assert.Equal("2.4.1", VersionOf(link));
        Activate(link, FirmwareImage.Write(7, "2.4.1", Program, maker)); // the same again repairs
        Activate(link, FirmwareImage.Write(0x0100_0000, "3.0", Program, maker));
        IsRefused(link, FirmwareImage.Write(0xFF, "3.1", Program, maker));
        Assert.Equal("3.0", VersionOf(link));
    }

    // S8: ten thousand images, each damaged in one way or another, or signed by a stranger, or older. None is taken for good.
    [Fact]
    public void OfTenThousandMutatedImagesNoneIsAccepted()
    {
        const int seed = 20261124, count = 10_000;
        using var maker = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        VirtualMeter meter = MeterFor(maker, firmwareNumber: 5);
        using TestLink link = meter.Link(TestMeter.Utility, At(6, 1, 3)).Connected();
        byte[] program = Program[..200];
        byte[] good = FirmwareImage.Write(7, "2.4.1", program, maker), old = FirmwareImage.Write(4, "2.4.0", program, maker), strange = FirmwareImage.Write(7, "2.4.1", program, stranger);
        var random = new Random(seed);
        var kinds = new int[5];
        for (int i = 0; i < count; i++)
        {
            int kind = i % kinds.Length;
            byte[] image = kind switch
            {
                0 => Flipped(good, random, 1 + random.Next(8)),
                1 => good[..random.Next(1, good.Length)],
                2 => [.. good[..random.Next(good.Length)], .. Flipped(good, random, 1)],
                3 => Flipped(old, random, random.Next(2)),
                _ => Flipped(strange, random, random.Next(2)),
            };
            kinds[kind]++;
            Send(link, image);
            // Every second is activated without having been asked to be checked.
            ClientError? error = (i / kinds.Length % 2 == 0 ? link.Run(link.Client.Action(new(18, Image, 3), CosemData.Integer(0))).Error : null)
                ?? link.Run(link.Client.Action(new(18, Image, 4), CosemData.Integer(0))).Error;
            Assert.True(error?.Action == ActionResult.OtherReason, $"seed {seed}, image {i}: {Convert.ToHexString(image)}");
        }
        Assert.All(kinds, k => Assert.Equal(count / kinds.Length, k));
        Assert.Equal("1.0.0", VersionOf(link));
        Assert.Empty(meter.Events.Of(3));
        Activate(link, good); // the one that they were made of is taken
        Assert.Equal("2.4.1", VersionOf(link));
    }

    // Other octets at so many places.
    private static byte[] Flipped(byte[] image, Random random, int places)
    {
        byte[] changed = [.. image];
        foreach (int place in Enumerable.Range(0, changed.Length).OrderBy(_ => random.Next()).Take(places)) changed[place] ^= (byte)random.Next(1, 256);
        return changed;
    }

    // Altered in its head, its number, its version, its program and its signature; signed by a stranger; cut.
    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    [InlineData(14)]
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
        byte[] image = FirmwareImage.Write(7, "2.4.1", Program, change == -1 ? stranger : maker);
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
