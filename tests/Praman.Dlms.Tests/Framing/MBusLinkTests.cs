using CsCheck;
using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;
using Praman.Dlms.Tests.Association;
using Praman.Dlms.Tests.Axdr;
using static Praman.Dlms.Tests.Association.ServiceDevice;

namespace Praman.Dlms.Tests.Framing;

/// <summary>The link layer of a wired M-Bus: what master and slave say to one another, and an association over it.</summary>
public class MBusLinkTests
{
    private const string Ack = "E5";
    private static readonly Instant Start = Instant.FromUtc(2026, 3, 3, 0, 0);
    private static readonly MBusLinkSettings Bus = new() { Address = 5 };

    private static string Short(byte control, byte address) => Convert.ToHexString([0x10, control, address, (byte)(control + address), 0x16]);

    private static string Hex(ReadOnlyMemory<byte> octets) => Convert.ToHexString(octets.Span);

    private static MBusEvent Hear(MBusClientLink master, string hex, Instant now) => Hear(master, hex, now, out _);

    private static MBusEvent Hear(MBusClientLink master, string hex, Instant now, out byte[] apdu)
    {
        master.Append(Convert.FromHexString(hex), now);
        MBusEvent what = master.Read(now, out ReadOnlySpan<byte> octets);
        apdu = octets.ToArray();
        return what;
    }

    private static string Say(MBusServerLink slave, string hex, Instant now) => Say(slave, hex, now, out _);

    private static string Say(MBusServerLink slave, string hex, Instant now, out List<MBusEvent> events)
    {
        slave.Append(Convert.FromHexString(hex), now);
        events = [];
        while (slave.Read(out _) is var what && what != MBusEvent.None) events.Add(what);
        return Hex(slave.TakeOutput());
    }

    private static string Data(byte control, byte address, byte ci, byte source, byte destination, params byte[] payload)
    {
        byte[] body = [control, address, ci, source, destination, .. payload];
        return Convert.ToHexString([0x68, (byte)body.Length, (byte)body.Length, 0x68, .. body, (byte)body.Sum(o => o), 0x16]);
    }

    [Fact]
    public void AMasterResetsSendsAndFetchesWithAFrameCountBitForEachDirection()
    {
        var master = new MBusClientLink(Bus, 16, 1);
        Assert.False(master.TrySend([1], Start));
        master.Connect(Start);
        Assert.Equal(Short(0x40, 5), Hex(master.TakeOutput()));
        Assert.Equal(MBusEvent.Connected, Hear(master, Ack, Start));
        Assert.True(master.TrySend([0xC0, 1], Start));
        Assert.Equal(Data(0x73, 5, 0x10, 16, 1, 0xC0, 1), Hex(master.TakeOutput()));
        Assert.False(master.TrySend([2], Start)); // one after the other
        Assert.Equal(MBusEvent.None, Hear(master, Ack, Start));
        Assert.Equal(Short(0x7B, 5), Hex(master.TakeOutput()));
        Assert.Equal(MBusEvent.None, Hear(master, Ack, Start)); // no answer yet
        Assert.True(master.TakeOutput().IsEmpty);
        Instant later = master.Due!.Value;
        Assert.Equal(Start + Bus.PollInterval, later);
        Assert.Equal(MBusEvent.None, master.Advance(later));
        Assert.Equal(Short(0x5B, 5), Hex(master.TakeOutput()));
        Assert.Equal(MBusEvent.None, Hear(master, Data(0x08, 5, 0x00, 1, 16, 0xC4), later));
        Assert.Equal(Short(0x7B, 5), Hex(master.TakeOutput()));
        Assert.Equal(MBusEvent.Apdu, Hear(master, Data(0x28, 5, 0x11, 1, 16, 0x01), later, out byte[] apdu)); // with an alarm waiting
        Assert.Equal([0xC4, 0x01], apdu);
        Assert.Null(master.Due);
        Assert.True(master.TrySend([0xC1], later));
        Assert.Equal(Data(0x53, 5, 0x10, 16, 1, 0xC1), Hex(master.TakeOutput()));
        master.Disconnect(later);
        Assert.Equal(Short(0x40, 5), Hex(master.TakeOutput()));
        Assert.Equal(MBusEvent.Disconnected, Hear(master, Ack, later));
        Assert.False(master.IsConnected);
    }

