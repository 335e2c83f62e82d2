using System.Text.Json;
using NodaTime;
using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Cosem;
using Praman.Dlms.Security;
using Praman.Dlms.Server;
using Praman.Testing;
using static Praman.Dlms.Tests.Association.Wire;

namespace Praman.Dlms.Tests.Association;

/// <summary>Our server against a recorded client, and our client against a recorded server: to the octet where the standard leaves no choice.</summary>
public class RecordedSessionTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 23, 14, 53, 14);
    private const Conformance Asked = (Conformance)0x621E5D;

    [Fact]
    public void OurServerAnswersThePublicClientAsRecorded()
    {
        RecordedSession session = RecordedSession.Load("w-pc", 16);
        var device = new TestDevice { Time = CosemDateTime.From(new LocalDateTime(2026, 11, 23, 20, 23, 14), Offset.FromHoursAndMinutes(5, 30), indianSign: true) with { DayOfWeek = 0xFF, Hundredths = 0xFF } };
        using var server = new DlmsServerAssociation(device);
        Assert.Equal(AssociationResult.Accepted, Open(server, session["01-req"]).Result);
        foreach (int step in (int[])[3, 5, 7, 9]) AssertAnswers(session, step, server);
        Assert.IsType<Rlre>(Decode(server.Receive(session["11-req"], Now)));
        Assert.False(server.IsAssociated);
    }

    [Fact]
    public void OurServerAnswersTheMeterReaderAsRecorded()
    {
        RecordedSession session = RecordedSession.Load("w-mr", 32);
        using var server = new DlmsServerAssociation(new TestDevice(pduSize: 1024));
        Assert.Equal(AssociationResult.Accepted, Open(server, session["01-req"]).Result);
        foreach (int step in (int[])[3, 5, 7, 9, 11, 13, 15, 17]) AssertAnswers(session, step, server); // objects, a range and entries of the profile
        Assert.IsType<Rlre>(Decode(server.Receive(session["19-req"], Now)));
    }

    [Fact]
    public void OurServerAnswersTheMeterReaderBehindHdlcWithTheSameApdus()
    {
        RecordedSession session = RecordedSession.Load("h-mr", 32);
        using var server = new DlmsServerAssociation(new TestDevice());
        Assert.Equal(AssociationResult.Accepted, Open(server, session["03-req"]).Result);
        int compared = 0;
        for (int step = 5; step < 20; step += 2)
        {
            if (!session.Has($"{step:00}-req") || !session.Has($"{step + 1:00}-res")) continue; // link control, or an answer in segments
            AssertAnswers(session, step, server);
            compared++;
        }
        Assert.Equal(4, compared);
    }

    [Fact]
    public void OurServerRefusesTheWrongPasswordAsRecorded()
    {
        RecordedSession session = RecordedSession.Load("w-mr-wrongpw", 32);
        using var server = new DlmsServerAssociation(new TestDevice());
        Aare ours = Open(server, session["01-req"]), theirs = (Aare)Decode(session["02-res"]);
        Assert.Equal((theirs.Result, theirs.Diagnostic, theirs.Context), (ours.Result, ours.Diagnostic, ours.Context));
    }

    [Theory]
    [InlineData("w-us", "53152B640775381C27226A2B13241062", 21)]
    [InlineData("w-us-authonly", "6078354E3B244B1C6A31570C48125D3A", 5)]
    [InlineData("w-us-ded", "524E123F0C283712780D315912632448", 5)]
    public void OurServerAnswersTheUtilityAsRecordedCounterForCounterAndTagForTag(string name, string challenge, int lastRequest)
    {
        RecordedSession session = RecordedSession.Load(name, 48);
        var device = new TestDevice(policy: name == "w-us-authonly" ? (byte)1 : (byte)3, pduSize: 2048);
        using var server = new DlmsServerAssociation(device, octets => Convert.FromHexString(challenge).CopyTo(octets));
        Aare aare = Open(server, session["01-req"]);
        Assert.Equal(AcseDiagnostic.AuthenticationRequired, aare.Diagnostic);
        for (int step = 3; step <= lastRequest; step += 2) AssertAnswers(session, step, server);
        Assert.True(device.Connected); // it was opened and closed again on the way
        string release = $"{lastRequest + 2:00}-req";
        Assert.IsType<Rlre>(Decode(server.Receive(session[release], Now)));
        // Once more: every request is a replay now.
        Assert.IsType<ExceptionResponse>(Decode(server.Receive(session["01-req"], Now)));
    }

    [Theory]
    [InlineData("w-us", "58684C1A4A740A637658602551097507", 100, 0x30, "")]
    [InlineData("w-us-authonly", "6F731F124711070024344B5645091155", 400, 0x10, "")]
    [InlineData("w-us-ded", "670D77685969455B5B4D3E7777723C3D", 300, 0x30, "00112233445566778899AABBCCDDEEFF")]
    public void OurClientOpensAsRecordedAndReadsTheRecordedAnswers(string name, string challenge, uint counter, byte control, string dedicated)
    {
        RecordedSession session = RecordedSession.Load(name, 48);
        var settings = new DlmsClientSettings
        {
            ClientSap = 48, Mechanism = AuthenticationMechanism.HlsGmac, IsCiphered = true, SystemTitle = TestDevice.ClientTitle, Guek = TestDevice.Guek, Gak = TestDevice.Gak,
            Protection = new SecurityControl(control), Conformance = Asked, DedicatedKey = Convert.FromHexString(dedicated), InvokeIdMax = 1,
            FillRandom = octets => Convert.FromHexString(challenge).CopyTo(octets),
        };
        using var client = new DlmsClient(settings, new CounterLease(counter, 100));
        Assert.Equal(Convert.ToHexString(session["01-req"]), Convert.ToHexString(client.Connect().Send.Span));
        // The recorded answer of the session with a dedicated key is kept apart: it is tagged dedicated and ciphered with the global key.
        byte[] aare = session.Has("02-res") ? session["02-res"] : ToClient(48, Convert.FromHexString(Quirk("gurux-aare-general-ded-with-global-key")));
        ClientStep step = client.Received(aare);
        Assert.Null(step.Error);
        Assert.Equal(Convert.ToHexString(session["03-req"]), Convert.ToHexString(step.Send.Span));
        Assert.True(client.Received(session["04-res"]).IsDone);
        Assert.Equal(TestDevice.Title, client.ServerTitle.ToArray());
        client.Get(new(3, TestDevice.Import, 2));
        Assert.True(client.Received(session["06-res"]).IsDone);
        Assert.True(client.TryGetValue(out CosemData value, out _));
        Assert.Equal(CosemData.DoubleLongUnsigned(1_234_567), value);
        if (name != "w-us") return;
        client.Get(new(7, TestDevice.Profile, 2));
        Assert.True(client.Received(session["14-res"]).IsDone);
        Assert.True(ProfileRowReader.TryOpen(client.Data, TimestampRule.India, 1800, out ProfileRowReader rows, out _));
        Assert.Equal(8, rows.RowCount);
        long[] row = new long[6];
        Assert.True(rows.TryReadRow(row, out _));
        Assert.Equal([Instant.FromUtc(2026, 3, 1, 0, 30).ToUnixTimeSeconds(), 23_012, 12, 12, 5, 3], row);
        client.Action(new(70, TestDevice.Relay, 1), CosemData.Integer(0));
        Assert.True(client.Received(session["16-res"]).IsDone);
    }

    [Fact]
    public void OurClientTakesAWrongReleaseAnswerForTheEnd()
    {
        using var client = new DlmsClient(new DlmsClientSettings { ClientSap = 16, Conformance = Asked });
        RecordedSession session = RecordedSession.Load("w-pc", 16);
        Assert.Equal(Convert.ToHexString(session["01-req"]), Convert.ToHexString(client.Connect().Send.Span));
        Assert.True(client.Received(session["02-res"]).IsDone);
        Assert.Equal(Convert.ToHexString(session["11-req"]), Convert.ToHexString(client.Release().Send.Span));
        Assert.True(client.Received(ToClient(16, Convert.FromHexString("630580038001"))).IsDone);
        Assert.False(client.IsAssociated);
    }

    [Fact]
    public void OurClientNamesTheRecordedRejection()
    {
        using var client = new DlmsClient(new DlmsClientSettings { ClientSap = 32, Mechanism = AuthenticationMechanism.Lls, Secret = "bad"u8.ToArray(), Conformance = Asked });
        RecordedSession session = RecordedSession.Load("w-mr-wrongpw", 32);
        Assert.Equal(Convert.ToHexString(session["01-req"]), Convert.ToHexString(client.Connect().Send.Span));
        ClientStep step = client.Received(session["02-res"]);
        Assert.Equal(ClientErrorKind.AuthenticationFailed, step.Error!.Kind);
    }

    [Fact]
    public void OurClientAsksWhatTheRecordedPublicClientAskedOctetForOctet()
    {
        using var client = new DlmsClient(new DlmsClientSettings { ClientSap = 16, Conformance = Asked, InvokeIdMax = 1 });
        Replay(client, "w-pc", 16,
            c => c.Connect(), c => c.Get(new(1, new(0, 0, 42, 0, 0), 2)), c => c.Get(new(1, new(0, 0, 43, 1, 3), 2)), c => c.Get(new(8, new(0, 0, 1, 0, 0), 2)), c => c.Get(new(8, new(0, 0, 1, 0, 0), 3)), c => c.Release());
    }

    [Fact]
    public void OurClientAsksWhatTheRecordedMeterReaderAskedOctetForOctet()
    {
        var settings = new DlmsClientSettings { ClientSap = 32, Mechanism = AuthenticationMechanism.Lls, Secret = "lnt1"u8.ToArray(), Conformance = Asked, InvokeIdMax = 1 };
        using var client = new DlmsClient(settings);
        var since = new CosemDateTime(2026, 3, 1, 0xFF, 0, 30, 0, 0xFF, 0, 0);
        Func<DlmsClient, ClientStep> columns = c => c.Get(new(7, TestDevice.Profile, 3));
        Replay(client, "w-mr", 32,
            c => c.Connect(), c => c.Get(new(3, TestDevice.Import, 3)), c => c.Get(new(3, TestDevice.Import, 2)), columns, c => c.Get(new(7, TestDevice.Profile, 4)), c => c.Get(new(7, TestDevice.Profile, 7)),
            c => c.GetRange(TestDevice.Profile, since, since with { Hour = 4, Minute = 0 }), columns, c => c.GetEntries(TestDevice.Profile, 1, 3), c => c.Release());
    }

    [Theory]
    [InlineData("w-us", "58684C1A4A740A637658602551097507")]
    public void OurClientAsksWhatTheRecordedUtilityAskedUnderWhateverEnvelope(string name, string challenge)
    {
        RecordedSession session = RecordedSession.Load(name, 48);
        var settings = new DlmsClientSettings
        {
            ClientSap = 48, Mechanism = AuthenticationMechanism.HlsGmac, IsCiphered = true, SystemTitle = TestDevice.ClientTitle, Guek = TestDevice.Guek, Gak = TestDevice.Gak,
            Conformance = Asked, InvokeIdMax = 1, FillRandom = octets => Convert.FromHexString(challenge).CopyTo(octets),
        };
        using var client = new DlmsClient(settings, new CounterLease(100, 100));
        client.Connect();
        client.Received(session["02-res"]);
        Assert.True(client.Received(session["04-res"]).IsDone);
        AttributeDescriptor relay = new(70, TestDevice.Relay, 2);
        Func<DlmsClient, ClientStep>[] asks =
        [
            c => c.Get(new(3, TestDevice.Import, 2)), c => c.Get(new(7, TestDevice.Profile, 3)), c => c.Get(new(7, TestDevice.Profile, 4)), c => c.Get(new(7, TestDevice.Profile, 7)),
            c => c.GetRange(TestDevice.Profile, new(2026, 3, 1, 0xFF, 0, 30, 0, 0xFF, 0, 0), new(2026, 3, 1, 0xFF, 4, 0, 0, 0xFF, 0, 0)),
            c => c.Action(new(70, TestDevice.Relay, 1), CosemData.Integer(0)), c => c.Get(relay), c => c.Action(new(70, TestDevice.Relay, 2), CosemData.Integer(0)), c => c.Get(relay),
        ];
        using var opener = new SecurityContext(SecurityControl.AuthenticatedEncryption, TestDevice.Title, TestDevice.Guek, TestDevice.Gak);
        opener.SetPeerSystemTitle(TestDevice.ClientTitle);
        for (int index = 0; index < asks.Length; index++)
        {
            int step = 5 + (2 * index);
            string asked = Open(asks[index](client).Send.Span), recorded = Open(session[$"{step:00}-req"]);
            Assert.Equal((step, recorded), (step, asked));
            Assert.True(client.Received(session[$"{step + 1:00}-res"]).IsDone);
        }

        string Open(ReadOnlySpan<byte> frame)
        {
            byte[] plain = new byte[frame.Length];
            opener.ReceiveCounterMin = 0;
            Assert.Equal(SecurityOutcome.Success, opener.Unprotect(frame[Praman.Dlms.Framing.WrapperHeader.Length..], plain, out int written));
            return Convert.ToHexString(plain.AsSpan(0, written));
        }
    }

    // Each request as it was recorded, each recorded answer taken.
    private static void Replay(DlmsClient client, string name, ushort sap, params Func<DlmsClient, ClientStep>[] asks)
    {
        RecordedSession session = RecordedSession.Load(name, sap);
        int step = 1;
        foreach (Func<DlmsClient, ClientStep> ask in asks)
        {
            Assert.Equal((step, Convert.ToHexString(session[$"{step:00}-req"])), (step, Convert.ToHexString(ask(client).Send.Span)));
            if (session.Has($"{step + 1:00}-res")) Assert.True(client.Received(session[$"{step + 1:00}-res"]).IsDone);
            step += 2;
        }
        Assert.False(session.Has($"{step:00}-req"));
    }

    private static Aare Open(DlmsServerAssociation server, byte[] aarq) => Assert.IsType<Aare>(Decode(server.Receive(aarq, Now)));

    private static void AssertAnswers(RecordedSession session, int step, DlmsServerAssociation server)
    {
        string answer = Convert.ToHexString(server.Receive(session[$"{step:00}-req"], Now).Span);
        Assert.Equal((step, Convert.ToHexString(session[$"{step + 1:00}-res"])), (step, answer));
    }

    private static string Quirk(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/dlms/quirks.json")));
        return document.RootElement.EnumerateArray().Single(v => v.GetProperty("name").GetString() == name).GetProperty("hex").GetString()!;
    }
}
