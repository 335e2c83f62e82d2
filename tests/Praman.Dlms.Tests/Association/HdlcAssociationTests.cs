using System.Text.Json;
using NodaTime;
using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Cosem;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;
using Praman.Dlms.Tests.Axdr;
using Praman.Dlms.Tests.Framing;
using Praman.Testing;

namespace Praman.Dlms.Tests.Association;

/// <summary>Whole associations over HDLC: our client and server, against each other and against recorded ones.</summary>
public class HdlcAssociationTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 3, 3, 0, 0);
    private static readonly AttributeDescriptor Import = new(3, TestDevice.Import, 2), Profile = new(7, TestDevice.Profile, 2);

    private static DlmsClientSettings Utility(HdlcSettings hdlc) => new()
    {
        ClientSap = 48, Mechanism = AuthenticationMechanism.HlsGmac, IsCiphered = true, SystemTitle = TestDevice.ClientTitle, Guek = TestDevice.Guek, Gak = TestDevice.Gak, Hdlc = hdlc,
    };

    [Theory]
    [InlineData(1, 0, 128, 1)]
    [InlineData(2, 17, 64, 3)]
    [InlineData(4, 17, 2030, 7)]
    [InlineData(4, 9_999, 33, 7)]
    public void AnEncryptedAssociationWithHlsRunsOverTheLink(int octets, int physical, int information, int window)
    {
        var hdlc = new HdlcSettings { Server = new(octets, 1, physical), Offer = HdlcParameters.Of(information, window) };
        var device = new TestDevice();
        using var server = new DlmsServerAssociation(device, hdlc: hdlc);
        using var client = new DlmsClient(Utility(hdlc), new CounterLease(1, 1_000));
        Done(client, server, client.Connect());
        Assert.True(client.IsAssociated && server.IsAssociated);
        Assert.Equal(TestDevice.Title, client.ServerTitle.ToArray());
        Done(client, server, client.Get(Import));
        Assert.True(client.TryGetValue(out CosemData value, out _));
        Assert.Equal(CosemData.DoubleLongUnsigned(1_234_567), value);
        Done(client, server, client.Get(Profile)); // by blocks, each of them in segments
        Assert.True(ProfileRowReader.TryOpen(client.Data, TimestampRule.India, 1800, out ProfileRowReader rows, out _));
        Assert.Equal(96, rows.RowCount);
        var text = CosemData.OctetString(RandomData.Octets(new Random(1), 5_000));
        Done(client, server, client.Set(new(1, TestDevice.Text, 2), text));
        Assert.Equal(text, device.Written);
        Done(client, server, client.Action(new(70, TestDevice.Relay, 1), CosemData.Integer(0)));
        Assert.False(device.Connected);
        Done(client, server, client.Release());
        Assert.False(client.IsAssociated || server.IsAssociated);
        Assert.Null(client.Due);
        Done(client, server, client.Connect()); // once more over the same line
        Done(client, server, client.Disconnect());
        Assert.False(server.IsAssociated); // the link took it along
    }

    [Fact]
    public void ALostFrameIsAskedForAgainInTime()
    {
        var hdlc = new HdlcSettings { RepeatCountMax = 20 };
        using var server = new DlmsServerAssociation(new TestDevice(), hdlc: hdlc);
        using var client = new DlmsClient(Utility(hdlc), new CounterLease(1, 1_000));
        var random = new Random(7);
        Instant now = Now;
        int lost = 0;
        foreach (Func<ClientStep> request in (Func<ClientStep>[])[client.Connect, () => client.Get(Profile), () => client.Get(Import), client.Release])
        {
            client.Advance(now);
            ClientStep step = request();
            while (step.Status == ClientStatus.Pending)
            {
                bool drop = random.Next(4) == 0, dropAnswer = random.Next(4) == 0;
                byte[] answer = drop ? [] : server.Receive(step.Send.Span, now).ToArray();
                if (dropAnswer) answer = [];
                if (drop || dropAnswer) lost++;
                if (answer.Length == 0)
                {
                    now = client.Due!.Value;
                    step = client.Advance(now);
                }
                else step = client.Received(answer, now += Duration.FromMilliseconds(50));
            }
            Assert.True(step.IsDone, step.Error?.ToString());
        }
        Assert.True(lost > 10);
    }

    [Fact]
    public void ALinkThatFailsIsToldFromAnAssociationThatDoes()
    {
        using var client = new DlmsClient(Utility(new HdlcSettings { RepeatCountMax = 1 }), new CounterLease(1, 1_000));
        client.Advance(Now);
        client.Connect();
        ClientStep step = default;
        for (int turn = 0; turn < 2; turn++) step = client.Advance(client.Due!.Value);
        Assert.Equal((ClientErrorKind.LinkLost, HdlcFault.TimedOut), (step.Error!.Kind, step.Error.Link));
        client.Connect();
        step = client.Received(HdlcWire.Frame(HdlcAddress.Short(48), HdlcAddress.Short(1), HdlcWire.Dm));
        Assert.Equal((ClientErrorKind.LinkLost, HdlcFault.Refused), (step.Error!.Kind, step.Error.Link));
        Assert.Equal(ClientErrorKind.NotAssociated, client.Get(Import).Error!.Kind);
        client.Connect(); // and again
        step = client.Received(HdlcWire.Frame(HdlcAddress.Short(48), HdlcAddress.Short(1), HdlcWire.Ua));
        Assert.Equal(ClientStatus.Pending, step.Status);
        Assert.StartsWith("I0,0", HdlcWire.Text(step.Send.Span), StringComparison.Ordinal); // the AARQ
    }

    [Fact]
    public void SeveralMetersShareALine()
    {
        HdlcSettings[] places = [.. Enumerable.Range(17, 5).Select(physical => new HdlcSettings { Server = new(2, 1, physical) })];
        DlmsServerAssociation[] meters = [.. places.Select(place => new DlmsServerAssociation(new TestDevice(), hdlc: place))];
        var line = new HdlcLine(meters);
        DlmsClient[] clients = [.. places.Select(place => new DlmsClient(Utility(place), new CounterLease(1, 1_000)))];
        foreach (DlmsClient client in clients) Run(client, client.Connect());
        Assert.All(meters, meter => Assert.True(meter.IsAssociated));
        for (int round = 0; round < 3; round++)
        {
            foreach (DlmsClient client in clients) Run(client, client.Get(Import)); // in turn, each on its own link
        }
        Run(clients[2], clients[2].Release());
        Assert.Equal([true, true, false, true, true], meters.Select(meter => meter.IsAssociated));
        line.Receive(default, Now + Duration.FromSeconds(121)); // silence closes the others
        Assert.All(meters, meter => Assert.False(meter.IsAssociated));
        foreach (IDisposable one in (IDisposable[])[.. meters, .. clients]) one.Dispose();

        void Run(DlmsClient client, ClientStep step)
        {
            while (step.Status == ClientStatus.Pending)
            {
                // An RS-485 line gives back what is sent on it; every station and the client hear the whole conversation.
                byte[] sent = step.Send.ToArray(), answer = line.Receive(sent, Now).ToArray();
                Assert.Empty(line.Receive(answer, Now).ToArray());
                Assert.NotEmpty(answer);
                step = client.Received([.. sent, .. answer]);
            }
            Assert.True(step.IsDone, step.Error?.ToString());
        }
    }

    [Fact]
    public void AUiCannotAnswerARequest()
    {
        var hdlc = new HdlcSettings();
        using var server = new DlmsServerAssociation(new TestDevice(), hdlc: hdlc);
        using var client = new DlmsClient(new DlmsClientSettings { Hdlc = hdlc });
        Done(client, server, client.Connect());
        client.Get(Import);
        byte[] forged = [.. LlcHeader.Response, .. new GetResponseNormal(new(1), CosemData.Unsigned(66)).Encode()];
        Assert.Equal(ClientStatus.Pending, client.Received(HdlcWire.FromServer(HdlcWire.Ui, forged)).Status);
    }

    [Fact]
    public void HostileLinksNeverThrow()
    {
        var random = new Random(21);
        var hdlc = new HdlcSettings { Offer = HdlcParameters.Of(100, 3), ApduLengthMax = 4_000 };
        int associated = 0;
        for (int round = 0; round < 1_500; round++)
        {
            using var server = new DlmsServerAssociation(new TestDevice(), hdlc: hdlc);
            using var client = new DlmsClient(Utility(hdlc), new CounterLease(1, 1_000));
            ClientStep step = client.Connect();
            for (int turn = 0; turn < 30 && step.Status == ClientStatus.Pending && !step.Send.IsEmpty; turn++)
            {
                byte[] answer = server.Receive(Alter(step.Send.Span), Now).ToArray();
                step = client.Received(Alter(answer));
                if (step.IsDone) step = client.Get(Profile);
            }
            if (client.IsAssociated) associated++;
        }
        Assert.True(associated > 100);

        // A well-formed frame with another control field, address or content, or plainly altered octets.
        byte[] Alter(ReadOnlySpan<byte> octets)
        {
            byte[] result = octets.ToArray();
            if (result.Length == 0 || random.Next(12) != 0) return result;
            if (random.Next(2) == 0)
            {
                result[random.Next(result.Length)] ^= (byte)random.Next(1, 256);
                return result;
            }
            SeenFrame frame = HdlcWire.Frames(octets)[0];
            byte[] information = [.. frame.Information];
            if (information.Length > 0 && random.Next(2) == 0) information[random.Next(information.Length)] ^= (byte)random.Next(1, 256);
            return HdlcWire.Frame(frame.Destination, frame.Source, random.Next(2) == 0 ? frame.Control : (byte)random.Next(256), information, random.Next(2) == 0);
        }
    }

    [Fact]
    public void OurServerAnswersTheRecordedHdlcClientOctetForOctet()
    {
        var frames = Recorded("h-mr");
        using var server = new DlmsServerAssociation(new TestDevice(), hdlc: new HdlcSettings());
        int compared = 0;
        for (int step = 1; step < 20; step += 2)
        {
            byte[] answer = server.Receive(frames[$"{step:00}-req"], Now).ToArray();
            // Its AARE proposes its own limits; its UA to DISC repeats parameters, with a wrong length, where nothing is to stand.
            if (step is 3 or 19)
            {
                Assert.Equal(step == 3 ? "I0,1*" : "UA*", HdlcWire.Text(answer));
                continue;
            }
            Assert.Equal((step, Convert.ToHexString(frames[$"{step + 1:00}-res"])), (step, Convert.ToHexString(answer)));
            compared++;
        }
        Assert.Equal(8, compared); // SNRM, four single answers, and one in three segments
    }

    [Fact]
    public void OurClientAsksAsTheRecordedHdlcClientDid()
    {
        var frames = Recorded("h-mr");
        var settings = new DlmsClientSettings
        {
            ClientSap = 32, Mechanism = AuthenticationMechanism.Lls, Secret = "lnt1"u8.ToArray(), Conformance = (Conformance)0x621E5D, InvokeIdMax = 1, Hdlc = new HdlcSettings(),
        };
        using var client = new DlmsClient(settings);
        int compared = 0;
        ClientStep step = client.Connect();
        Assert.True(Exchange(1, ref step).IsDone); // SNRM, then AARQ
        foreach (int first in (int[])[5, 7, 9, 11])
        {
            step = client.Get(AttributeOf(frames[$"{first:00}-req"]));
            Exchange(first, ref step);
            Assert.True(step.IsDone, step.Error?.ToString());
        }
        // A range of the profile, answered in three segments, each fetched by RR.
        Assert.True(Apdu.TryDecode(Field(frames["13-req"]), out Apdu? range, out _));
        step = client.Get(Profile, Assert.IsType<GetRequestNormal>(range).Access);
        Exchange(13, ref step);
        Assert.True(step.IsDone, step.Error?.ToString());
        Assert.True(ProfileRowReader.TryOpen(client.Data, TimestampRule.India, 1800, out ProfileRowReader rows, out _));
        Assert.True(rows.RowCount > 5);
        step = client.Disconnect();
        Assert.True(Exchange(19, ref step).IsDone);
        Assert.Equal(10, compared);

        ClientStep Exchange(int from, ref ClientStep step)
        {
            for (int number = from; step.Status == ClientStatus.Pending; number += 2)
            {
                Assert.Equal((number, Convert.ToHexString(frames[$"{number:00}-req"])), (number, Convert.ToHexString(step.Send.Span)));
                compared++;
                step = client.Received(frames[$"{number + 1:00}-res"]);
            }
            return step;
        }
    }

    [Fact]
    public void OurClientUnderstandsTheAnswersOfIndianMeters()
    {
        // The link is ours, the answer a recorded meter's: it is the first I frame of its link, as in the recording.
        var frames = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/dlms/india.json")));
        foreach (JsonElement vector in document.RootElement.EnumerateArray())
            if (vector.GetProperty("layer").GetString() == "hdlc") frames[vector.GetProperty("name").GetString()!] = Convert.FromHexString(vector.GetProperty("hex").GetString()!);
        int taken = 0;
        foreach ((string name, byte[] octets) in frames)
        {
            SeenFrame frame = HdlcWire.Frames(octets)[0];
            if (frame is not { Type: HdlcFrameType.Information, Ns: 0, Nr: 1, IsSegmented: false }) continue;
            var link = new HdlcClientLink(new HdlcSettings { Server = frame.Source, Offer = HdlcParameters.Of(512, 1) }, frame.Destination.Upper);
            link.Connect(Now);
            link.Append(HdlcWire.Frame(frame.Destination, frame.Source, HdlcWire.Ua, HdlcWire.Parameters(HdlcParameters.Of(512, 1))), Now);
            Assert.Equal(HdlcEvent.Connected, link.Read(out _));
            Assert.True(link.TrySend([0x60], Now));
            link.Append(octets, Now);
            Assert.Equal((name, HdlcEvent.Apdu), (name, link.Read(out ReadOnlySpan<byte> apdu)));
            Assert.Equal(frame.Information[LlcHeader.LengthIn(frame.Information)..], apdu.ToArray());
            taken++;
        }
        Assert.Equal(3, taken); // two AAREs, and one behind a doubled LLC header

        // Another meter's parameters, and the end of that link as its client asked for it.
        var closing = new HdlcClientLink(new HdlcSettings { Offer = HdlcParameters.Of(HdlcParameters.InformationMax, 7) }, 16);
        closing.Connect(Now);
        closing.Append(frames["india-x-pc-ua"], Now);
        Assert.Equal(HdlcEvent.Connected, closing.Read(out _));
        Assert.True(HdlcParameters.TryRead(HdlcWire.Frames(frames["india-x-pc-ua"])[0].Information, out HdlcParameters said, out _));
        Assert.Equal(new(said.InformationReceive, said.InformationTransmit, said.WindowReceive, said.WindowTransmit), closing.Parameters);
        closing.TakeOutput();
        closing.Disconnect(Now);
        Assert.Equal(Convert.ToHexString(frames["india-x-pc-disc"]), Convert.ToHexString(closing.TakeOutput().Span));
    }

    [Fact]
    public void ALinkAllocatesNothingOnceGrown()
    {
        var hdlc = new HdlcSettings { Offer = HdlcParameters.Of(128, 3) };
        var client = new HdlcClientLink(hdlc, 16);
        var server = new HdlcServerLink(hdlc);
        byte[] apdu = new byte[700];
        int exchanges = 0;
        client.Connect(Now);
        Carry();
        Assert.True(client.IsConnected);
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int round = 0; round < 50; round++)
            {
                client.TrySend(apdu, Now);
                Carry();
            }
        }));
        Assert.True(exchanges > 0 && exchanges % 50 == 0);

        void Carry()
        {
            while (client.TakeOutput() is { IsEmpty: false } sent)
            {
                server.Append(sent.Span, Now);
                while (server.Read(out ReadOnlySpan<byte> request) is var what && what != HdlcEvent.None)
                {
                    if (what == HdlcEvent.Apdu) server.Send(request);
                }
                client.Append(server.TakeOutput().Span, Now);
                while (client.Read(out _) is var what && what != HdlcEvent.None)
                {
                    if (what == HdlcEvent.Apdu) exchanges++;
                }
            }
        }
    }

    private static void Done(DlmsClient client, DlmsServerAssociation server, ClientStep step)
    {
        int turns = 0;
        while (step.Status == ClientStatus.Pending)
        {
            Assert.False(step.Send.IsEmpty, "nothing more comes");
            Assert.True(++turns < 5_000);
            step = client.Received(server.Receive(step.Send.Span, Now).Span);
        }
        Assert.True(step.IsDone, step.Error?.ToString());
    }

    private static byte[] Field(byte[] frame)
    {
        byte[] information = HdlcWire.Frames(frame)[0].Information;
        return information[LlcHeader.LengthIn(information)..];
    }

    private static AttributeDescriptor AttributeOf(byte[] frame)
    {
        Assert.True(Apdu.TryDecode(Field(frame), out Apdu? apdu, out _));
        return Assert.IsType<GetRequestNormal>(apdu).Attribute;
    }

    private static Dictionary<string, byte[]> Recorded(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/dlms/sessions.json")));
        var frames = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        string prefix = $"session-{name}-";
        foreach (JsonElement vector in document.RootElement.EnumerateArray())
        {
            string full = vector.GetProperty("name").GetString()!;
            if (full.StartsWith(prefix, StringComparison.Ordinal) && full.Length == prefix.Length + 6) frames[full[prefix.Length..]] = Convert.FromHexString(vector.GetProperty("hex").GetString()!);
        }
        return frames;
    }
}