    [Fact]
    public void AMasterSendsAgainWithTheSameBitAndGivesUpAfterItsRepeats()
    {
        var master = new MBusClientLink(Bus, 16, 1);
        master.Connect(Start);
        Hear(master, Ack, Start);
        master.TrySend([7], Start);
        string sent = Hex(master.TakeOutput());
        Instant now = Start;
        for (int repeat = 0; repeat < Bus.RepeatCountMax; repeat++)
        {
            Assert.Equal(MBusEvent.None, master.Advance(master.Due!.Value - Duration.FromTicks(1)));
            Assert.True(master.TakeOutput().IsEmpty);
            now = master.Due!.Value;
            Assert.Equal(MBusEvent.None, master.Advance(now));
            Assert.Equal(sent, Hex(master.TakeOutput()));
        }
        // 330 bits, 50 ms and the longest frame of 261 octets of 11 bits, at 2400 bits a second.
        Assert.Equal(50 + ((330 + (11 * 261)) * 1000 / 2400.0), (master.Due!.Value - now).TotalMilliseconds, 3);
        Assert.Equal(MBusEvent.Failed, master.Advance(master.Due!.Value));
        Assert.Contains("3 times", master.FaultText, StringComparison.Ordinal);
        Assert.Null(master.Due);
    }

    [Fact]
    public void AnAcknowledgementThatCameBeforeAFrameWasSentIsNoneOfIt()
    {
        var master = new MBusClientLink(Bus, 16, 1);
        master.Connect(Start);
        Assert.Equal(MBusEvent.Connected, Hear(master, Ack, Start));
        master.TrySend(new byte[300], Start);
        master.TakeOutput();
        Assert.Equal(MBusEvent.None, Hear(master, "E5E5E5", Start)); // the first piece, and noise
        Assert.StartsWith(Data(0x53, 5, 0x11, 16, 1, new byte[50])[..14], Hex(master.TakeOutput()), StringComparison.Ordinal);
        // Within what is left of a faulty frame nothing is an acknowledgement, until the line has been silent.
        Hear(master, "6803E5", Start);
        Hear(master, "E5E5E5", Start + Duration.FromMilliseconds(20));
        Assert.True(master.TakeOutput().IsEmpty);
        Hear(master, Ack, Start + Duration.FromMilliseconds(300));
        Assert.Equal(Short(0x7B, 5), Hex(master.TakeOutput()));
    }

    [Fact]
    public void ASlaveTakesAFrameOnceAndRepeatsItsAnswer()
    {
        var slave = new MBusServerLink(Bus);
        Assert.Equal(Ack, Say(slave, Short(0x40, 5), Start));
        string piece = Data(0x73, 5, 0x10, 16, 1, 0xAA);
        Assert.Equal(Ack, Say(slave, piece, Start, out List<MBusEvent> first));
        Assert.Equal([MBusEvent.Apdu], first);
        slave.Send(new byte[252], 16); // two pieces
        Assert.Equal(Ack, Say(slave, piece, Start, out List<MBusEvent> again));
        Assert.Empty(again);
        string answer = Say(slave, Short(0x7B, 5), Start);
        Assert.Equal(Data(0x08, 5, 0x00, 1, 16, new byte[250]), answer);
        Assert.Equal(answer, Say(slave, Short(0x7B, 5), Start));
        Assert.Equal(Data(0x08, 5, 0x11, 1, 16, 0, 0), Say(slave, Short(0x5B, 5), Start));
        Assert.Equal(Ack, Say(slave, Short(0x7B, 5), Start)); // no more
        Assert.Equal(Ack, Say(slave, Short(0x7A, 5), Start)); // no alarm
        Assert.Equal(Ack, Say(slave, Data(0x53, 5, 0x10, 16, 1, 0xBB), Start, out List<MBusEvent> next));
        Assert.Equal([MBusEvent.Apdu], next);
        // After a reset any bit is new.
        Say(slave, Short(0x40, 5), Start);
        Say(slave, Data(0x53, 5, 0x10, 16, 1, 0xBB), Start, out List<MBusEvent> afterwards);
        Assert.Equal([MBusEvent.Apdu], afterwards);
    }

    [Fact]
    public void AddressesOfOneOfAllAndOfTheChosen()
    {
        var slave = new MBusServerLink(Bus with { Secondary = new(0x12345678, 0x4321, 7, 2) });
        Assert.Equal("", Say(slave, Short(0x40, 6), Start)); // another's
        Assert.Equal(Ack, Say(slave, Short(0x40, 254), Start));
        Assert.Equal("", Say(slave, Data(0x73, 255, 0x10, 16, 1, 0xAA), Start, out List<MBusEvent> toAll));
        Assert.Equal([MBusEvent.Apdu], toAll);
        slave.Send([1, 2, 3], 16);
        Assert.Equal(0, slave.QueuedLength); // what is said to all is not answered
        Assert.Equal("", Say(slave, Short(0x7B, 255), Start));
        Assert.Equal("", Say(slave, Short(0x7B, 253), Start)); // not chosen yet
        Assert.Equal("", Say(slave, Data(0x53, 253, 0x52, 0x79, 0x56, 0x34, 0x12, 0x21, 0x43, 7, 2), Start));
        Assert.Equal(Ack, Say(slave, Data(0x53, 253, 0x52, 0xFF, 0x56, 0xF4, 0x12, 0xFF, 0xFF, 7, 0xFF), Start, out List<MBusEvent> chosen));
        Assert.Equal([MBusEvent.Connected], chosen);
        Assert.Equal(Ack, Say(slave, Short(0x7B, 253), Start));
        Say(slave, Data(0x53, 253, 0x52, 0x79, 0x56, 0x34, 0x12, 0x21, 0x43, 7, 2), Start); // another is chosen
        Assert.Equal("", Say(slave, Short(0x7B, 253), Start));
        Assert.Throws<ArgumentException>(() => new MBusServerLink(Bus with { Address = 254 }));
        Assert.Throws<ArgumentException>(() => new MBusClientLink(Bus with { Address = 252 }, 16, 1));
    }

