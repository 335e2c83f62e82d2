using System.Buffers;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Explain;
using Praman.Dlms.Framing;
using Praman.Dlms.Push;
using Praman.Dlms.Server;
using Praman.Metering;
using static Praman.Dlms.Tests.Association.ServiceDevice;

namespace Praman.Dlms.Tests.Association;

/// <summary>Meters behind a gateway: the header before each APDU, from the client through the gateway to the meter and back.</summary>
public class GatewayTests
{
    private static readonly GatewayAddress First = new(1, "PRM0000001"u8), Second = new(1, [0, 0, 0, 11]);

    private static readonly HdlcSettings Link = new() { Server = HdlcAddress.Short(1), Offer = HdlcParameters.Of(64, 3) };

    private static DlmsGateway GatewayTo(params (GatewayAddress? Address, LogicalDevice Device)[] meters) => new((sap, address) =>
    {
        foreach ((GatewayAddress? known, LogicalDevice device) in meters)
        {
            if (Equals(known, address) && sap == device.ServerSap) return new DlmsServerAssociation(device);
        }
        return null;
    });

    private static ClientStep Walk(DlmsClient client, IDlmsStation gateway, ClientStep step)
    {
        while (step.Status == ClientStatus.Pending && !step.Send.IsEmpty) step = client.Received(gateway.Receive(step.Send.Span, Now).Span);
        return step;
    }

    [Fact]
    public void AHeaderIsReadAndWrittenBackAndEveryCutOfItIsRefused()
    {
        byte[] octets = [.. Convert.FromHexString("E6" + "01" + "0A" + "50524D30303030303031"), 0xC0];
        Assert.True(GatewayHeader.TryRead(octets, out GatewayHeader header, out _));
        Assert.Equal((false, First, 13, "1:@PRM0000001"), (header.IsResponse, header.Address, header.Length, header.Address.ToString()));
        byte[] written = new byte[GatewayHeader.LengthOf(First) + 1];
        GatewayHeader.Write(written, First, isResponse: false);
        Assert.Equal(octets[..^1], written[..^1]);
        for (int length = 0; length < octets.Length; length++) Assert.False(GatewayHeader.TryRead(octets.AsSpan(0, length), out _, out _));
        Assert.False(GatewayHeader.TryRead(Convert.FromHexString("E60100C0"), out _, out DecodeError error)); // an address of no octets
        Assert.Equal(2, error.Offset);
        Assert.False(GatewayHeader.Stands([0xE6, 0xE6, 0x00, 0xC0])); // an LLC header
        Assert.Equal("1:0000000B", Second.ToString());
    }

    [Theory]
    [InlineData(16), InlineData(17), InlineData(48)]
    public void TwoMetersBehindOneConnectionAreReadAndWrittenInTurn(int sap)
    {
        ServiceDevice one = new(), other = new();
        using DlmsGateway gateway = GatewayTo((First, one), (Second, other));
        using DlmsClient toOne = Open(gateway, First, sap), toOther = Open(gateway, Second, sap);
        Assert.Equal(2, gateway.StationCount);
        var text = CosemData.OctetString([.. Enumerable.Range(0, 3_000).Select(i => (byte)i)]); // in blocks both ways
        Assert.True(Walk(toOther, gateway, toOther.Set(NoteValue, text)).IsDone);
        Assert.Equal((CosemData.Null, text), (one.Noted, other.Noted));
        Assert.True(Walk(toOther, gateway, toOther.Get(NoteValue)).IsDone);
        Assert.True(toOther.TryGetValue(out CosemData read, out _));
        Assert.Equal(text, read);
        Assert.True(Walk(toOne, gateway, toOne.Get(ImportValue)).IsDone);
        Assert.True(Walk(toOther, gateway, toOther.Release()).IsDone);
        Assert.True(Walk(toOne, gateway, toOne.Get(ImportValue)).IsDone); // the other's end is not its own
    }

    [Fact]
    public void AGatewayIsReachedByHdlcAsWell()
    {
        var device = new ServiceDevice();
        using var gateway = new DlmsGateway((_, address) => First.Equals(address) ? new DlmsServerAssociation(device) : null, Link);
        using var client = new DlmsClient(ClientOf(16) with { Hdlc = Link, Gateway = First });
        Assert.True(Walk(client, gateway, client.Connect()).IsDone);
        Assert.True(Walk(client, gateway, client.Get(Rows)).IsDone);
        Assert.Equal(1, gateway.StationCount);
        Assert.True(Walk(client, gateway, client.Disconnect()).IsDone);
        Assert.Equal(0, gateway.StationCount); // the link took it along
    }

    [Fact]
    public void NobodyAnswersForAMeterThatIsNotThere()
    {
        using DlmsGateway gateway = GatewayTo((First, new ServiceDevice()));
        using var client = new DlmsClient(ClientOf(16) with { Gateway = Second });
        Assert.Equal(0, gateway.Receive(client.Connect().Send.Span, Now).Length);
        byte[] answer = client.Connect().Send.ToArray();
        answer[8] = GatewayHeader.Response; // what only meters send
        Assert.Equal(0, gateway.Receive(answer, Now).Length);
        Assert.False(gateway.IsClosed);
    }

    [Fact]
    public void TheGatewaysOwnDeviceIsReachedWithoutAHeader()
    {
        using DlmsGateway gateway = GatewayTo((null, new ServiceDevice()), (First, new TestDevice()));
        using DlmsClient own = Open(gateway, null, 16);
        Assert.True(Walk(own, gateway, own.Get(NoteValue)).IsDone); // an object of the one and not of the other
        using DlmsClient behind = Open(gateway, First, 16);
        Assert.NotNull(Walk(behind, gateway, behind.Get(NoteValue)).Error);
    }

