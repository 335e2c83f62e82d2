using NodaTime;
using Praman.Dlms.Framing;
using static Praman.Dlms.Tests.Framing.HdlcWire;

namespace Praman.Dlms.Tests.Framing;

/// <summary>The server's side of the link, frame by frame, against a client written by hand.</summary>
public class HdlcServerLinkTests
{
    private static readonly byte[] RequestField = [0xE6, 0xE6, 0, 0xC0, 1, 0xC1];

    private readonly List<string> _heard = [];
    private Instant _now = Instant.FromUtc(2026, 3, 3, 0, 0);
    private byte[] _answer = [0xC4, 1, 0xC1, 0];

    [Fact]
    public void AnswersARequestWithinTheClientsTurn()
    {
        HdlcServerLink link = Connected();
        byte[] reply = Feed(link, FromClient(I(0, 0), RequestField));
        Assert.Equal("I0,1*", Text(reply));
        Assert.Equal("E6E700C401C100", Convert.ToHexString(Frames(reply)[0].Information));
        Assert.Equal(["C001C1"], _heard);
        Assert.Equal("I1,2*", Text(Feed(link, FromClient(I(1, 1), RequestField))));
    }

    [Fact]
    public void SaysNothingWithoutBeingPolled()
    {
        HdlcServerLink link = Connected(HdlcParameters.Of(128, 3));
        Assert.Empty(Feed(link, FromClient(I(0, 0, final: false), RequestField)));
        Assert.Equal(["C001C1"], _heard);
        Assert.Equal("I0,1*", Text(Feed(link, FromClient(Rr(0)))));
    }

    [Fact]
    public void CutsALongAnswerAndSendsASegmentAPoll()
    {
        _answer = [.. Enumerable.Range(0, 300).Select(i => (byte)i)];
        HdlcServerLink link = Connected();
        List<SeenFrame> sent = Frames(Feed(link, FromClient(I(0, 0), RequestField)));
        sent.AddRange(Frames(Feed(link, FromClient(Rr(1)))));
        sent.AddRange(Frames(Feed(link, FromClient(Rr(2)))));
        Assert.Equal("I0,1+* I1,1+* I2,1*", string.Join(' ', sent));
        Assert.Equal([0xE6, 0xE7, 0, .. _answer], sent.SelectMany(frame => frame.Information).ToArray());
        Assert.Equal("RR1*", Text(Feed(link, FromClient(Rr(3))))); // nothing is left
    }

    [Fact]
    public void SendsAWindowAtOnceAndWhatWasLostAgain()
    {
        _answer = new byte[600];
        HdlcServerLink link = Connected(HdlcParameters.Of(128, 3));
        Assert.Equal("I0,1+ I1,1+ I2,1+*", Text(Feed(link, FromClient(I(0, 0), RequestField))));
        Assert.Equal("I1,1+ I2,1+ I3,1+*", Text(Feed(link, FromClient(Rr(1)))));
        Assert.Equal("I2,1+ I3,1+ I4,1*", Text(Feed(link, FromClient(Rej(2)))));
        Assert.Equal("RR1*", Text(Feed(link, FromClient(Rr(5)))));
    }

    [Fact]
    public void PutsARequestInSegmentsTogetherAndAcknowledgesEach()
    {
        HdlcServerLink link = Connected();
        Assert.Equal("RR1*", Text(Feed(link, FromClient(I(0, 0), RequestField, segmented: true))));
        Assert.Equal("RR2*", Text(Feed(link, FromClient(I(1, 0), [1, 2], segmented: true))));
        Assert.Equal("I0,3*", Text(Feed(link, FromClient(I(2, 0), [3]))));
        Assert.Equal(["C001C1010203"], _heard);
    }