    [Theory]
    [InlineData(16, 1024, 0), InlineData(48, 1024, 0), InlineData(48, 200, 5), InlineData(17, 100, 0), InlineData(49, 128, 3)]
    public void AssociationsRunOverABusOfSeveral(ushort sap, ushort pduSize, int window)
    {
        MBusLinkSettings chosen = Bus with { Secondary = new(0x00000042, 0x4321, 7, 2) };
        var device = new ServiceDevice(pduSize);
        using var server = new DlmsServerAssociation(device, mbus: chosen);
        using var other = new DlmsServerAssociation(new ServiceDevice(), mbus: Bus with { Address = 6, Secondary = new(0x00000043, 0x4321, 7, 2) });
        using var bus = new HdlcLine([server, other]);
        foreach (MBusLinkSettings called in (MBusLinkSettings[])[Bus, chosen])
        {
            using var client = new DlmsClient(ClientOf(sap, window, pduSize) with { MBus = called }, new CounterLease(called == Bus ? 1u : 5_000, 1_000));
            Instant now = Start;
            Talk(client, bus, client.Connect(), ref now);
            if (client.ShortNames is not null || sap is 17 or 49) Talk(client, bus, client.ReadShortNames(), ref now);
            var text = CosemData.OctetString(RandomData.Octets(new Random(1), 5_000));
            Talk(client, bus, client.Set(TextValue, text), ref now);
            Assert.Equal(text, device.Written);
            // What the meter says of itself comes with the answer.
            server.Notify(new Praman.Dlms.Apdus.DataNotification(7, null, CosemData.OctetString(new byte[3_000])));
            Talk(client, bus, client.Get(TextValue), ref now);
            Assert.True(client.TryGetValue(out CosemData value, out _));
            Assert.Equal(text, value);
            Assert.True(client.TryTakeNotification(out _));
            Talk(client, bus, client.Get(Rows), ref now);
            Talk(client, bus, client.Release(), ref now);
            Assert.False(client.IsAssociated || server.IsAssociated);
            Assert.Null(client.Due);
        }
        Assert.False(other.IsAssociated);
    }

    private static void Talk(DlmsClient client, HdlcLine bus, ClientStep step, ref Instant now)
    {
        for (int turn = 0; step.Status == ClientStatus.Pending; turn++)
        {
            Assert.True(turn < 2_000, "it does not come to an end");
            now += Duration.FromMilliseconds(20);
            ReadOnlyMemory<byte> answer = step.Send.IsEmpty ? default : bus.Receive(step.Send.Span, now);
            if (answer.IsEmpty) now = client.Due ?? now;
            step = answer.IsEmpty ? client.Advance(now) : client.Received(answer.Span, now);
        }
        Assert.True(step.IsDone, step.Error?.ToString());
    }

    [Fact]
    public void AMeterThatDoesNotAnswerIsGivenUp()
    {
        using var client = new DlmsClient(ClientOf(16) with { MBus = Bus }, null);
        client.Advance(Start);
        ClientStep step = client.Connect();
        for (int turn = 0; step.Status == ClientStatus.Pending && turn < 10; turn++) step = client.Advance(client.Due!.Value);
        Assert.Equal(ClientErrorKind.LinkLost, step.Error!.Kind);
        Assert.Null(client.Due);
        Assert.Throws<ArgumentException>(() => new DlmsClient(ClientOf(16) with { MBus = Bus, Hdlc = new() }, null));
    }
}

/// <summary>Both sides over a bus that loses, repeats, cuts and alters frames: what arrives is what was sent, in order and once, or the link ends and says so. A failing case prints its seed.</summary>
public class MBusFaultTests
{
    private int _done, _failed;

    [Fact]
    public void TheSameOctetsOrACleanFailure()
    {
        Gen.Select(Gen.Int[0, int.MaxValue - 1], Gen.Int[0, 3]).Sample((seed, severity) => Count(new Line(seed, severity * 0.05).Run()), iter: 1_500);
        TestContext.Current.TestOutputHelper?.WriteLine($"{_done} runs came to their end, {_failed} failed");
        Assert.True(_done > _failed, $"{_done} runs came to their end, {_failed} failed");
    }

