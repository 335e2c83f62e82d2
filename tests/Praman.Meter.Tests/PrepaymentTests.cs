using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Meter.Events;
using Praman.Meter.Tokens;
using Praman.Metering;
using static Praman.Meter.Tests.ActingMeter;

namespace Praman.Meter.Tests;

/// <summary>Account, credits, charges and tokens: what is used is paid at the rate of its time, no credit cuts the supply, a token brings it back.</summary>
public class PrepaymentTests
{
    private static readonly ObisCode Account = new(0, 0, 19, 0, 0), Tokens = new(0, 0, 19, 10, 0), Emergency = new(0, 0, 19, 10, 1), Charge = new(0, 0, 19, 20, 0), Gateway = new(0, 0, 19, 40, 0);

    // 4 kW day and night: 80 cents an hour at rate 1, 120 at rate 2.
    private static VirtualMeter Steady() => Make(Watts((10 * 1440, 4000)));

    private static TestLink Prepaid(VirtualMeter meter, int cents)
    {
        TestLink link = meter.Link(TestMeter.Utility, Start).Connected();
        link.Do(115, Gateway, 1, CosemData.OctetString(Token(cents, 1)));
        link.Do(111, Account, 1, CosemData.Integer(0));
        return link;
    }

    private static byte[] Token(int cents, uint number, string serial = "E7") => TopUpToken.Make(cents, number, serial, TestMeter.Master);

    [Fact]
    public void TheTagOfATokenHasAKeyOfItsOwn()
    {
        // Both computed apart from this program: HMAC-SHA256 under HKDF-SHA256 of the master key, and under the master key itself as tokens once were made.
        byte[] token = Convert.FromHexString("000001F40000000274D38467361D3B8EE5D960FF00641F55"), old = Convert.FromHexString("000001F40000000245EB230916A7E525AA544CB5AFC17653");
        Assert.Equal(token, Token(500, 2));
        Assert.True(TopUpToken.TryOpen(token, "E7", TestMeter.Master, out int amount, out uint number));
        Assert.Equal((500, 2u), (amount, number));
        Assert.False(TopUpToken.TryOpen(old, "E7", TestMeter.Master, out _, out _));
    }

    [Fact]
    public void EnergyIsPaidAtTheRateOfItsTime()
    {
        using TestLink link = Prepaid(Steady(), 10_000);
        link.Now = At(6, 1, 12);
        Assert.Equal(10_000 - (7 * 80) - (5 * 120), link.Number(112, Tokens));
        Assert.Equal((7 * 80) + (5 * 120), link.Number(113, Charge));
        Assert.Equal(link.Number(112, Tokens), link.Number(111, Account, 5));
    }

    [Fact]
    public void WhatAClientPutsInForceByHandIsPaidFromThen()
    {
        using TestLink link = Prepaid(Steady(), 10_000);
        link.Now = At(6, 1, 1, 6); // within an interval
        link.Set(6, new(0, 0, 14, 0, 0), 4, CosemData.OctetString("RATE2"u8));
        link.Now = At(6, 1, 2);
        Assert.Equal(10_000 - 88 - 108, link.Number(112, Tokens));
    }

    [Fact]
    public void WithoutCreditTheSupplyIsCutAndATokenBringsItBack()
    {
        VirtualMeter meter = Steady();
        using TestLink link = Prepaid(meter, 200); // two hours and a half
        link.Now = At(6, 1, 5);
        Assert.Equal(2, link.Number(70, MeterObis.Relay, 3));
        Assert.Equal([(MeterEventCode.Disconnected, At(6, 1, 2, 30))], meter.Events.Of(6).Select(e => (e.Code, e.At)));
        Assert.Equal(10_000, link.Number(3, new(1, 0, 1, 8, 0)));
        Assert.False(meter.PressButton(link.Now, connect: true)); // no hand closes what credit opened
        link.Do(115, Gateway, 1, CosemData.OctetString(Token(80, 2)));
        Assert.Equal(1, link.Number(70, MeterObis.Relay, 3));
        meter.Advance(At(6, 1, 12));
        Assert.Equal([At(6, 1, 2, 30), At(6, 1, 5), At(6, 1, 6)], meter.Events.Of(6).Select(e => e.At));
    }

    [Fact]
    public void AnEmergencyCreditThatIsSelectedIsPaidBackByTheNextToken()
    {
        VirtualMeter meter = Steady();
        using TestLink link = Prepaid(meter, 200);
        link.Now = At(6, 1, 5);
        Assert.Equal((byte)CreditStatus.Selectable, link.Number(112, Emergency, 8));
        link.Do(112, Emergency, 3, CosemData.Integer(0));
        link.Now = At(6, 1, 5, 30);
        Assert.Equal(1, link.Number(70, MeterObis.Relay, 3)); // at the end of the interval in which it was selected
        link.Now = At(6, 1, 6, 15);
        Assert.Equal(420, link.Number(112, Emergency)); // an hour from 5:15 on
        link.Do(115, Gateway, 1, CosemData.OctetString(Token(1000, 2)));
        Assert.Equal((500, 920), (link.Number(112, Emergency), link.Number(112, Tokens)));
    }

