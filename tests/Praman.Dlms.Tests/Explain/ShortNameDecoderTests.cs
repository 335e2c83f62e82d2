using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Explain;
using Praman.Dlms.Server;
using Praman.Dlms.Tests.Association;
using Praman.Metering;
using static Praman.Dlms.Tests.Association.ServiceDevice;

namespace Praman.Dlms.Tests.Explain;

/// <summary>A conversation by short names: once the object list has passed by, whole or in blocks, names are said in words.</summary>
public class ShortNameDecoderTests
{
    [Theory]
    [InlineData(1024), InlineData(64)]
    public void AfterTheObjectListNamesAreSaidInWords(ushort pduSize)
    {
        var device = new ServiceDevice(pduSize);
        using var server = new DlmsServerAssociation(device);
        using var client = new DlmsClient(ClientOf(17, pduSize: pduSize));
        var decoder = new DlmsDecoder(new DlmsKeys());
        DlmsDocument last = Follow(decoder, client, server, client.Connect());
        last = Follow(decoder, client, server, client.ReadShortNames());
        Assert.Equal(client.ShortNames!.Objects.Count, last.Content["shortNames"]!.AsArray().Count);
        ushort import = (ushort)(device.Objects.ShortNames.BaseName(Import)!.Value + 8);

        DlmsDocument request = Decode(decoder, client.Get(ImportValue).Send.ToArray());
        Assert.Equal($"Reads attribute 2 (value) of register 1-0:1.8.0.255, active energy import (+A), total (short name 0x{import:X4}).", request.Summary);
        Assert.Equal("""{"classId":3,"logicalName":"1-0:1.8.0.255","attributeId":2}""", request.Content["apdu"]!["variables"]![0]!["object"]!.ToJsonString());
        Assert.Contains(request.Explain.SelectMany(All), node => node.Field == "variable" && node.Meaning!.Contains("active energy import", StringComparison.Ordinal));
        DlmsDocument answer = Decode(decoder, server.Receive(Wire.ToServer(17, [0x05, 1, 2, (byte)(import >> 8), (byte)import]), Now).ToArray());
        Assert.Equal((Import, 1_234_567m), (Assert.Single(answer.Readings).Code, answer.Readings[0].Scaled));
        string relay = Decode(decoder, client.Action(new(70, TestDevice.Relay, 1), CosemData.Integer(0)).Send.ToArray()).Summary;
        Assert.StartsWith("Writes method 1 (remote_disconnect)", relay, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutTheListOrFromAnotherMeterANameStaysANumber()
    {
        var device = new ServiceDevice();
        using var server = new DlmsServerAssociation(device);
        using var client = new DlmsClient(ClientOf(17));
        var decoder = new DlmsDecoder(new DlmsKeys());
        Follow(decoder, client, server, client.Connect());
        ushort import = (ushort)(device.Objects.ShortNames.BaseName(Import)!.Value + 8);
        byte[] read = [0x05, 1, 2, (byte)(import >> 8), (byte)import];
        Assert.Equal("Reads 1 variable by short name.", Decode(decoder, Wire.ToServer(17, read)).Summary);
        Follow(decoder, client, server, client.ReadShortNames());
        Assert.StartsWith("Reads attribute 2", Decode(decoder, Wire.ToServer(17, read)).Summary, StringComparison.Ordinal);
        byte[] other = Wire.ToServer(17, read);
        other[5] = 2; // another logical device
        Assert.Equal("Reads 1 variable by short name.", Decode(decoder, other).Summary);
        Assert.Equal("Reads 1 variable by short name.", Decode(decoder, Wire.ToServer(17, [0x05, 1, 2, (byte)(import >> 8), (byte)(import + 4)])).Summary); // between two names
    }

    private static DlmsDocument Follow(DlmsDecoder decoder, DlmsClient client, DlmsServerAssociation server, ClientStep step)
    {
        DlmsDocument? last = null;
        while (step.Status == ClientStatus.Pending && !step.Send.IsEmpty)
        {
            Decode(decoder, step.Send.ToArray());
            byte[] answer = server.Receive(step.Send.Span, Now).ToArray();
            last = Decode(decoder, answer);
            step = client.Received(answer);
        }
        Assert.True(step.IsDone, step.Error?.ToString());
        return last!;
    }

    private static IEnumerable<ExplainNode> All(ExplainNode node) => node.Children.SelectMany(All).Prepend(node);

    private static DlmsDocument Decode(DlmsDecoder decoder, byte[] octets)
    {
        Assert.True(decoder.TryDecode(octets, out DlmsDocument? document, out DecodeError error), error.ToString());
        return document;
    }
}