    [Theory]
    [InlineData(false, "RR1*")]
    [InlineData(true, "REJ1*")]
    public void AGapIsAnsweredWithWhatIsMissing(bool usesReject, string answer)
    {
        HdlcServerLink link = Connected(HdlcParameters.Of(128, 3), usesReject);
        Assert.Equal(answer, Text(Feed(link, [.. FromClient(I(0, 0, false), RequestField, true), .. FromClient(I(2, 0), [3])])));
        Assert.Equal("I0,3*", Text(Feed(link, [.. FromClient(I(1, 0, false), [2], true), .. FromClient(I(2, 0), [3])])));
        Assert.Equal(["C001C10203"], _heard);
    }

    [Fact]
    public void ARepeatedRequestIsServedOnceAndAnsweredAgain()
    {
        HdlcServerLink link = Connected();
        byte[] request = FromClient(I(0, 0), RequestField);
        byte[] first = Feed(link, request);
        Assert.Equal(first, Feed(link, request));
        Assert.Single(_heard);
    }

    [Fact]
    public void AClientThatIsNotReadyIsSentNothing()
    {
        HdlcServerLink link = Connected();
        _answer = new byte[200];
        Feed(link, FromClient(I(0, 0), RequestField));
        Assert.Equal("RR1*", Text(Feed(link, FromClient(Rnr(1)))));
        Assert.Equal("I1,1*", Text(Feed(link, FromClient(Rr(1)))));
    }

    [Fact]
    public void ABusyServerSaysSoAndTakesNothing()
    {
        HdlcServerLink link = Connected();
        link.IsBusy = true;
        Assert.Equal("RNR0*", Text(Feed(link, FromClient(I(0, 0), RequestField))));
        Assert.Equal("RNR0*", Text(Feed(link, FromClient(Rr(0)))));
        link.IsBusy = false;
        Assert.Equal("RR0*", Text(Feed(link, FromClient(Rr(0)))));
        Assert.Equal("I0,1*", Text(Feed(link, FromClient(I(0, 0), RequestField))));
        Assert.Single(_heard);
    }

    [Fact]
    public void OneClientAtATime()
    {
        HdlcServerLink link = Connected();
        HdlcAddress other = HdlcAddress.Short(32);
        Assert.Equal("DM*", Text(Feed(link, Frame(ServerAt, other, Snrm))));
        Assert.Equal("DM*", Text(Feed(link, Frame(ServerAt, other, I(0, 0), RequestField))));
        Assert.Equal("DM*", Text(Feed(link, Frame(ServerAt, other, Disc))));
        Assert.Equal("I0,1*", Text(Feed(link, FromClient(I(0, 0), RequestField))));
        Assert.Equal("UA*", Text(Feed(link, FromClient(Disc))));
        Assert.Equal("UA*", Text(Feed(link, Frame(ServerAt, other, Snrm))));
        Assert.Equal(32, link.Client);
    }

    [Fact]
    public void AnSnrmBeginsAnew()
    {
        HdlcServerLink link = Connected();
        Feed(link, FromClient(I(0, 0), RequestField));
        Assert.Equal("UA*", Text(Feed(link, FromClient(Snrm))));
        Assert.Equal("I0,1*", Text(Feed(link, FromClient(I(0, 0), RequestField))));
    }

    [Fact]
    public void AnSnrmThatCannotBeReadOpensNothing()
    {
        var link = new HdlcServerLink(new HdlcSettings());
        Assert.Equal("DM*", Text(Feed(link, FromClient(Snrm, [0x81, 0x80, 9]))));
        Assert.False(link.IsConnected);
        Assert.Empty(Feed(link, FromClient(0x83))); // without P nothing may be answered
        Assert.False(link.IsConnected);
    }

    [Fact]
    public void SilenceClosesTheLink()
    {
        HdlcServerLink link = Connected();
        Assert.Equal(_now + Duration.FromSeconds(120), link.Due);
        _now += Duration.FromSeconds(119);
        Assert.Equal("RR0*", Text(Feed(link, FromClient(Rr(0)))));
        _now += Duration.FromSeconds(120);
        Assert.Equal("DM*", Text(Feed(link, FromClient(Rr(0)))));
        Assert.Contains("Disconnected", _heard);
        Assert.False(link.IsConnected);
    }

