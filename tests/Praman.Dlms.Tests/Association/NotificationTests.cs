using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Blocks;
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
        (_, server) = device.Connect(ClientOf(16, pduSize: 100) with { Conformance = DlmsServerAssociation.Supported & ~Conformance.GeneralBlockTransfer });
        Assert.True(server.Notify(Event with { Value = CosemData.OctetString(new byte[100]) }).IsEmpty);
        Assert.Equal(100, server.Notify(Event with { Value = CosemData.OctetString(new byte[87]) }).Length - WrapperHeader.Length);
        Assert.Throws<ArgumentException>(() => server.Notify(new ExceptionResponse(0, 0)));
    }

    private static DataNotification Long(uint invoke, int length, byte first) =>
        new(new LongInvokeId(invoke, confirmed: false).Octets, null, CosemData.OctetString([.. Enumerable.Range(0, length).Select(i => (byte)(first + (i * 7)))]));

    [Theory]
    [InlineData(16, 100, 0), InlineData(16, 100, 5), InlineData(48, 128, 0), InlineData(48, 128, 9), InlineData(17, 100, 0), InlineData(49, 128, 5)]
    public void ALongOneGoesInBlocksWhateverTheClientIsDoing(ushort sap, ushort pduSize, int window)
    {
        var device = new ServiceDevice(pduSize);
        var (client, server) = device.Connect(ClientOf(sap, window, pduSize));
        DataNotification idle = Long(1, 5_000, 1), before = Long(2, 7_000, 2), within = Long(3, 3_000, 3);
        byte[] blocks = server.Notify(idle).ToArray();
        Assert.All(Apdus(blocks), apdu => Assert.InRange(apdu.Length, 1, pduSize));
        client.Received(blocks);
        // Between a request and its answer, and between the blocks of both.
        var text = CosemData.OctetString([.. Enumerable.Range(0, 2_000).Select(i => (byte)i)]);
        ClientStep step = client.Set(TextValue, text);
        client.Received(server.Notify(before).Span);
        Run(client, server, step);
        Assert.Equal(text, device.Written);
        step = client.Get(TextValue);
        // A ciphered answer that goes in general blocks has the lower counter, and would be refused after a notification between its blocks (docs/known-defects.md).
        bool hasWithin = sap < 48 || window == 0;
        int turn = 0;
        while (step.Status == ClientStatus.Pending)
        {
            byte[] notice = turn++ == 1 && hasWithin ? server.Notify(within).ToArray() : []; // in the order of its counters, as a device says them
            byte[] answer = [.. notice, .. server.Receive(step.Send.Span, Now).Span];
            Assert.True(turn < 1_000, "client and server wait for one another");
            step = client.Received(answer);
        }
        Assert.True(step.IsDone, step.Error?.ToString());
        Assert.True(turn > 1 && client.TryGetValue(out CosemData value, out _) && value == text);
        foreach (DataNotification sent in hasWithin ? (DataNotification[])[idle, before, within] : [idle, before])
        {
            Assert.True(client.TryTakeNotification(out Notification? notification));
            Assert.Equal((sent, sap >= 48), ((DataNotification)notification.Apdu, notification.IsProtected));
        }
        Assert.False(client.TryTakeNotification(out _));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void WhatALossyLineLeavesOfThemIsWholeOrNothingAndTheNextOneComes(int seed)
    {
        var random = new Random(seed);
        var (client, server) = new ServiceDevice(128).Connect(ClientOf(48, pduSize: 128) with { NotificationCountMax = 100 });
        var sent = new List<DataNotification>();
        for (uint round = 0; round < 60; round++)
        {
            sent.Add(Long(round, random.Next(150, 3_000), (byte)round));
            List<byte[]> frames = Frames(server.Notify(sent[^1]).ToArray());
            int fault = random.Next(4), at = random.Next(frames.Count);
            if (fault == 1) frames.RemoveAt(at);
            if (fault == 2) frames.Insert(at, frames[at]);
            if (fault == 3) frames.Insert(random.Next(frames.Count), frames[at]);
            foreach (byte[] frame in frames) client.Received(frame);
        }
        sent.Add(Long(1000, 1_000, 1));
        client.Received(server.Notify(sent[^1]).Span);
        var came = new List<DataNotification>();
        while (client.TryTakeNotification(out Notification? notification)) came.Add((DataNotification)notification.Apdu);
        Assert.All(came, one => Assert.Contains(one, sent));
        Assert.Equal(came.Count, came.Distinct().Count());
        Assert.InRange(came.Count, 20, sent.Count); // seed printed as the test's argument
        Assert.Equal(sent[^1], came[^1]);
        Run(client, server, client.Get(ImportValue));
    }

    [Fact]
    public void AServerThatWaitsForAcknowledgementsGetsThemAndSendsWhatLacks()
    {
        var (client, _) = new ServiceDevice().Connect(ClientOf(16));
        DataNotification sent = Long(7, 500, 1);
        var sender = new BlockSender();
        Assert.True(sender.TryBegin(sent.Encode(), 100));
        Assert.Equal(6, sender.Last);
        byte[] Block(int number, bool streams) => ToClient(16,
            new GeneralBlockTransfer((byte)((number == sender.Last ? 0x80 : 0) | (streams ? 0x40 : 0) | 3), (ushort)number, 0, sender.Data(number).ToArray()).Encode());
        GeneralBlockTransfer Acknowledged(ClientStep step) => Assert.IsType<GeneralBlockTransfer>(Decode(step.Send));
        GeneralBlockTransfer first = Acknowledged(client.Received([.. Block(1, true), .. Block(3, false)])); // 2 is lost
        Assert.Equal((1, 1), ((int)first.BlockNumberAcknowledged, first.Window));
        GeneralBlockTransfer second = Acknowledged(client.Received(Block(2, false)));
        Assert.Equal(3, second.BlockNumberAcknowledged);
        Assert.True(second.Window > 1);
        GeneralBlockTransfer last = Acknowledged(client.Received([.. Block(4, true), .. Block(5, true), .. Block(6, false)]));
        Assert.Equal((6, true), (last.BlockNumberAcknowledged, last.BlockData.IsEmpty));
        Assert.True(client.TryTakeNotification(out Notification? notification));
        Assert.Equal(sent, notification.Apdu);
        Assert.True(client.Received(Block(4, false)).Send.IsEmpty); // of what has ended
    }

    [Fact]
    public void BlocksWithoutEndCostNoMoreThanTheLongestNotification()
    {
        var (client, server) = new ServiceDevice().Connect(ClientOf(16));
        byte[] data = new byte[60_000];
        for (ushort number = 1; number < 2_000; number++)
            client.Received(ToClient(16, new GeneralBlockTransfer(0x40, number, 0, data).Encode()));
        Assert.False(client.TryTakeNotification(out _));
        client.Received(server.Notify(Event).Span);
        Assert.True(client.TryTakeNotification(out _));
        Run(client, server, client.Get(ImportValue));
    }

    private static List<byte[]> Frames(byte[] octets)
    {
        var frames = new List<byte[]>();
        for (int at = 0; at < octets.Length;)
        {
            int length = WrapperHeader.Length + ((octets[at + 6] << 8) | octets[at + 7]);
            frames.Add(octets[at..(at + length)]);
            at += length;
        }
        return frames;
    }

    private static IEnumerable<byte[]> Apdus(byte[] octets) => Frames(octets).Select(frame => frame[WrapperHeader.Length..]);
}
