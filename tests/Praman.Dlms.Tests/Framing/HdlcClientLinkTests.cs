using NodaTime;
using Praman.Dlms.Framing;
using static Praman.Dlms.Tests.Framing.HdlcWire;

namespace Praman.Dlms.Tests.Framing;

/// <summary>The client's side of the link, frame by frame, against a server written by hand.</summary>
public class HdlcClientLinkTests
{
    private static readonly byte[] Request = [0xC0, 1, 0xC1], Answer = [0xC4, 1, 0xC1, 0];
    private static readonly byte[] AnswerField = [0xE6, 0xE7, 0, .. Answer];

    private Instant _now = Instant.FromUtc(2026, 3, 3, 0, 0);

    [Fact]
    public void OpensWithABareSnrmWhereNothingElseIsOffered()
    {
        var link = new HdlcClientLink(new HdlcSettings(), 16);
        link.Connect(_now);
        SeenFrame snrm = Assert.Single(Frames(link.TakeOutput().Span));
        Assert.Equal((Snrm, ServerAt, ClientAt, 0), (snrm.Control, snrm.Destination, snrm.Source, snrm.Information.Length));
        Assert.True(link.TakeOutput().IsEmpty); // taken once
        Assert.Equal(HdlcEvent.Connected, Feed(link, FromServer(Ua, Parameters(HdlcParameters.Default))));
        Assert.True(link.IsConnected);
        Assert.Equal(HdlcParameters.Default, link.Parameters);
    }

    [Fact]
    public void OffersWhatItCanDoMoreAndTakesTheLower()
    {
        var link = new HdlcClientLink(new HdlcSettings { Offer = HdlcParameters.Of(1024, 7) }, 16);
        link.Connect(_now);
        SeenFrame snrm = Assert.Single(Frames(link.TakeOutput().Span));
        Assert.Equal(Parameters(HdlcParameters.Of(1024, 7)), snrm.Information);
        Feed(link, FromServer(Ua, Parameters(new(InformationTransmit: 512, InformationReceive: 256, WindowTransmit: 3, WindowReceive: 1))));
        Assert.Equal(new(256, 512, 1, 3), link.Parameters);
    }

    [Fact]
    public void AUaWithoutParametersMeansTheDefaults()
    {
        var link = new HdlcClientLink(new HdlcSettings { Offer = HdlcParameters.Of(1024, 7) }, 16);
        link.Connect(_now);
        Feed(link, FromServer(Ua));
        Assert.Equal(HdlcParameters.Default, link.Parameters);
    }

    [Fact]
    public void ALinkThatIsRefusedSaysSo()
    {
        var link = new HdlcClientLink(new HdlcSettings(), 16);
        link.Connect(_now);
        Assert.Equal(HdlcEvent.Failed, Feed(link, FromServer(Dm)));
        Assert.Equal(HdlcFault.Refused, link.Fault);
        link.Connect(_now);
        Assert.Equal(HdlcEvent.Failed, Feed(link, FromServer(Ua, [0x81, 0x80, 9])));
        Assert.Equal(HdlcFault.Malformed, link.Fault);
        Assert.Contains("UA", link.FaultText, StringComparison.Ordinal);
        Assert.False(link.TrySend(Request, _now));
    }

    [Fact]
    public void SendsARequestAndTakesItsAnswer()
    {
        HdlcClientLink link = Connected();
        Assert.Equal("I0,0*", Send(link, Request));
        Assert.Equal(Answer, Apdu(link, FromServer(I(0, 1), AnswerField)));
        Assert.Equal("I1,1*", Send(link, Request)); // the next request acknowledges the answer
    }

    [Fact]
    public void LlcHeadersAreTakenOffOnceOrTwice()
    {
        HdlcClientLink link = Connected();
        Send(link, Request);
        Assert.Equal(Answer, Apdu(link, FromServer(I(0, 1), [0xE6, 0xE7, 0, .. AnswerField])));
    }

    [Fact]
    public void CutsALongRequestAndWaitsForEachAcknowledgement()
    {
        HdlcClientLink link = Connected();
        byte[] apdu = [.. Enumerable.Range(0, 300).Select(i => (byte)i)];
        var sent = new List<SeenFrame>();
        link.TrySend(apdu, _now);
        for (int nr = 1; ; nr++)
        {
            SeenFrame frame = Assert.Single(Frames(link.TakeOutput().Span));
            sent.Add(frame);
            if (!frame.IsSegmented) break;
            Assert.Equal(HdlcEvent.None, Feed(link, FromServer(Rr(nr))));
        }
        Assert.Equal("I0,0+* I1,0+* I2,0*", string.Join(' ', sent));
        Assert.All(sent[..2], frame => Assert.Equal(128, frame.Information.Length));
        Assert.Equal([0xE6, 0xE6, 0, .. apdu], sent.SelectMany(frame => frame.Information).ToArray());
    }