    [Theory]
    [InlineData(0xFF, "", 1)] // no such control field
    [InlineData(0x31, "00", 3)] // information in RR
    [InlineData(0x10, "long", 4)]
    [InlineData(0xB0, "E6E600C0", 8)] // N(R) 5: nothing was sent
    [InlineData(0xB1, "", 8)]
    public void WhatMayNotBeSentIsRejectedUntilTheLinkIsOpenedAgain(byte control, string field, int reasons)
    {
        HdlcServerLink link = Connected();
        byte[] information = field == "long" ? new byte[129] : Convert.FromHexString(field);
        SeenFrame reject = Assert.Single(Frames(Feed(link, FromClient(control, information))));
        Assert.Equal(Frmr, reject.Control);
        Assert.True(HdlcFrameReject.TryRead(reject.Information, out HdlcFrameReject said));
        Assert.Equal(new(control, 0, 0, (HdlcRejectReasons)reasons), said);
        Assert.Equal("FRMR*", Text(Feed(link, FromClient(I(0, 0), RequestField))));
        Assert.Equal("UA*", Text(Feed(link, FromClient(Snrm))));
        Assert.Equal("I0,1*", Text(Feed(link, FromClient(I(0, 0), RequestField))));
        Assert.Single(_heard, heard => heard == "C001C1");
    }

    [Fact]
    public void UiIsServedWithoutALink()
    {
        var link = new HdlcServerLink(new HdlcSettings());
        Assert.Empty(Feed(link, FromClient(Ui, RequestField)));
        Assert.Equal(["C001C1"], _heard);
        SeenFrame answer = Assert.Single(Frames(Feed(link, FromClient(UiPoll, RequestField))));
        Assert.Equal((UiPoll, "E6E700C401C100"), (answer.Control, Convert.ToHexString(answer.Information)));
        Assert.Empty(Feed(link, Frame(HdlcAddress.Short(127), ClientAt, UiPoll, RequestField))); // to all: heard, not answered
        Assert.Equal(3, _heard.Count);
        _answer = new byte[200];
        Assert.Empty(Feed(link, FromClient(UiPoll, RequestField))); // does not fit: UI is not segmented
    }

    [Fact]
    public void PushesByUi()
    {
        var link = new HdlcServerLink(new HdlcSettings());
        Assert.True(link.TrySendUnnumbered([0x0F, 1], 32));
        SeenFrame push = Assert.Single(Frames(link.TakeOutput().Span));
        Assert.Equal((Ui, HdlcAddress.Short(32), ServerAt, "E6E7000F01"), (push.Control, push.Destination, push.Source, Convert.ToHexString(push.Information)));
        Assert.False(link.TrySendUnnumbered(new byte[126], 32));
        Assert.False(link.TrySendUnnumbered([1], 128));
    }

    [Fact]
    public void AnswersAreHeldForAClientThatDoesNotFetchThem()
    {
        HdlcServerLink link = Connected();
        for (int ns = 0; ns < 5; ns++) Feed(link, FromClient(I(ns, 0), RequestField));
        Assert.Equal(5, _heard.Count);
        Assert.Equal(5 * 7, link.QueuedLength);
        var all = new List<SeenFrame>();
        for (int nr = 0; nr < 5; nr++) all.AddRange(Frames(Feed(link, FromClient(Rr(nr)))));
        Assert.Equal("I0,5* I1,5* I2,5* I3,5* I4,5*", string.Join(' ', all));
    }