    [Fact]
    public void WhatAnotherMeterOrTheGatewayItselfSaysIsNotTakenForTheAnswer()
    {
        using DlmsGateway gateway = GatewayTo((First, new ServiceDevice()), (Second, new ServiceDevice()));
        using DlmsClient client = Open(gateway, First, 16);
        byte[] answer = gateway.Receive(client.Get(ImportValue).Send.Span, Now).ToArray();
        byte[] bare = Wire.ToClient(16, answer.AsSpan(WrapperHeader.Length + GatewayHeader.LengthOf(First)));
        byte[] foreign = [.. answer];
        foreign[WrapperHeader.Length + 1] = 2; // the same address in another network
        foreach (byte[] wrong in new[] { bare, foreign }) Assert.Equal(ClientStatus.Pending, client.Received(wrong).Status);
        Assert.True(client.Received(answer).IsDone);
    }

    [Fact]
    public void OneClientHasNoMoreMetersOpenThanAllowed()
    {
        using var gateway = new DlmsGateway((_, _) => new DlmsServerAssociation(new TestDevice()), stationCountMax: 3);
        for (byte index = 0; index < 100; index++)
        {
            using DlmsClient client = Open(gateway, new GatewayAddress(0, [index]), 16);
            Assert.True(gateway.StationCount <= 3);
        }
    }

    [Fact]
    public void AnyOctetsAreTakenWithoutAFault()
    {
        var random = new Random(7);
        using DlmsGateway gateway = GatewayTo((First, new ServiceDevice()));
        for (int round = 0; round < 2_000; round++)
        {
            byte[] apdu = new byte[random.Next(1, 40)];
            random.NextBytes(apdu);
            apdu[0] = (byte)(0xE6 + random.Next(2));
            if (apdu.Length > 2) apdu[2] = (byte)random.Next(apdu.Length);
            gateway.Receive(Wire.ToServer(16, apdu), Now);
            Assert.False(gateway.IsClosed);
        }
        gateway.Receive([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], Now);
        Assert.True(gateway.IsClosed); // no wrapper: nothing after it can be found
    }

    [Fact]
    public void DecodeNamesTheMeterAndKeepsEachConversationApart()
    {
        using DlmsGateway gateway = GatewayTo((First, new ServiceDevice()), (Second, new ServiceDevice()));
        using DlmsClient client = Open(gateway, First, 16);
        byte[] request = client.Get(ImportValue).Send.ToArray(), answer = gateway.Receive(request, Now).ToArray();
        var decoder = new DlmsDecoder(new DlmsKeys());
        Assert.True(decoder.TryDecode(request, out DlmsDocument? document, out DecodeError error), error.ToString());
        Assert.Equal("""{"header":230,"networkId":1,"physicalDeviceAddress":"50524D30303030303031"}""", document.Content["gateway"]!.ToJsonString());
        ExplainNode header = Assert.Single(document.Explain, node => node.Field == "gateway header");
        Assert.Equal((8, 13, "meter 1:@PRM0000001"), (header.Offset, header.Length, header.Children[3].Meaning));
        Assert.StartsWith("Asks for attribute 2 (value) of register 1-0:1.8.0.255", document.Summary, StringComparison.Ordinal);
        Assert.True(decoder.TryDecode(answer, out document, out error), error.ToString());
        Assert.Equal(231, document.Content["gateway"]!["header"]!.GetValue<byte>());
        for (int length = 1; length < answer.Length - WrapperHeader.Length; length++)
        {
            byte[] cut = Wire.ToServer(16, answer.AsSpan(WrapperHeader.Length, length));
            Assert.False(new DlmsDecoder(new DlmsKeys()).TryDecode(cut, out _, out _), Convert.ToHexString(cut));
        }
    }

    [Fact]
    public void APushThroughAGatewayNamesItsMeterAndIsConfirmedThroughIt()
    {
        byte[] head = new byte[GatewayHeader.LengthOf(Second)];
        GatewayHeader.Write(head, Second, isResponse: false);
        uint invoke = new LongInvokeId(9, confirmed: true).Octets;
        byte[] apdu = new DataNotification(invoke, null, CosemData.DoubleLongUnsigned(7)).Encode();
        var receiver = new PushReceiver();
        receiver.Append(Wire.ToClient(16, [.. head, .. apdu]));
        Assert.True(receiver.TryTake(out PushMessage? push));
        Assert.Equal((PushFault.None, Second), (push.Fault, push.Gateway));
        var confirmation = new ArrayBufferWriter<byte>();
        Assert.True(receiver.TryWriteConfirmation(push, confirmation));
        Assert.Equal(Wire.ToServer(16, [.. head, .. new DataNotificationConfirm(invoke).Encode()]), confirmation.WrittenSpan.ToArray());
    }

    private static DlmsClient Open(IDlmsStation gateway, GatewayAddress? meter, int sap)
    {
        var client = new DlmsClient(ClientOf((ushort)sap) with { Gateway = meter }, new CounterLease(1, 10_000));
        ClientStep step = Walk(client, gateway, client.Connect());
        Assert.True(step.IsDone, step.Error?.ToString() ?? "no answer came");
        if (sap is 17) Assert.True(Walk(client, gateway, client.ReadShortNames()).IsDone);
        return client;
    }
}