    [Fact]
    public void SendsAWindowAtOnceAndPollsWithItsLastFrame()
    {
        HdlcClientLink link = Connected(HdlcParameters.Of(128, 3));
        Assert.Equal("I0,0+ I1,0+ I2,0+*", Send(link, new byte[600]));
        Feed(link, FromServer(Rr(3)));
        Assert.Equal("I3,0+ I4,0*", Text(link.TakeOutput().Span));
    }

    [Fact]
    public void AGapInItsWindowHasTheRestSentAgain()
    {
        HdlcClientLink link = Connected(HdlcParameters.Of(128, 3));
        Send(link, new byte[600]);
        Feed(link, FromServer(Rr(1)));
        Assert.Equal("I1,0+ I2,0+ I3,0+*", Text(link.TakeOutput().Span));
        Feed(link, FromServer(Rej(2)));
        Assert.Equal("I2,0+ I3,0+ I4,0*", Text(link.TakeOutput().Span));
    }

    [Fact]
    public void PollsForEachSegmentOfAnAnswer()
    {
        HdlcClientLink link = Connected();
        Send(link, Request);
        Assert.Equal(HdlcEvent.None, Feed(link, FromServer(I(0, 1), AnswerField, segmented: true)));
        Assert.Equal("RR1*", Text(link.TakeOutput().Span));
        Assert.Equal([.. Answer, 7, 7], Apdu(link, FromServer(I(1, 1), [7, 7])));
    }

    [Theory]
    [InlineData(false, "RR1*")]
    [InlineData(true, "REJ1*")]
    public void AGapInAnAnswerHasTheMissingFrameSentAgain(bool usesReject, string asks)
    {
        HdlcClientLink link = Connected(HdlcParameters.Of(128, 3), usesReject);
        Send(link, Request);
        Feed(link, [.. FromServer(I(0, 1, final: false), AnswerField, true), .. FromServer(I(2, 1), [3])]);
        Assert.Equal(asks, Text(link.TakeOutput().Span));
        Assert.Equal([.. Answer, 2, 3], Apdu(link, [.. FromServer(I(1, 1, final: false), [2], true), .. FromServer(I(2, 1), [3])]));
    }

    [Fact]
    public void AnAnswerThatComesTwiceIsTakenOnce()
    {
        HdlcClientLink link = Connected();
        Send(link, Request);
        byte[] answer = FromServer(I(0, 1), AnswerField);
        Assert.Equal(Answer, Apdu(link, answer));
        Send(link, Request);
        Assert.Equal(HdlcEvent.None, Feed(link, answer));
        Assert.True(link.TakeOutput().IsEmpty); // it ends no turn
        Assert.Equal(Answer, Apdu(link, FromServer(I(1, 2), AnswerField)));
    }

    [Fact]
    public void ASilentServerIsAskedAgainAndThenGivenUp()
    {
        HdlcClientLink link = Connected();
        Send(link, Request);
        for (int repeat = 0; repeat < 3; repeat++)
        {
            Assert.Equal(HdlcEvent.None, link.Advance(_now + Duration.FromMilliseconds(2_999)));
            Assert.True(link.TakeOutput().IsEmpty);
            Assert.Equal(_now + Duration.FromSeconds(3), link.Due);
            _now = link.Due!.Value;
            Assert.Equal(HdlcEvent.None, link.Advance(_now));
            Assert.Equal("RR0*", Text(link.TakeOutput().Span)); // a poll: the answer says what arrived
        }
        Assert.Equal(HdlcEvent.Failed, link.Advance(_now + Duration.FromSeconds(3)));
        Assert.Equal(HdlcFault.TimedOut, link.Fault);
        Assert.Null(link.Due);
    }

    [Fact]
    public void ARequestThatWasLostIsSentAgainOnceThatIsKnown()
    {
        HdlcClientLink link = Connected();
        Send(link, Request);
        Feed(link, FromServer(Rr(0)));
        Assert.True(link.TakeOutput().IsEmpty); // late, of an earlier poll
        link.Advance(_now += Duration.FromSeconds(3));
        Assert.Equal("RR0*", Text(link.TakeOutput().Span));
        Feed(link, FromServer(Rr(0)));
        Assert.Equal("I0,0*", Text(link.TakeOutput().Span));
    }

