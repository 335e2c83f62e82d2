using NodaTime;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;
using Praman.Dlms.Tests.Association;
using Praman.Metering;
using static Praman.Dlms.Tests.Framing.HdlcWire;

namespace Praman.Dlms.Tests.Framing;

/// <summary>
/// The published names of the HDLC conformance cases, each as a test of what the standard asks of a server (IEC 62056-46). What each case does
/// is worked out from the standard and its name; it is not the test house's own procedure.
/// </summary>
public class HdlcConformanceTests
{
    private static readonly HdlcAddress Meter = new(4, 1, 17), Reader = HdlcAddress.Short(16);

    private readonly DlmsServerAssociation _server = new(new TestDevice(), hdlc: new HdlcSettings { Server = Meter });
    private Instant _now = Instant.FromUtc(2026, 3, 3, 0, 0);

    private static byte[] Aarq => [.. LlcHeader.Command, .. Acse.Aarq.Create(Acse.ApplicationContext.LogicalName, null, Acse.AuthenticationMechanism.None, default,
        new InitiateRequest(Conformance.Get, 1024).Encode()).Encode()];

    [Fact]
    public void HDLC_FRAME_P1_TheLinkIsOpenedAndClosed()
    {
        Assert.Equal("UA*", Ask(Snrm));
        Assert.Equal("I0,1*", Ask(I(0, 0), Aarq));
        Assert.True(_server.IsAssociated);
        Assert.Equal("UA*", Ask(Disc));
        Assert.False(_server.IsAssociated); // the association goes with its link
        Assert.Equal("DM*", Ask(Disc));
    }

    [Fact]
    public void HDLC_FRAME_P2_AFrameThatIsInterruptedTooLongIsDropped()
    {
        byte[] snrm = Frame(Meter, Reader, Snrm);
        Assert.Equal("", Feed(snrm[..5]));
        _now += Duration.FromMilliseconds(499);
        Assert.Equal("UA*", Feed(snrm[5..])); // in time
        Assert.Equal("", Feed(snrm[..5]));
        _now += Duration.FromMilliseconds(500);
        Assert.Equal("", Feed(snrm[5..]));
        Assert.Equal("UA*", Feed(snrm));
    }

    [Fact]
    public void HDLC_FRAME_P3_SilenceEndsTheLink()
    {
        Ask(Snrm);
        Ask(I(0, 0), Aarq);
        _now += Duration.FromSeconds(119);
        Assert.Equal("RR1*", Ask(Rr(1)));
        _now += Duration.FromSeconds(120);
        Assert.Equal("DM*", Ask(Rr(1)));
        Assert.False(_server.IsAssociated);
    }

    [Fact]
    public void HDLC_FRAME_N1_WithoutFlagsThereIsNoFrame()
    {
        byte[] snrm = Frame(Meter, Reader, Snrm);
        Assert.Equal("", Feed(snrm[1..]));
        _now += Duration.FromSeconds(1);
        Assert.Equal("", Feed(snrm[..^1]));
        _now += Duration.FromSeconds(1);
        Assert.Equal("", Feed(snrm[1..^1]));
        _now += Duration.FromSeconds(1);
        Assert.Equal("UA*", Feed(snrm));
    }

    [Fact]
    public void HDLC_FRAME_N2_AShortFrameIsPassedOver()
    {
        foreach (string hex in (string[])["7EA0037E", "7EA00403217E", "7EA006032193107E"])
        {
            Assert.Equal("", Feed(Convert.FromHexString(hex)));
            Assert.Equal("UA*", Ask(Snrm));
        }
    }

    [Fact]
    public void HDLC_FRAME_N3_AnotherFrameTypeIsPassedOver()
    {
        for (int type = 0; type < 16; type++)
        {
            byte[] snrm = Frame(Meter, Reader, Snrm);
            snrm[1] = (byte)((type << 4) | (snrm[1] & 0x0F));
            Seal(snrm);
            Assert.Equal(type == 0xA ? "UA*" : "", Feed(snrm));
        }
    }

    [Fact]
    public void HDLC_FRAME_N4_AWrongLengthIsPassedOver()
    {
        byte[] snrm = Frame(Meter, Reader, Snrm);
        foreach (int length in (int[])[snrm[2] - 1, snrm[2] + 1, 0, 0xFF])
        {
            byte[] wrong = [.. snrm];
            wrong[2] = (byte)length;
            Seal(wrong);
            Assert.Equal("", Feed(wrong));
            _now += Duration.FromSeconds(1); // what a length too long still waits for does not come
            Assert.Equal("UA*", Feed(snrm));
        }
    }

    [Fact]
    public void HDLC_FRAME_N5_AnUnknownControlFieldIsRejected()
    {
        Assert.Equal("DM*", Ask(0xFF)); // without a link there is nothing to reject
        Ask(Snrm);
        Assert.Equal("FRMR*", Ask(0xFF));
        Assert.Equal("UA*", Ask(Snrm));
    }