    [Fact]
    public void AFaultlessBusNeverFails()
    {
        Gen.Int[0, int.MaxValue - 1].Sample(seed => Count(new Line(seed, 0).Run()), iter: 300);
        Assert.Equal(0, _failed);
    }

    private void Count(bool done)
    {
        if (done) Interlocked.Increment(ref _done);
        else Interlocked.Increment(ref _failed);
    }

    private sealed class Line(int seed, double faults)
    {
        private readonly Random _random = new(seed);
        private readonly MBusClientLink _master = new(new MBusLinkSettings { RepeatCountMax = 8 }, 16, 1);
        private readonly MBusServerLink _slave = new(new MBusLinkSettings(), 1);
        private Instant _now = Instant.FromUtc(2026, 3, 3, 0, 0);
        private byte[] _request = [];
        private int _served;

        /// <summary>True where all messages came; false where the link ended.</summary>
        public bool Run()
        {
            const int messages = 8;
            int got = 0, steps = 0;
            _master.Connect(_now);
            MBusEvent what = MBusEvent.None;
            while (got < messages && what != MBusEvent.Failed)
            {
                Assert.True(++steps < 5_000, "the link does not come to an end");
                _now += Duration.FromMilliseconds(210); // the line was silent
                byte[] toMaster = Spoil(Serve(Spoil(_master.TakeOutput().ToArray())));
                what = MBusEvent.None;
                // One frame comes in pieces. What follows it at once is there before the master speaks again, and no answer to that.
                bool isOneFrame = toMaster.Length > 1 && toMaster[0] == 0x68 && toMaster.Length == toMaster[1] + 6;
                foreach (byte[] piece in isOneFrame ? Pieces(toMaster) : [toMaster])
                {
                    _master.Append(piece, _now);
                    while (_master.Read(_now, out ReadOnlySpan<byte> apdu) is var next && next != MBusEvent.None)
                    {
                        what = next;
                        if (next == MBusEvent.Apdu)
                        {
                            Assert.Equal(AnswerTo(_request), apdu.ToArray());
                            Assert.Equal(++got, _served); // each request was served once, before its answer came
                        }
                        if (next is MBusEvent.Connected or MBusEvent.Apdu)
                        {
                            _request = RandomData.Octets(_random, _random.Next(1, 900));
                            Assert.True(_master.TrySend(_request, _now));
                        }
                        if (next == MBusEvent.Failed) break;
                    }
                }
                if (what == MBusEvent.Failed) break;
                if (_master.Due is { } due && toMaster.Length == 0) _now = due;
                what = _master.Advance(_now);
            }
            if (what == MBusEvent.Failed)
            {
                Assert.NotEmpty(_master.FaultText);
                Assert.False(_master.TrySend(_request, _now));
            }
            return what != MBusEvent.Failed;
        }

        private byte[] Serve(byte[] octets)
        {
            var sent = new List<byte>();
            foreach (byte[] piece in Pieces(octets))
            {
                _slave.Append(piece, _now);
                while (_slave.Read(out ReadOnlySpan<byte> apdu) is var what && what != MBusEvent.None)
                {
                    if (what != MBusEvent.Apdu) continue;
                    Assert.Equal(_request, apdu.ToArray());
                    _served++;
                    _slave.Send(AnswerTo(_request), _slave.Client);
                }
                sent.AddRange(_slave.TakeOutput().Span);
            }
            return [.. sent];
        }

        private static byte[] AnswerTo(byte[] request) => [(byte)request.Length, .. request.Reverse(), .. request[..(request.Length / 2)]];

        // One bit is altered at most: the checksum is a sum, and the parity of each character, which finds more, is not on this wire.
        private byte[] Spoil(byte[] octets)
        {
            if (octets.Length == 0 || _random.NextDouble() >= faults * 4) return octets;
            switch (_random.Next(5))
            {
                case 0:
                    return [];
                case 1:
                    return [.. octets, .. octets];
                case 2:
                    return octets[..^_random.Next(1, octets.Length + 1)];
                case 3:
                    return [.. octets, .. RandomData.Octets(_random, _random.Next(1, 20))];
                default:
                    byte[] altered = [.. octets];
                    altered[_random.Next(altered.Length)] ^= (byte)(1 << _random.Next(8));
                    return altered;
            }
        }

        private IEnumerable<byte[]> Pieces(byte[] octets)
        {
            for (int at = 0; at < octets.Length;)
            {
                int count = Math.Min(octets.Length - at, _random.Next(1, _random.Next(2) == 0 ? 8 : 300));
                yield return octets[at..(at + count)];
                at += count;
            }
        }
    }
}