    [Fact]
    public void SnrmAndDiscAreRepeatedAsWell()
    {
        var link = new HdlcClientLink(new HdlcSettings(), 16);
        link.Connect(_now);
        link.TakeOutput();
        link.Advance(_now += Duration.FromSeconds(3));
        Assert.Equal("SNRM*", Text(link.TakeOutput().Span));
        Assert.Equal(HdlcEvent.Connected, Feed(link, FromServer(Ua)));
        link.Disconnect(_now);
        Assert.Equal("DISC*", Text(link.TakeOutput().Span));
        link.Advance(_now += Duration.FromSeconds(3));
        Assert.Equal("DISC*", Text(link.TakeOutput().Span));
        Assert.Equal(HdlcEvent.Disconnected, Feed(link, FromServer(Ua, [0x81, 0x80, 0xFD, 5]))); // what it carries is not looked at
        Assert.False(link.IsConnected);
    }

    [Fact]
    public void ABusyServerIsPolledUntilItIsReady()
    {
        HdlcClientLink link = Connected(HdlcParameters.Of(128, 1));
        Send(link, new byte[200]);
        Feed(link, FromServer(Rnr(1)));
        Assert.True(link.TakeOutput().IsEmpty);
        for (int poll = 0; poll < 3; poll++)
        {
            Assert.Equal(_now + Duration.FromMilliseconds(200), link.Due);
            link.Advance(_now = link.Due!.Value);
            Assert.Equal("RR0*", Text(link.TakeOutput().Span));
            Feed(link, FromServer(Rnr(1)));
        }
        link.Advance(_now = link.Due!.Value);
        link.TakeOutput();
        Feed(link, FromServer(Rr(1)));
        Assert.Equal("I1,0*", Text(link.TakeOutput().Span));
    }

    [Fact]
    public void AServerWithoutAnAnswerYetIsPolled()
    {
        HdlcClientLink link = Connected();
        Send(link, Request);
        Feed(link, FromServer(Rr(1)));
        Assert.True(link.TakeOutput().IsEmpty);
        link.Advance(_now = link.Due!.Value);
        Assert.Equal("RR0*", Text(link.TakeOutput().Span));
        Assert.Equal(Answer, Apdu(link, FromServer(I(0, 1), AnswerField)));
    }

    [Fact]
    public void AServerThatStaysBusyIsGivenUp()
    {
        var link = new HdlcClientLink(new HdlcSettings { PollCountMax = 5 }, 16);
        link.Connect(default);
        Feed(link, FromServer(Ua));
        link.TrySend(Request, default);
        int polls = 0;
        HdlcEvent what;
        do what = Feed(link, FromServer(Rnr(1)), default);
        while (what == HdlcEvent.None && ++polls < 100);
        Assert.Equal((HdlcEvent.Failed, HdlcFault.Busy, 5), (what, link.Fault, polls));
    }

    [Fact]
    public void EchoesAndFramesOfOthersArePassedOver()
    {
        HdlcClientLink link = Connected();
        link.TrySend(Request, _now);
        byte[] echo = link.TakeOutput().ToArray();
        byte[] other = Frame(HdlcAddress.Short(17), ServerAt, I(0, 1), AnswerField), elsewhere = Frame(ClientAt, HdlcAddress.Short(2), I(0, 1), AnswerField);
        Assert.Equal(Answer, Apdu(link, [.. echo, .. other, .. elsewhere, .. FromServer(I(0, 1), AnswerField)]));
    }

