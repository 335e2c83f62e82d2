using System.Buffers;
using System.Text;
using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Framing;
using Praman.Dlms.Push;
using Praman.Dlms.Security;
using Praman.Meter.Definitions;
using Praman.Meter.Load;
using Praman.Metering;

namespace Praman.Meter.Tests;

/// <summary>Push setups of version 3: pushes that wait for their confirmation, and protection as the setup says.</summary>
public sealed class PushConfirmationTests : IDisposable
{
    private const string Profile = """
        {"format": "praman-meter/1", "name": "pushes", "meter": {"category": "E", "securitySuite": SUITE}, "objects": [
          {"class": 1, "logicalName": "0.0.96.1.0.255", "shows": "serial number"},
          {"class": 40, "version": 3, "logicalName": "0.0.25.9.0.255", "acts": {
            "2": {"type": "array", "value": [{"type": "structure", "value": [{"type": "long-unsigned", "value": 1}, {"type": "octet-string", "value": "obis:0.0.96.1.0.255"},
              {"type": "integer", "value": 2}, {"type": "long-unsigned", "value": 0}, {"type": "structure", "value": [{"type": "enum", "value": 0}, {"type": "unsigned", "value": 0}]}, {"type": "array", "value": []}]}]},
            "3": {"type": "structure", "value": [{"type": "enum", "value": 0}, {"type": "octet-string", "value": "127.0.0.1:4059"}, {"type": "enum", "value": 0}]},
            "6": {"type": "unsigned", "value": 3},
            "7": {"type": "structure", "value": [{"type": "long-unsigned", "value": 60}, {"type": "long-unsigned", "value": 200}, {"type": "long-unsigned", "value": 0}]},
            "11": {"type": "enum", "value": 2}}}]}
        """;

    private static readonly ObisCode Setup = new(0, 0, 25, 9, 0);
    private static readonly Instant Start = TestMeter.Start;
    private readonly EllipticKeys _meterKeys = EllipticKeys.Generate(1), _clientKeys = EllipticKeys.Generate(1);

    private VirtualMeter Make(int suite = 0)
    {
        Assert.True(MeterDefinition.TryParse(Encoding.UTF8.GetBytes(Profile.Replace("SUITE", suite.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)), out MeterDefinition? definition, out string? fault), fault);
        MeterKeys keys = suite == 0 ? TestMeter.Keys : TestMeter.Keys with { KeyPairs = _meterKeys, ClientKeys = _clientKeys };
        return new(definition.CreateType(), "P1", TestMeter.MeterTitle, keys, new HouseholdLoad(1, Start, Offset.Zero), Start);
    }

    private static void Begin(VirtualMeter meter, Instant now, uint counter = 1)
    {
        using TestLink link = meter.Link(TestMeter.Utility with { Protection = new(meter.Model.SecuritySuite, true, true) }, now, counter).Connected();
        link.Do(40, Setup, 1, CosemData.Integer(0));
    }

    private static MeterPush Take(VirtualMeter meter, Instant now)
    {
        Assert.True(meter.TryTakePush(now, out MeterPush? push));
        return push;
    }

    private static byte[] Confirmation(uint invoke, uint counter, byte[]? key = null, byte[]? title = null)
    {
        using var security = new SecurityContext(SecurityControl.AuthenticatedEncryption, title ?? TestMeter.ClientTitle, key ?? TestMeter.Guek, TestMeter.Gak) { SendCounter = counter };
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new AxdrWriter(buffer);
        Assert.Equal(SecurityOutcome.Success, security.Protect(Protection.GeneralGlobal, new DataNotificationConfirm(new LongInvokeId(invoke, confirmed: true).Octets).Encode(), ref writer));
        writer.Flush();
        byte[] frame = new byte[WrapperHeader.Length + buffer.WrittenCount];
        new WrapperHeader(64, 1, (ushort)buffer.WrittenCount).Write(frame);
        buffer.WrittenSpan.CopyTo(frame.AsSpan(WrapperHeader.Length));
        return frame;
    }