    [Fact]
    public void HDLC_FRAME_N7_AWrongHeaderCheckIsPassedOver()
    {
        Ask(Snrm);
        byte[] frame = Frame(Meter, Reader, I(0, 0), Aarq);
        for (int at = 9; at <= 10; at++) // flag, format 2, addresses 4 and 1, control: then the header's check
        {
            byte[] wrong = [.. frame];
            wrong[at] ^= 0x40;
            Seal(wrong);
            Assert.Equal("", Feed(wrong));
        }
        Assert.Equal("I0,1*", Feed(frame));
    }

    [Fact]
    public void HDLC_FRAME_N8_AWrongFrameCheckIsPassedOver()
    {
        Ask(Snrm);
        byte[] frame = Frame(Meter, Reader, I(0, 0), Aarq);
        for (int at = frame.Length - 3; at < frame.Length - 1; at++)
        {
            byte[] wrong = [.. frame];
            wrong[at] ^= 1;
            Assert.Equal("", Feed(wrong));
        }
        Assert.Equal("I0,1*", Feed(frame));
    }

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(2, 1, 17)]
    [InlineData(4, 1, 17)]
    [InlineData(4, 1, 9_999)]
    public void HDLC_ADDRESS_P1_TheDeclaredAddressesAreServed(int size, int upper, int lower)
    {
        var own = new HdlcAddress(size, upper, lower);
        using var server = new DlmsServerAssociation(new TestDevice(), hdlc: new HdlcSettings { Server = own });
        foreach (int client in (int[])[1, 16, 32, 127])
        {
            SeenFrame ua = Assert.Single(Frames(server.Receive(Frame(own, HdlcAddress.Short(client), Snrm), _now).Span));
            Assert.Equal((Ua, HdlcAddress.Short(client), own), (ua.Control, ua.Destination, ua.Source));
            Assert.Equal("UA*", Text(server.Receive(Frame(own, HdlcAddress.Short(client), Disc), _now).Span));
        }
        if (size == 1 || lower > 127) return;
        // The same numbers in the other length are the same device, and are answered as they were called.
        var other = new HdlcAddress(size == 2 ? 4 : 2, upper, lower);
        Assert.Equal(other, Assert.Single(Frames(server.Receive(Frame(other, Reader, Snrm), _now).Span)).Source);
    }

    [Fact]
    public void HDLC_ADDRESS_N1_AClientOfTwoOctetsIsPassedOver()
    {
        Assert.Equal("", Feed(Frame(Meter, new HdlcAddress(2, 16, 1), Snrm)));
        Assert.Equal("", Feed(Frame(Meter, new HdlcAddress(4, 16, 1), Snrm)));
        Assert.Equal("", Feed(Frame(Meter, HdlcAddress.Short(0), Snrm))); // nobody's address
        Assert.Equal("UA*", Ask(Snrm));
    }

    [Fact]
    public void HDLC_ADDRESS_N4_UnknownDestinationsArePassedOver()
    {
        foreach (HdlcAddress unknown in (HdlcAddress[])[new(4, 1, 18), new(4, 2, 17), new(4, 0, 0), new(4, 17, 1), new(2, 1, 18), new(4, 0x3FFF, 0x3FFF)])
        {
            Assert.Equal("", Feed(Frame(unknown, Reader, Snrm)));
        }
        Assert.Equal("UA*", Ask(Snrm));
    }

    [Fact]
    public void HDLC_ADDRESS_N6_OneOctetIsPassedOverWhereTwoOrFourAreExpected()
    {
        for (int address = 0; address < 128; address++) Assert.Equal("", Feed(Frame(HdlcAddress.Short(address), Reader, Snrm)));
        Assert.Equal("UA*", Ask(Snrm));
    }

    [Fact]
    public void HDLC_ADDRESS_N7_ThreeAndFiveOctetsArePassedOver()
    {
        foreach (string address in (string[])["000223", "0002000023", "000200002423"])
        {
            byte[] octets = Convert.FromHexString(address);
            byte[] frame = [0x7E, 0xA0, (byte)(6 + octets.Length), .. octets, 0x21, Snrm, 0, 0, 0x7E];
            Seal(frame);
            Assert.Equal("", Feed(frame));
            _now += Duration.FromSeconds(1);
        }
        Assert.Equal("UA*", Ask(Snrm));
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(100, 100)]
    [InlineData(128, 128)]
    [InlineData(2030, 400)]
    public void HDLC_NDM2NRM_P1_TheLongestInformationFieldIsAgreed(int offered, int agreed)
    {
        using var server = new DlmsServerAssociation(new TestDevice(), hdlc: new HdlcSettings { Server = Meter, Offer = HdlcParameters.Of(400, 1) });
        SeenFrame ua = Assert.Single(Frames(server.Receive(Frame(Meter, Reader, Snrm, Parameters(HdlcParameters.Of(offered, 1))), _now).Span));
        Assert.True(HdlcParameters.TryRead(ua.Information, out HdlcParameters said, out _));
        Assert.Equal((agreed, agreed), (said.InformationTransmit, said.InformationReceive));
        byte[] field = Aarq;
        int ns = 0;
        string last = "";
        for (int at = 0; at < field.Length; at += agreed, ns = (ns + 1) & 7)
        {
            byte[] segment = field[at..Math.Min(field.Length, at + agreed)];
            List<SeenFrame> reply = Frames(server.Receive(Frame(Meter, Reader, I(ns, 0), segment, at + segment.Length < field.Length), _now).Span);
            Assert.All(reply, frame => Assert.True(frame.Information.Length <= agreed));
            last = string.Join(' ', reply);
        }
        Assert.StartsWith("I0,", last, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    [InlineData(7, 5)]
    public void HDLC_NDM2NRM_P2_TheWindowIsAgreed(int offered, int agreed)
    {
        using var server = new DlmsServerAssociation(new TestDevice(), hdlc: new HdlcSettings { Server = Meter, Offer = HdlcParameters.Of(8, 5) });
        SeenFrame ua = Assert.Single(Frames(server.Receive(Frame(Meter, Reader, Snrm, Parameters(HdlcParameters.Of(8, offered))), _now).Span));
        Assert.True(HdlcParameters.TryRead(ua.Information, out HdlcParameters said, out _));
        Assert.Equal((agreed, agreed), (said.WindowTransmit, said.WindowReceive));
        byte[] field = Aarq;
        List<SeenFrame> reply = [];
        for (int at = 0, ns = 0; at < field.Length; at += 8, ns = (ns + 1) & 7)
            reply = Frames(server.Receive(Frame(Meter, Reader, I(ns, 0), field.AsSpan(at, Math.Min(8, field.Length - at)), at + 8 < field.Length), _now).Span);
        Assert.Equal(agreed, reply.Count); // the AARE needs more frames than any window has
        Assert.True(reply[^1].IsFinal);
        Assert.DoesNotContain(reply[..^1], frame => frame.IsFinal);
    }

    [Fact]
    public void HDLC_INFO_P1_InformationIsExchanged()
    {
        Ask(Snrm);
        Assert.Equal("I0,1*", Ask(I(0, 0), Aarq));
        byte[] get = [.. LlcHeader.Command, .. new GetRequestNormal(new(1), new(1, new(0, 0, 42, 0, 0), 2)).Encode()];
        for (int turn = 1; turn < 20; turn++) Assert.Equal($"I{turn & 7},{(turn + 1) & 7}*", Ask(I(turn & 7, turn & 7), get));
        SeenFrame last = Assert.Single(Frames(_last));
        Assert.True(Apdu.TryDecode(last.Information.AsSpan(LlcHeader.Length), out Apdu? answer, out DecodeError error), error.ToString());
        Assert.Equal(CosemData.OctetString("PEE0000000000001"u8), Assert.IsType<GetResponseNormal>(answer).Result.Data);
    }

    [Fact]
    public void HDLC_INFO_N1_ALongerFieldThanAgreedIsRejected()
    {
        Ask(Snrm);
        Assert.Equal("FRMR*", Ask(I(0, 0), new byte[129]));
        Assert.Equal("UA*", Ask(Snrm));
        Assert.Equal("I0,1*", Ask(I(0, 0), Aarq));
    }

    [Fact]
    public void HDLC_INFO_N2_AWrongReceiveNumberIsRejected()
    {
        Ask(Snrm);
        Ask(I(0, 0), Aarq);
        Assert.Equal("FRMR*", Ask(I(1, 3), Aarq));
        Assert.Equal("UA*", Ask(Snrm));
    }

    [Fact]
    public void HDLC_INFO_N3_AWrongSendNumberIsNotTaken()
    {
        Ask(Snrm);
        Ask(I(0, 0), Aarq);
        Assert.Equal("RR1*", Ask(I(3, 1), Aarq)); // says which is awaited
        Assert.Equal("I1,2*", Ask(I(1, 1), Aarq));
    }

    [Fact]
    public void HDLC_NDMOP_N1_InformationWithoutALinkIsAnsweredByDm()
    {
        Assert.Equal("DM*", Ask(I(0, 0), Aarq));
        Assert.False(_server.IsAssociated);
    }

    private byte[] _last = [];

    private string Ask(byte control, byte[]? information = null) => Feed(Frame(Meter, Reader, control, information));

    private string Feed(byte[] octets)
    {
        _last = _server.Receive(octets, _now).ToArray();
        Assert.All(Frames(_last), frame => Assert.Equal((Reader, Meter), (frame.Destination, frame.Source)));
        return Text(_last);
    }

    // Puts the right frame check over a frame that was changed.
    private static void Seal(byte[] frame) =>
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(frame.Length - 3), Crc16X25.Compute(frame.AsSpan(1, frame.Length - 4)));
}