    [Fact]
    public void AnyOctetsAreTakenWithoutAFault()
    {
        byte[][] frames =
        [
            FromClient(Snrm), FromClient(Snrm, Parameters(HdlcParameters.Of(500, 7))), FromClient(I(0, 0), RequestField), FromClient(I(1, 1), RequestField, true), FromClient(Rr(1)),
            FromClient(Rnr(0)), FromClient(Rej(1)), FromClient(Disc), FromClient(UiPoll, RequestField), FromClient(0xFF), FromClient(I(1, 7), []), [0x7E, 0xA7, 0xFF],
            FromClient(Snrm, [0x81, 0x80, 0x03, 0x05, 0x01, 0x00]), Frame(ServerAt, HdlcAddress.Short(32), Snrm), Frame(new(2, 1, 1), ClientAt, Snrm),
        ];
        var random = new Random(12);
        var link = new HdlcServerLink(new HdlcSettings { Offer = HdlcParameters.Of(200, 7), ApduLengthMax = 5_000 });
        int connected = 0;
        for (int round = 0; round < 60_000; round++)
        {
            byte[] octets = [.. frames[random.Next(frames.Length)]];
            if (random.Next(4) == 0) octets[random.Next(octets.Length)] ^= (byte)(1 << random.Next(8));
            byte[] reply = Feed(link, octets);
            Assert.True(reply.Length < 8 * 2_050, "a reply without end");
            Frames(reply);
            _now += Duration.FromMilliseconds(random.Next(300));
            if (link.IsConnected) connected++;
        }
        Assert.True(connected > 10_000);
    }

    [Fact]
    public void AHostileMegabyteCostsLittle()
    {
        const int length = 1 << 20;
        byte[] long1 = Frame(ServerAt, ClientAt, I(0, 0), new byte[2030]), ticks = [0x7E, 0xA7, 0xFF];
        long1[^2] ^= 1; // the header verifies, the frame does not
        byte[] overlapping = [.. Enumerable.Repeat<byte[]>([0x7E, 0xA0, 0x0E, 0x03], 4).SelectMany(o => o), 0x7E];
        foreach (byte[] pattern in (byte[][])[[0x7E], [0x7E, 0xA0], ticks, long1, overlapping, FromClient(Snrm), FromClient(UiPoll, RequestField), FromClient(Rr(3))])
        {
            HdlcServerLink link = Connected();
            byte[] octets = [.. Enumerable.Repeat(pattern, length / pattern.Length).SelectMany(o => o)];
            _heard.Clear();
            _heard.EnsureCapacity(length / 8);
            long before = GC.GetAllocatedBytesForCurrentThread(), started = System.Diagnostics.Stopwatch.GetTimestamp();
            link.Append(octets, _now);
            while (link.Read(out ReadOnlySpan<byte> apdu) is var what && what != HdlcEvent.None) link.Send(apdu);
            int replied = link.TakeOutput().Length;
            _now += Duration.FromSeconds(1);
            link.Append([], _now); // and what was never to be whole
            link.Read(out _);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{Convert.ToHexString(pattern.AsSpan(0, Math.Min(12, pattern.Length)))}: {System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.0} ms, {allocated} octets allocated, {replied} replied");
            Assert.True(allocated < 16 * length, $"{allocated} octets allocated");
            Assert.True(replied <= 4 * length, $"{replied} octets replied");
        }
    }

    private HdlcServerLink Connected(HdlcParameters? parameters = null, bool usesReject = false)
    {
        HdlcParameters offer = parameters ?? HdlcParameters.Default;
        var link = new HdlcServerLink(new HdlcSettings { Offer = offer, UsesReject = usesReject });
        SeenFrame ua = Assert.Single(Frames(Feed(link, FromClient(Snrm, Parameters(offer)))));
        Assert.Equal(Ua, ua.Control);
        Assert.Equal(Parameters(offer), ua.Information);
        _heard.Clear();
        return link;
    }

    // What is sent back; APDUs and other events are kept in _heard, each APDU is answered with _answer.
    private byte[] Feed(HdlcServerLink link, byte[] octets)
    {
        link.Append(octets, _now);
        while (link.Read(out ReadOnlySpan<byte> apdu) is var what && what != HdlcEvent.None)
        {
            if (what is not (HdlcEvent.Apdu or HdlcEvent.Unnumbered))
            {
                _heard.Add(what.ToString());
                continue;
            }
            _heard.Add(Convert.ToHexString(apdu));
            link.Send(_answer);
        }
        return link.TakeOutput().ToArray();
    }
}