    [Fact]
    public void APushThatIsSentHasArrivedOnlyOnceItIsConfirmed()
    {
        VirtualMeter meter = Make();
        Begin(meter, Start);
        Instant now = Start + Duration.FromSeconds(1);
        MeterPush first = Take(meter, now);
        Assert.True(first.AwaitsConfirmation);
        meter.PushEnded(first, now, arrived: true); // sent, and nothing came back
        Assert.False(meter.TryTakePush(now + Duration.FromSeconds(58), out _));
        now += Duration.FromSeconds(61);
        MeterPush second = Take(meter, now);
        Assert.Equal(2, second.TryCount);
        uint invoke = second.ConfirmedInvoke!.Value;
        Assert.NotEqual(first.ConfirmedInvoke!.Value, invoke);

        Assert.False(meter.TryConfirmPush(second, Confirmation(first.ConfirmedInvoke.Value, 4), now)); // of the one before
        Assert.False(meter.TryConfirmPush(second, Confirmation(invoke, 4), now)); // its counter came already
        Assert.False(meter.TryConfirmPush(second, Confirmation(invoke, 5, key: new byte[16]), now));
        Assert.False(meter.TryConfirmPush(second, second.Frame.Span, now)); // its own words
        byte[] confirmation = Confirmation(invoke, 6);
        for (int length = 0; length < confirmation.Length; length++) Assert.False(meter.TryConfirmPush(second, confirmation.AsSpan(0, length), now));
        byte[] altered = [.. confirmation];
        altered[^1] ^= 1;
        Assert.False(meter.TryConfirmPush(second, altered, now));
        Assert.True(meter.TryConfirmPush(second, confirmation, now));
        meter.PushEnded(second, now, arrived: true);
        Assert.False(meter.TryTakePush(now + Duration.FromHours(1), out _));

        using TestLink link = meter.Link(TestMeter.Utility, now + Duration.FromHours(1), counter: 100).Connected();
        Assert.True(link.Value(40, Setup, 13).TryGetDateTime(out CosemDateTime last) && last.TryToInstant(out _));
        last.TryToInstant(out Instant at);
        Assert.Equal(now.ToUnixTimeSeconds(), at.ToUnixTimeSeconds());
    }

    [Fact]
    public void WithoutAConfirmationItsRetriesEndAndUnconfirmedSetupsWaitForNone()
    {
        VirtualMeter meter = Make();
        Begin(meter, Start);
        var tries = new List<int>();
        for (Instant at = Start; at < Start + Duration.FromHours(1); at += Duration.FromSeconds(10))
        {
            if (!meter.TryTakePush(at, out MeterPush? push)) continue;
            tries.Add((int)(at - Start).TotalMinutes);
            meter.PushEnded(push, at, arrived: true);
        }
        Assert.Equal([0, 1, 3, 7], tries); // a minute, two, four
        using TestLink link = meter.Link(TestMeter.Utility, Start + Duration.FromHours(1), counter: 100).Connected();
        link.Set(40, Setup, 11, CosemData.Enumeration(0));
        link.Do(40, Setup, 1, CosemData.Integer(0));
        MeterPush once = Take(meter, link.Now + Duration.FromSeconds(1));
        Assert.False(once.AwaitsConfirmation);
        meter.PushEnded(once, link.Now + Duration.FromSeconds(1), arrived: true);
        Assert.False(meter.TryTakePush(link.Now + Duration.FromHours(1), out _));
    }

    private static CosemData Layer(byte type, byte keyType, CosemData options) => CosemData.Structure(CosemData.Enumeration(type), CosemData.Structure(
        CosemData.OctetString([]), CosemData.OctetString(TestMeter.MeterTitle), CosemData.OctetString(TestMeter.ClientTitle), CosemData.OctetString([]),
        CosemData.Structure(CosemData.Enumeration(keyType), options)));

