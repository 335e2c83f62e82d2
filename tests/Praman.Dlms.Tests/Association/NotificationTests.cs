using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;
using static Praman.Dlms.Tests.Association.ServiceDevice;
using static Praman.Dlms.Tests.Association.Wire;

namespace Praman.Dlms.Tests.Association;

/// <summary>What a server sends unasked, in an association.</summary>
public class NotificationTests
{
    private static readonly EventNotification Event = new(null, ImportValue, CosemData.DoubleLongUnsigned(9));

    [Theory]
    [InlineData(16), InlineData(48)]
    public void NotificationsAreKeptWhateverTheClientIsDoingAndDisturbNothing(ushort sap)
    {
        var device = new ServiceDevice();
        var (client, server) = device.Connect(ClientOf(sap));
        client.Received(server.Notify(Event).Span); // nothing is asked
        ClientStep step = client.Get(ImportValue);
        byte[] pushed = server.Notify(new DataNotification(new LongInvokeId(5, confirmed: true).Octets, null, CosemData.Unsigned(1))).ToArray();
        byte[] answer = server.Receive(step.Send.Span, Now).ToArray();
        Assert.True(client.Received([.. pushed, .. answer]).IsDone); // while an answer is awaited
        client.Received(server.Notify(Event).Span); // the value that was read stays
        Assert.True(client.TryGetValue(out CosemData value, out _));
        Assert.Equal(CosemData.DoubleLongUnsigned(1_234_567), value);

        Assert.True(client.TryTakeNotification(out Notification? first));
        Assert.Equal((Event, sap == 48), (first.Apdu, first.IsProtected));
        Assert.True(client.TryTakeNotification(out Notification? second));
        var data = Assert.IsType<DataNotification>(second.Apdu);
        ReadOnlyMemory<byte> confirmation = client.Confirm(data).Send;
        Assert.True(server.Receive(confirmation.Span, Now).IsEmpty);
        Assert.Equal(5u, device.Confirmed!.Value.InvokeId);
        Assert.True(client.TryTakeNotification(out _));
        Assert.False(client.TryTakeNotification(out _));
        Assert.True(client.Confirm(data with { LongInvokeIdAndPriority = 5 }).IsFailed); // nobody waits for it
        Run(client, server, client.Get(ImportValue));
    }

    [Fact]
    public void APlainOneOnACipheredAssociationIsMarkedAndAReplayedOneIsDropped()
    {
        var (client, server) = new ServiceDevice().Connect(ClientOf(48));
        client.Received(ToClient(48, Event.Encode()));
        Assert.True(client.TryTakeNotification(out Notification? forged));
        Assert.False(forged.IsProtected);
        byte[] real = server.Notify(Event).ToArray();
        client.Received(real);
        client.Received(real);
        Assert.True(client.TryTakeNotification(out _));
        Assert.False(client.TryTakeNotification(out _));
    }

    [Fact]
    public void OnlySoManyAreKept()
    {
        var (client, server) = new ServiceDevice().Connect(ClientOf(16) with { NotificationCountMax = 3 });
        for (int i = 0; i < 10; i++) client.Received(server.Notify(Event with { Value = CosemData.Unsigned((byte)i) }).Span);
        Assert.Equal(7, client.NotificationsLost);
        Assert.True(client.TryTakeNotification(out Notification? oldest));
        Assert.Equal(CosemData.Unsigned(7), ((EventNotification)oldest.Apdu).Value);
        // What cannot be read is nobody's.
        client.Received(ToClient(16, [EventNotification.Tag, 0]));
        Assert.Equal(7, client.NotificationsLost);
    }

    [Fact]
    public void NothingIsSentThatTheClientDidNotAskForOrCannotTake()
    {
        var device = new ServiceDevice();
        using var idle = new DlmsServerAssociation(device);
        Assert.True(idle.Notify(Event).IsEmpty);
        var (_, server) = device.Connect(ClientOf(16) with { Conformance = Conformance.Get });
        Assert.True(server.Notify(Event).IsEmpty);
        (_, server) = device.Connect(ClientOf(16, pduSize: 100));
        Assert.True(server.Notify(Event with { Value = CosemData.OctetString(new byte[100]) }).IsEmpty);
        Assert.Equal(100, server.Notify(Event with { Value = CosemData.OctetString(new byte[87]) }).Length - WrapperHeader.Length);
        Assert.Throws<ArgumentException>(() => server.Notify(new ExceptionResponse(0, 0)));
    }
}
