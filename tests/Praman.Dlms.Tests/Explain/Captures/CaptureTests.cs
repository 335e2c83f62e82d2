using CsCheck;
using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Explain;
using Praman.Dlms.Explain.Captures;
using Praman.Dlms.Framing;
using Praman.Metering;
using Praman.Testing;

namespace Praman.Dlms.Tests.Explain.Captures;

/// <summary>Capture files made octet by octet: every form, every link, and what the network does to a conversation.</summary>
public class CaptureTests
{
    private const string Client = "192.0.2.1:50000", Server = "192.0.2.2:4059";
    private static readonly byte[] Request = Convert.FromHexString("000100100001000DC001C100030100010800FF0200");
    private static readonly byte[] Response = Convert.FromHexString("0001000100100009C401C100060012D687");

    private static (List<CapturedMessage> Messages, CaptureCounts Counts, DecodeError Error) Read(byte[] file, ushort[]? tcp = null)
    {
        Assert.True(CaptureFileReader.TryOpen(file, out CaptureFileReader? reader, out DecodeError error), error.ToString());
        var conversations = new CaptureConversations(new DlmsKeys(), tcp ?? [], []);
        var messages = new List<CapturedMessage>();
        CaptureRead read;
        while ((read = reader.TryRead(out CapturedPacket packet, out error)) == CaptureRead.Packet) conversations.Add(packet, messages);
        conversations.Finish(messages);
        Assert.Equal(read == CaptureRead.Faulty, error.Reason is not null);
        return (messages, conversations.Counts, error);
    }

    private static string Hex(CapturedMessage message) => Convert.ToHexString(message.Octets.Span);

    public static TheoryData<CaptureForm> Forms => [.. Enum.GetValues<CaptureForm>()];

    [Theory, MemberData(nameof(Forms))]
    public void EveryFormOfFileGivesTheSameMessagesAndTimes(CaptureForm form)
    {
        byte[] file = new CaptureBuilder(form).Tcp(Client, Server, 1000, Request).Tcp(Server, Client, 9000, Response).File;
        (List<CapturedMessage> messages, _, _) = Read(file);
        Assert.Equal([Convert.ToHexString(Request), Convert.ToHexString(Response)], messages.Select(Hex));
        Assert.Equal([Instant.FromUtc(2026, 1, 2, 3, 4, 5), Instant.FromUtc(2026, 1, 2, 3, 4, 5) + Duration.FromMilliseconds(1)], messages.Select(m => m.Moment.At!.Value));
        Assert.Equal([(Client, Server, true), (Server, Client, false)], messages.Select(m => (m.From!, m.To!, m.IsToServer!.Value)));
        Assert.Equal([1L, 2], messages.Select(m => m.Moment.Number));
    }

    [Theory]
    [InlineData(CaptureBuilder.Ethernet)]
    [InlineData(CaptureBuilder.Null)]
    [InlineData(CaptureBuilder.Loop)]
    [InlineData(CaptureBuilder.Raw)]
    [InlineData(CaptureBuilder.LinuxCooked)]
    [InlineData(CaptureBuilder.LinuxCooked2)]
    public void EveryLinkCarriesIpv4AndIpv6TcpAndUdp(int linkType)
    {
        const string client6 = "[2001:db8::1]:50000", server6 = "[2001:db8::2]:4059";
        byte[] file = new CaptureBuilder(CaptureForm.NgLittle, linkType)
            .Tcp(Client, Server, 1, Request).Tcp(client6, server6, 1, Request).Udp(Client, Server, Request).Udp(server6, client6, Response).File;
        (List<CapturedMessage> messages, _, _) = Read(file);
        Assert.Equal(["TCP", "TCP", "UDP", "UDP"], messages.Select(m => m.Carrier));
        Assert.Equal([Client, client6, Client, server6], messages.Select(m => m.From));
        Assert.All(messages, m => Assert.Null(m.Fault));
    }