    private static readonly CosemData Identified = CosemData.Enumeration(0);

    private static CosemData Agreed(byte scheme) => CosemData.Structure(CosemData.OctetString([scheme]), CosemData.OctetString([]));

    private static CosemData Wrapped => CosemData.Structure(CosemData.Enumeration(0), CosemData.OctetString([]));

    public static TheoryData<int, string, Protection?, bool> Protections => new()
    {
        { 0, "", Protection.GeneralGlobal, false },
        { 0, "identified", Protection.GeneralIdentified, false },
        { 0, "wrapped", Protection.GeneralWrapped, false },
        { 1, "identified", Protection.GeneralIdentified, false },
        { 1, "one-pass", Protection.GeneralOnePass, false },
        { 1, "static", Protection.GeneralStatic, false },
        { 1, "signature, identified", Protection.GeneralIdentified, true },
        { 1, "identified, signature", Protection.GeneralIdentified, true },
        { 1, "signature, one-pass", Protection.GeneralOnePass, true },
        { 0, "broadcast", null, false },
        { 0, "identified, identified", null, false },
        { 0, "one-pass", null, false },
    };

    [Theory, MemberData(nameof(Protections))]
    public void APushIsProtectedAsItsSetupSays(int suite, string layers, Protection? envelope, bool isSigned)
    {
        VirtualMeter meter = Make(suite);
        using TestLink link = meter.Link(TestMeter.Utility with { Protection = new(suite, true, true) }, Start).Connected();
        link.Set(40, Setup, 10, CosemData.Array([.. layers.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(layer => layer switch
        {
            "identified" => Layer(2, 0, Identified),
            "broadcast" => Layer(2, 0, CosemData.Enumeration(1)),
            "wrapped" => Layer(2, 1, Wrapped),
            "one-pass" => Layer(2, 2, Agreed(1)),
            "static" => Layer(2, 2, Agreed(2)),
            _ => Layer(3, 0, Identified),
        })]));
        link.Do(40, Setup, 1, CosemData.Integer(0));
        if (envelope is null)
        {
            Assert.False(meter.TryTakePush(Start + Duration.FromSeconds(1), out _)); // never less than was asked for
            return;
        }
        MeterPush push = Take(meter, Start + Duration.FromSeconds(1));
        using var security = new SecurityContext(new SecurityControl(suite, true, true), TestMeter.ClientTitle, TestMeter.Guek, TestMeter.Gak)
        {
            OwnKeys = suite == 0 ? null : _clientKeys, IsResponder = true, RequiresSignature = isSigned,
        };
        security.SetPeerSystemTitle(TestMeter.MeterTitle);
        security.SetPeerKeys(suite == 0 ? null : _meterKeys, owned: false);
        security.SetKeyEncryptionKey(TestMeter.Master);
        var receiver = new PushReceiver(new()
        {
            RequiresAuthentication = true, FindSecurity = _ => security,
            OpenGeneral = (apdu, _, plain) =>
            {
                byte[] octets = new byte[apdu.Length];
                SecurityOutcome outcome = security.Unprotect(apdu, octets, out int written);
                plain.Write(octets.AsSpan(0, written));
                return outcome;
            },
        });
        receiver.Append(push.Frame.Span);
        Assert.True(receiver.TryTake(out PushMessage? message));
        Assert.Equal((PushFault.None, ""), (message.Fault, message.FaultText));
        Assert.Equal((envelope.Value, isSigned), (security.Opened.Protection, security.Opened.IsSigned));
        Assert.Equal("P1", Encoding.ASCII.GetString(Assert.IsType<DataNotification>(message.Apdu).Body[0].OctetSpan));
    }

    public void Dispose()
    {
        _meterKeys.Dispose();
        _clientKeys.Dispose();
    }
}