    [Fact]
    public void AServerThatClosedOrRefusedTheLinkEndsIt()
    {
        HdlcClientLink link = Connected();
        Send(link, Request);
        Assert.Equal(HdlcEvent.Failed, Feed(link, FromServer(Dm)));
        Assert.Equal(HdlcFault.Refused, link.Fault);

        link = Connected();
        Send(link, Request);
        Assert.Equal(HdlcEvent.Failed, Feed(link, FromServer(Frmr, [0x10, 0x00, 0x04])));
        Assert.Equal(HdlcFault.FrameRejected, link.Fault);
        Assert.Contains("InformationTooLong", link.FaultText, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAnswerWithoutEndIsStopped()
    {
        var link = new HdlcClientLink(new HdlcSettings { ApduLengthMax = 1_000 }, 16);
        link.Connect(_now);
        Feed(link, FromServer(Ua));
        link.TrySend(Request, _now);
        int frames = 0;
        HdlcEvent what;
        do what = Feed(link, FromServer(I(frames & 7, 1), new byte[128], segmented: true));
        while (what == HdlcEvent.None && ++frames < 100);
        Assert.Equal((HdlcEvent.Failed, HdlcFault.TooLong, 7), (what, link.Fault, frames));
    }

    [Fact]
    public void UiIsTakenWithoutALinkAndSentWithoutOne()
    {
        var link = new HdlcClientLink(new HdlcSettings(), 16);
        link.Append(FromServer(Ui, [0xE6, 0xE7, 0, 0x0F, 1]), _now);
        Assert.Equal(HdlcEvent.Unnumbered, link.Read(out ReadOnlySpan<byte> apdu));
        Assert.Equal([0x0F, 1], apdu.ToArray());
        Assert.True(link.TrySendUnnumbered([0xC1, 2], _now));
        SeenFrame frame = Assert.Single(Frames(link.TakeOutput().Span));
        Assert.Equal((Ui, "E6E600C102"), (frame.Control, Convert.ToHexString(frame.Information)));
        Assert.False(link.TrySendUnnumbered(new byte[126], _now)); // UI is not segmented
    }

    [Fact]
    public void AnUnfinishedFrameIsDroppedAfterASilence()
    {
        HdlcClientLink link = Connected();
        Send(link, Request);
        byte[] answer = FromServer(I(0, 1), AnswerField);
        Assert.Equal(HdlcEvent.None, Feed(link, answer[..9]));
        Assert.Equal(_now + Duration.FromMilliseconds(500), link.Due);
        Assert.Equal(Answer, Apdu(link, answer[9..])); // in time

        Send(link, Request);
        answer = FromServer(I(1, 2), AnswerField);
        Feed(link, [.. answer[..2], 0xFF, .. answer[3..12]]); // announces far more than comes
        _now += Duration.FromMilliseconds(500);
        Assert.Equal(Answer, Apdu(link, answer));
    }

    [Fact]
    public void AnyOctetsAreTakenWithoutAFault()
    {
        byte[][] frames =
        [
            FromServer(Ua, Parameters(HdlcParameters.Default)), FromServer(I(0, 1), AnswerField), FromServer(I(0, 0), AnswerField, true), FromServer(Rr(1)), FromServer(Rnr(0)),
            FromServer(Rej(1)), FromServer(Dm), FromServer(Frmr, [1, 2, 3]), FromServer(Ui, AnswerField), FromServer(0xFF), FromServer(I(1, 7), []), [0x7E, 0xA7, 0xFF],
        ];
        var random = new Random(11);
        var link = new HdlcClientLink(new HdlcSettings { Offer = HdlcParameters.Of(200, 7), ApduLengthMax = 5_000 }, 16);
        int connected = 0;
        for (int round = 0; round < 60_000; round++)
        {
            if (!link.IsConnected) link.Connect(_now);
            if (random.Next(3) == 0) link.TrySend(Request, _now);
            byte[] octets = [.. frames[random.Next(3) == 0 ? 0 : random.Next(frames.Length)]];
            if (random.Next(4) == 0) octets[random.Next(octets.Length)] ^= (byte)(1 << random.Next(8));
            Feed(link, octets);
            if (random.Next(5) == 0) link.Advance(_now += Duration.FromMilliseconds(random.Next(2_000)));
            if (link.IsConnected) connected++;
            Assert.True(link.TakeOutput().Length < 8 * 2_050, "a reply without end");
        }
        Assert.True(connected > 10_000);
    }

    [Fact]
    public void WrongSettingsAreTheCallersFault()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new HdlcClientLink(new HdlcSettings(), 128));
        Assert.Throws<ArgumentException>(() => new HdlcClientLink(new HdlcSettings { Server = new(2, 128, 1) }, 16));
        Assert.Throws<ArgumentException>(() => new HdlcClientLink(new HdlcSettings { Offer = HdlcParameters.Of(128, 8) }, 16));
        Assert.Throws<ArgumentException>(() => new HdlcServerLink(new HdlcSettings { Offer = HdlcParameters.Of(4, 1) }));
    }

    private HdlcClientLink Connected(HdlcParameters? parameters = null, bool usesReject = false)
    {
        HdlcParameters offer = parameters ?? HdlcParameters.Default;
        var link = new HdlcClientLink(new HdlcSettings { Offer = offer, UsesReject = usesReject }, 16);
        link.Connect(_now);
        link.TakeOutput();
        Assert.Equal(HdlcEvent.Connected, Feed(link, FromServer(Ua, Parameters(offer))));
        return link;
    }

    private string Send(HdlcClientLink link, byte[] apdu)
    {
        Assert.True(link.TrySend(apdu, _now));
        return Text(link.TakeOutput().Span);
    }

    private HdlcEvent Feed(HdlcClientLink link, byte[] octets) => Feed(link, octets, _now);

    private static HdlcEvent Feed(HdlcClientLink link, byte[] octets, Instant now)
    {
        link.Append(octets, now);
        HdlcEvent last = HdlcEvent.None;
        while (link.Read(out _) is var what && what != HdlcEvent.None) last = what;
        return last;
    }

    private byte[]? Apdu(HdlcClientLink link, byte[] octets)
    {
        link.Append(octets, _now);
        byte[]? apdu = link.Read(out ReadOnlySpan<byte> found) == HdlcEvent.Apdu ? found.ToArray() : null;
        Assert.Equal(HdlcEvent.None, link.Read(out _));
        return apdu;
    }
}