    [Theory]
    [InlineData("2001:db8::1")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fe80::")]
    [InlineData("1:0:0:2::3")]
    [InlineData("2001:db8:0:1:1:1:1:1")]
    [InlineData("10.0.0.255")]
    public void AddressesAreWrittenAsPeopleWriteThem(string address)
    {
        string endpoint = new System.Net.IPEndPoint(System.Net.IPAddress.Parse(address), 4059).ToString();
        Assert.Equal(endpoint, Assert.Single(Read(new CaptureBuilder().Udp(endpoint, endpoint, Request).File).Messages).From);
    }

    [Fact]
    public void VlanTagsAndExtensionHeadersAreSteppedOver()
    {
        byte[] udp = [0xC3, 0x50, 0x0F, 0xDB, 0, (byte)(8 + Request.Length), 0, 0, .. Request];
        byte[] tagged = [.. new byte[12], 0x81, 0x00, 0, 7, 0x08, 0x00, .. CaptureBuilder.Ip(Client, Server, 17, udp)];
        byte[] extended = [.. new byte[12], 0x86, 0xDD, .. CaptureBuilder.Ip("[::1]:1", "[::2]:1", 0, [17, 0, 1, 4, 0, 0, 0, 0, .. udp])];
        (List<CapturedMessage> messages, _, _) = Read(new CaptureBuilder().Packet(tagged).Packet(extended).File);
        Assert.Equal([Convert.ToHexString(Request), Convert.ToHexString(Request)], messages.Select(Hex));
    }

    [Fact]
    public void SeveralFramesInASegmentAndOneOverMany()
    {
        byte[] three = [.. Request, .. Request, .. Request];
        (List<CapturedMessage> messages, _, _) = Read(new CaptureBuilder().Tcp(Client, Server, 1, three).File);
        Assert.Equal(3, messages.Count);
        var builder = new CaptureBuilder();
        for (int i = 0; i < three.Length; i++) builder.Tcp(Client, Server, (uint)(1 + i), [three[i]]);
        (List<CapturedMessage> again, _, _) = Read(builder.File);
        Assert.Equal(messages.Select(Hex), again.Select(Hex));
    }

    [Fact]
    public void SegmentsOutOfOrderAndSentAgainAreNamedAndTheMessagesWhole()
    {
        byte[] two = [.. Request, .. Request];
        byte[] file = new CaptureBuilder()
            .Tcp(Client, Server, 0xFFFF_FFFE, two[..10]) // the sequence goes round within it
            .Tcp(Client, Server, unchecked(0xFFFF_FFFE + 30), two[30..])
            .Tcp(Client, Server, 0xFFFF_FFFE, two[..10])
            .Tcp(Client, Server, unchecked(0xFFFF_FFFE + 8), two[8..30]).File;
        (List<CapturedMessage> messages, CaptureCounts counts, _) = Read(file);
        Assert.Equal([Convert.ToHexString(Request), Convert.ToHexString(Request)], messages.Select(Hex));
        Assert.Equal((2L, 1L, 0L), (counts.Retransmitted, counts.OutOfOrder, counts.LostOctets));
        Assert.Contains("packet 3 sends octets again", messages[0].Notes);
        Assert.Contains("packet 2 came out of order", messages[1].Notes);
    }

    [Fact]
    public void AGapThatTheOtherSideAcknowledgedIsNamedAndWhatFollowsIsRead()
    {
        byte[] file = new CaptureBuilder()
            .Tcp(Client, Server, 100, Request[..12])
            .Tcp(Client, Server, (uint)(100 + Request.Length), Request) // the rest of the first is not in the capture
            .Tcp(Server, Client, 500, Response, acknowledged: (uint)(100 + 2 * Request.Length)).File;
        (List<CapturedMessage> messages, CaptureCounts counts, _) = Read(file);
        Assert.Equal(Request.Length - 12, counts.LostOctets);
        Assert.Contains("12 octets are here", messages[0].Fault, StringComparison.Ordinal);
        Assert.Equal(Convert.ToHexString(Request), Hex(messages[1]));
        Assert.Equal($"{Request.Length - 12} octets before it are missing from the capture", Assert.Single(messages[1].Notes));
        Assert.Equal(Convert.ToHexString(Response), Hex(messages[2]));
    }

    [Fact]
    public void AConversationThatBeginsInTheMiddleOfAMessageIsReadFromTheNext()
    {
        byte[] file = new CaptureBuilder().Tcp(Client, Server, 7, Request[9..]).Tcp(Client, Server, (uint)(7 + Request.Length - 9), Request).File;
        (List<CapturedMessage> messages, _, _) = Read(file);
        Assert.NotNull(messages[0].Fault);
        Assert.Equal((Convert.ToHexString(Request), null), (Hex(messages[1]), messages[1].Fault));
    }

    [Fact]
    public void ANewConnectionOfTheSamePortsBeginsAnew()
    {
        byte[] file = new CaptureBuilder()
            .Tcp(Client, Server, 99, [], flags: 0x02).Tcp(Client, Server, 100, Request)
            .Tcp(Client, Server, 5000, [], flags: 0x02).Tcp(Client, Server, 5001, Request).File;
        (List<CapturedMessage> messages, CaptureCounts counts, _) = Read(file);
        Assert.Equal(2, messages.Count);
        Assert.Equal(0, counts.LostOctets);
    }

    [Fact]
    public void AnotherPortIsFollowedWhereItIsNamedAndElseTold()
    {
        byte[] file = new CaptureBuilder().Tcp(Client, "192.0.2.2:4061", 1, Request).File;
        (List<CapturedMessage> none, CaptureCounts counts, _) = Read(file);
        Assert.Empty(none);
        Assert.Equal([(ushort)4061], counts.OtherPorts.Keys);
        Assert.Single(Read(file, [4061]).Messages);
    }

    [Fact]
    public void HdlcOverTcpGivesAMessageAFrameAndJoinsItsSegments()
    {
        byte[] apdu = Convert.FromHexString("C001C100030100010800FF0200");
        byte[] First(bool segmented, byte[] information, byte control)
        {
            var writer = new AxdrWriter(new byte[128]);
            HdlcFrame.Write(ref writer, HdlcAddress.Short(1), HdlcAddress.Short(16), control, information, segmented);
            return writer.Written.ToArray();
        }
        byte[] one = First(true, [0xE6, 0xE6, 0x00, .. apdu[..5]], 0x10), two = First(false, apdu[5..], 0x12);
        byte[] stream = [.. one, .. two[1..]]; // one flag ends the first and opens the second
        (List<CapturedMessage> messages, _, _) = Read(new CaptureBuilder().Tcp(Client, Server, 1, stream[..9]).Tcp(Client, Server, 10, stream[9..]).File);
        Assert.Equal([Convert.ToHexString(one), Convert.ToHexString(two)], messages.Select(Hex));
        Assert.True(messages[0].Conversation.TryDecode(messages[0].Octets, out _, out _));
        Assert.True(messages[1].Conversation.TryDecode(messages[1].Octets, out DlmsDocument? document, out _));
        Assert.Equal("get-request-normal", document.ToJson()["apdu"]!["name"]!.GetValue<string>());
    }

    [Fact]
    public void ABareApduAndAnMBusFrameAreFound()
    {
        byte[] apdu = Convert.FromHexString("C001C100030100010800FF0200");
        byte[] mbus = [0x68, 18, 18, 0x68, 0x53, 0xFF, 0x10, 0x01, 0x67, .. apdu, 0, 0x16];
        foreach (byte octet in mbus.AsSpan(4, 18)) mbus[^2] += octet;
        (List<CapturedMessage> messages, _, _) = Read(new CaptureBuilder().Tcp(Client, Server, 1, apdu).Tcp(Server, Client, 1, mbus).File);
        Assert.Equal([Convert.ToHexString(apdu), Convert.ToHexString(mbus)], messages.Select(Hex));
        Assert.All(messages, m => Assert.Null(m.Fault));
    }

    [Theory, MemberData(nameof(Forms))]
    public void ATruncatedFileGivesWhatIsBeforeAndAnErrorOrNothing(CaptureForm form)
    {
        byte[] file = new CaptureBuilder(form).Tcp(Client, Server, 1, Request).Tcp(Server, Client, 1, Response).File;
        int whole = Read(file).Messages.Count;
        for (int length = 4; length < file.Length; length++)
        {
            if (!CaptureFileReader.TryOpen(file.AsMemory(0, length), out CaptureFileReader? reader, out DecodeError error))
            {
                Assert.InRange(error.Offset, 0, length);
                continue;
            }
            int packets = 0;
            CaptureRead read;
            while ((read = reader.TryRead(out _, out error)) == CaptureRead.Packet) packets++;
            Assert.InRange(packets, 0, whole - 1);
            Assert.Equal(CaptureRead.End, reader.TryRead(out _, out _)); // after a fault nothing more comes
            if (read == CaptureRead.Faulty) Assert.InRange(error.Offset, 0, length);
        }
    }

    [Theory]
    [InlineData("D4C3B2A1020004000000000000000000FFFF000001000000 0000000000000000FFFFFFFF00000000", "of 4294967295 octets")]
    [InlineData("0A0D0D0A1C0000004D3C2B1A01000000FFFFFFFFFFFFFFFF1D000000", "differs")]
    [InlineData("0A0D0D0A070000004D3C2B1A", "a block of 7 octets")]
    [InlineData("0A0D0D0A1C00000000000000", "byte-order magic")]
    [InlineData("0A0D0D0A1C0000004D3C2B1A01000000FFFFFFFFFFFFFFFF1C000000 0600000020000000050000000000000000000000000000000000000020000000", "names interface 5")]
    public void HostileFilesAreRefusedWithThePlace(string hex, string words)
    {
        (_, _, DecodeError error) = Read(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.Contains(words, error.Reason, StringComparison.Ordinal);
        Assert.NotNull(error.Clause);
    }

    [Fact]
    public void AnyOctetsInAPacketNeverThrow() => Gen.Select(Gen.Byte.Array[0, 120], Gen.Int[0, 6], Gen.Int[0, 40]).Sample((octets, which, keep) =>
    {
        int link = ((int[])[0, 1, 101, 108, 113, 276, 147])[which];
        // Half of them keep a true beginning, so that the inner layers are reached.
        byte[] good = new CaptureBuilder(CaptureForm.NgLittle, link).Tcp(Client, Server, 1, octets).File;
        var file = new CaptureBuilder(CaptureForm.NgLittle, link);
        file.Packet(octets);
        file.Packet([.. good.AsSpan(good.Length - Math.Min(good.Length, octets.Length + keep)), .. octets]);
        file.Tcp(Client, Server, (uint)keep, octets).Tcp(Client, Server, (uint)octets.Length, octets).Tcp(Server, Client, 3, octets, acknowledged: uint.MaxValue);
        foreach (CapturedMessage message in Read(file.File).Messages) message.Conversation.TryDecode(message.Octets, out _, out _);
    }, iter: 3000);

    [Fact]
    public void AnyFileWithATrueBeginningNeverThrows() => Gen.Select(Gen.Byte.Array[0, 300], Gen.Enum<CaptureForm>(), Gen.Int[0, 200]).Sample((octets, form, keep) =>
    {
        byte[] good = new CaptureBuilder(form).Tcp(Client, Server, 1, Request).Tcp(Server, Client, 1, Response).File;
        byte[] file = [.. good.AsSpan(0, Math.Min(good.Length, 24 + keep)), .. octets];
        Read(file);
    }, iter: 3000);

    [Fact]
    public void SegmentsThatWaitForOneAreBounded()
    {
        var builder = new CaptureBuilder();
        for (int i = 0; i < 3000; i++) builder.Tcp(Client, Server, (uint)(1000 + i * 2), [0x55]); // each behind a gap
        (List<CapturedMessage> messages, CaptureCounts counts, _) = Read(builder.File);
        Assert.True(counts.LostOctets >= 2900); // given up long before the end
        Assert.True(messages.Count >= 2900);
    }

    [Fact]
    public void RandomSegmentationLossDuplicationAndReorderingDeliverTheSameMessagesOrNameTheGap() =>
        Gen.Select(Gen.Int[1, 30], Gen.Int[0, 1 << 30]).Sample((pieceMax, seed) =>
        {
            var random = new Random(seed);
            byte[] stream = [.. Enumerable.Repeat(Request, 20).SelectMany(x => x)];
            var pieces = new List<(uint At, byte[] Octets)>();
            for (int at = 0; at < stream.Length;)
            {
                int length = Math.Min(stream.Length - at, random.Next(1, pieceMax + 1));
                pieces.Add(((uint)at, stream[at..(at + length)]));
                at += length;
            }
            for (int i = 1; i + 1 < pieces.Count; i++)
            {
                int other = Math.Min(pieces.Count - 1, i + random.Next(0, 4));
                (pieces[i], pieces[other]) = (pieces[other], pieces[i]);
                if (random.Next(5) == 0) pieces.Insert(i, pieces[i]);
            }
            var builder = new CaptureBuilder();
            builder.Tcp(Client, Server, 41, [], flags: 0x02);
            foreach ((uint at, byte[] octets) in pieces) builder.Tcp(Client, Server, 42 + at, octets);
            (List<CapturedMessage> messages, CaptureCounts counts, _) = Read(builder.File);
            Assert.Equal(Enumerable.Repeat(Convert.ToHexString(Request), 20), messages.Select(Hex));
            Assert.Equal(0, counts.LostOctets);
        }, iter: 300);
}