    // Of another meter, altered, of another length, twice, older than one that was taken.
    [Theory]
    [InlineData("another", (byte)TokenStatusCode.AuthenticationFailure)]
    [InlineData("altered", (byte)TokenStatusCode.AuthenticationFailure)]
    [InlineData("short", (byte)TokenStatusCode.FormatFailure)]
    [InlineData("twice", (byte)TokenStatusCode.ValidationFailure)]
    [InlineData("older", (byte)TokenStatusCode.ValidationFailure)]
    public void ATokenThatIsNotForThisMeterOnceBringsNothing(string fault, byte status)
    {
        using TestLink link = Prepaid(Steady(), 200);
        byte[] token = fault switch
        {
            "another" => Token(500, 2, "E8"),
            "short" => Token(500, 2)[..20],
            "twice" => Token(200, 1),
            "older" => Token(500, 0),
            _ => Token(500, 2),
        };
        if (fault == "altered") token[3] ^= 0x40;
        Assert.Equal(ActionResult.OtherReason, link.Fails(link.Client.Action(new(115, Gateway, 1), CosemData.OctetString(token))).Action);
        Assert.Equal(200, link.Number(112, Tokens));
        Assert.Equal(status, link.Value(115, Gateway, 6)[0].TryGetInt64(out long shown) ? shown : -1);
    }

    [Fact]
    public void ARelayThatAClientOpenedIsNotClosedByAToken()
    {
        VirtualMeter meter = Steady();
        using TestLink link = Prepaid(meter, 200);
        link.Now = At(6, 1, 5);
        link.Do(70, MeterObis.Relay, 1, CosemData.Integer(0));
        Assert.Equal(0, link.Number(70, MeterObis.Relay, 3));
        link.Do(115, Gateway, 1, CosemData.OctetString(Token(1000, 2)));
        Assert.Equal(0, link.Number(70, MeterObis.Relay, 3));
        link.Now = At(6, 1, 6);
        Assert.Equal(0, link.Number(70, MeterObis.Relay, 3));
    }

    // In mode 4 the meter refuses to close a relay that waits for a hand, in mode 5 it is made ready: neither brings supply without credit.
    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public void AClientThatAsksForSupplyWithoutCreditChangesNothing(byte mode, bool taken)
    {
        VirtualMeter meter = Steady();
        using TestLink link = Prepaid(meter, 200);
        link.Set(70, MeterObis.Relay, 4, CosemData.Enumeration(mode));
        link.Now = At(6, 1, 5);
        if (taken) link.Do(70, MeterObis.Relay, 2, CosemData.Integer(0));
        else Assert.Equal(ActionResult.ReadWriteDenied, link.Fails(link.Client.Action(new(70, MeterObis.Relay, 2), CosemData.Integer(0))).Action);
        Assert.False(meter.PressButton(link.Now, connect: true));
        Assert.Equal(2, link.Number(70, MeterObis.Relay, 3));
        link.Do(115, Gateway, 1, CosemData.OctetString(Token(1000, 2)));
        Assert.Equal(1, link.Number(70, MeterObis.Relay, 3));
    }

    [Fact]
    public void AnAccountThatIsNotInUseChargesNothingAndCutsNothing()
    {
        VirtualMeter meter = Steady();
        using TestLink link = meter.Link(TestMeter.Utility, At(6, 2)).Connected();
        Assert.Equal((0, 0), (link.Number(113, Charge), link.Number(111, Account, 5)));
        Assert.Empty(meter.Events.Of(6));
        link.Do(115, Gateway, 1, CosemData.OctetString(Token(1000, 1)));
        link.Do(111, Account, 1, CosemData.Integer(0));
        link.Now = At(6, 2, 1);
        Assert.Equal(1000 - 80, link.Number(112, Tokens)); // from its activation on, not from installation
    }

    [Theory]
    [InlineData(720)] // asked once
    [InlineData(7)]
    public void AnAccountThatAScriptActivatesChargesFromThenOnWhoeverAsksWhen(int askEveryMinutes)
    {
        // The push script of the file activates the account instead, once a day at one o'clock.
        MeterType type = Type("e-meter", text => text.Replace(
            """{"type": "long-unsigned", "value": 40}, {"type": "octet-string", "value": "obis:0.0.25.9.0.255"}, {"type": "integer", "value": 1}, {"type": "integer", "value": 0}""",
            """{"type": "long-unsigned", "value": 111}, {"type": "octet-string", "value": "obis:0.0.19.0.0.255"}, {"type": "integer", "value": 1}, {"type": "integer", "value": 0}""",
            StringComparison.Ordinal));
        VirtualMeter meter = Make(type, Watts((1440, 4000)));
        using TestLink link = meter.Link(TestMeter.Utility, Start).Connected();
        link.Do(115, Gateway, 1, CosemData.OctetString(Token(10_000, 1)));
        link.Set(22, new(0, 0, 15, 0, 4), 4, CosemData.Array(CosemData.Structure(CosemData.OctetString([1, 0, 0, 0]), CosemData.OctetString([0xFF, 0xFF, 0xFF, 0xFF, 0xFF]))));
        for (int minute = askEveryMinutes; minute <= 720; minute += askEveryMinutes) meter.Advance(Start + NodaTime.Duration.FromMinutes(minute));
        link.Now = At(6, 1, 12);
        Assert.Equal(10_000 - (6 * 80) - (5 * 120), link.Number(112, Tokens));
    }
}
