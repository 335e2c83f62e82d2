using System.Buffers;
using System.Text.Json.Nodes;
using CsCheck;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Framing;
using Praman.Dlms.Push;
using Praman.Dlms.Security;
using Praman.Dlms.Tests.Association;
using Praman.Dlms.Tests.Explain;
using Praman.Metering;

namespace Praman.Dlms.Tests.Push;

/// <summary>Pushes of real meters and made ones, in whatever pieces they come.</summary>
public class PushReceiverTests
{
    private static readonly CosemDateTime Moment = new(2026, 3, 1, 7, 6, 30, 0, 0, 330, 0);
    private static readonly ObisCode Energy = new(1, 0, 1, 8, 0);

    public static TheoryData<string> RealPushes => Vectors.Names(v => v.File is "field-dumps" or "han-push" && !v.IsMalformed && v.Expected.ContainsKey("values"));

    [Theory, MemberData(nameof(RealPushes))]
    public void APushOfARealMeterGivesItsObjectsWhateverItsPieces(string name)
    {
        Vector vector = Vectors.Get(name);
        foreach (int piece in (int[])[1, 7, 100, int.MaxValue])
        {
            using SecurityContext? security = SecurityOf(vector);
            var receiver = new PushReceiver(new() { FindSecurity = _ => security, SystemTitle = TitleOf(vector) });
            if (vector.Layer == "apdu") receiver.AppendDatagram(vector.Bytes);
            PushMessage push = vector.Layer == "apdu" ? Take(receiver) : FirstOf(receiver, vector.Bytes, piece);
            Assert.Equal((PushFault.None, ""), (push.Fault, push.FaultText));
            Assert.Equal(vector.Layer switch { "hdlc" => PushCarrier.Hdlc, "mbus" => PushCarrier.MBus, _ => PushCarrier.Bare }, push.Carrier);
            foreach ((string code, JsonNode? expected) in vector.Expected["values"]!.AsObject())
            {
                PushedValue value = push.Values.First(v => v.Attribute?.LogicalName.ToDottedString() == code);
                Assert.True(Holds(value.Value, expected!["raw"]!), $"{code}: {value.Value} is not {expected["raw"]}");
                if (expected["scaler"] is not { } scaler) continue;
                Assert.Equal((scaler.GetValue<int>(), expected["unit"]!.GetValue<int>()), (value.ScalerUnit!.Value.Scaler, (int)value.ScalerUnit.Value.Unit));
            }
            if (vector.Keys.Count == 0) break; // the pieces differ in frames only where keys count
        }
    }

    [Fact]
    public void APushOverTheWrapperNamesItsPortsAndIsConfirmedInKind()
    {
        byte[] frame = Wire.ToClient(16, new DataNotification(new LongInvokeId(9, confirmed: true).Octets, Moment, Body()).Encode());
        var receiver = new PushReceiver();
        receiver.Append([.. frame, .. frame]);
        PushMessage push = Take(receiver);
        Assert.Equal((PushCarrier.Wrapper, (ushort)1, (ushort)16, Moment), (push.Carrier, push.Source, push.Destination, push.Time));
        Assert.Equal(new AttributeDescriptor(0, Energy, 2), Assert.Single(push.Values).Attribute);
        var octets = new ArrayBufferWriter<byte>();
        Assert.True(receiver.TryWriteConfirmation(push, octets));
        Assert.Equal(Wire.ToServer(16, new DataNotificationConfirm(new LongInvokeId(9, confirmed: true).Octets).Encode()), octets.WrittenSpan.ToArray());
        Assert.True(receiver.TryTake(out _));
        Assert.False(receiver.TryTake(out _));
        Assert.False(receiver.TryWriteConfirmation(push with { Apdu = new DataNotification(9, null, Body()) }, octets));
    }

    [Theory]
    [InlineData(Protection.GeneralGlobal), InlineData(Protection.ServiceGlobal)]
    public void ACipheredPushIsOpenedWithTheKeysOfItsSenderOnce(Protection protection)
    {
        using var meter = new SecurityContext(SecurityControl.AuthenticatedEncryption, TestDevice.Title, TestDevice.Guek, TestDevice.Gak) { SendCounter = 7 };
        using var host = new SecurityContext(SecurityControl.AuthenticatedEncryption, TestDevice.ClientTitle, TestDevice.Guek, TestDevice.Gak) { SendCounter = 70 };
        host.SetPeerSystemTitle(TestDevice.Title);
        Apdu plain = protection == Protection.ServiceGlobal
            ? new EventNotification(Moment, new(3, Energy, 2), CosemData.DoubleLongUnsigned(5)) : new DataNotification(new LongInvokeId(9, confirmed: true).Octets, null, Body());
        var writer = new AxdrWriter(new byte[300]);
        Assert.Equal(SecurityOutcome.Success, meter.Protect(protection, plain.Encode(), ref writer));
        byte[] datagram = writer.Written.ToArray();
        var receiver = new PushReceiver(new()
        {
            FindSecurity = title => title.Span.SequenceEqual(TestDevice.Title) ? host : null,
            SystemTitle = protection == Protection.ServiceGlobal ? TestDevice.Title : default,
            RequiresAuthentication = true,
        });
        receiver.AppendDatagram(datagram);
        PushMessage push = Take(receiver);
        Assert.Equal((PushFault.None, true), (push.Fault, push.IsAuthenticated));
        Assert.Equal(TestDevice.Title, push.SystemTitle.ToArray());
        Assert.Equal(Energy, push.Values[0].Attribute!.Value.LogicalName);
        receiver.AppendDatagram(datagram);
        Assert.Equal(PushFault.NotAuthentic, Take(receiver).Fault); // it came before
        datagram[^1] ^= 1;
        receiver.AppendDatagram(datagram);
        Assert.Equal(PushFault.NotAuthentic, Take(receiver).Fault);
        receiver.AppendDatagram(plain.Encode());
        Assert.Equal(PushFault.NotAuthentic, Take(receiver).Fault); // nobody has authenticated it
        var confirmation = new ArrayBufferWriter<byte>();
        Assert.Equal(protection == Protection.GeneralGlobal, receiver.TryWriteConfirmation(push, confirmation));
        if (protection == Protection.GeneralGlobal) Assert.Equal(GeneralGloCiphering.Tag, confirmation.WrittenSpan[0]);
    }

    // Numbers of pieces begin again after sixteen: what follows sixteen pieces without a last is their rest, or another push.
    [Theory]
    [InlineData(16, 1)]
    [InlineData(16, 3)]
    [InlineData(16, 16)]
    [InlineData(16, 90)] // itself over many rounds
    [InlineData(32, 2)]
    [InlineData(48, 20)]
    [InlineData(5, 3)]
    [InlineData(0, 17)]
    [InlineData(0, 90)]
    public void APushOverMBusThatWasCutDoesNotRunIntoTheNext(int cutAfter, int pieces)
    {
        byte[] Telegrams(int count, byte content)
        {
            CosemData text = CosemData.OctetString(Enumerable.Repeat(content, (count * MBusTelegrams.PayloadMax) - 20).ToArray());
            byte[] apdu = new DataNotification(9, null, text).Encode();
            var sink = new ArrayBufferWriter<byte>();
            MBusTelegrams.Write(MBusTelegrams.Broadcast, 1, 0x67, apdu, sink);
            return sink.WrittenSpan.ToArray();
        }
        var receiver = new PushReceiver();
        const int frame = 261;
        receiver.Append(Telegrams(cutAfter + 4, 0x0F).AsSpan(0, cutAfter * frame)); // its octets look like beginnings, too
        receiver.Append(Telegrams(pieces, 0x55));
        var taken = new List<PushMessage>();
        while (receiver.TryTake(out PushMessage? push)) taken.Add(push);
        Assert.Equal((PushFault.None, PushCarrier.MBus), (taken[^1].Fault, taken[^1].Carrier));
        Assert.True(taken[^1].Apdu is DataNotification { Body: var body } && body.OctetSpan.Length == (pieces * MBusTelegrams.PayloadMax) - 20 && !body.OctetSpan.ContainsAnyExcept((byte)0x55));
        Assert.Equal(cutAfter >= 16 ? 2 : 1, taken.Count);
        if (taken.Count == 2) Assert.Contains("sixteen telegrams", taken[0].FaultText, StringComparison.Ordinal);
    }

    [Fact]
    public void OverMBusAPushThatWasCutAndALongOneTogetherAreNotTooLong()
    {
        byte[] apdu = new DataNotification(9, null, CosemData.OctetString(new byte[3000])).Encode();
        var sink = new ArrayBufferWriter<byte>();
        MBusTelegrams.Write(MBusTelegrams.Broadcast, 1, 0x67, new DataNotification(9, null, CosemData.OctetString(new byte[4500])).Encode(), sink);
        var receiver = new PushReceiver(new() { LengthMax = 5000 });
        receiver.Append(sink.WrittenSpan[..(16 * 261)]);
        sink.ResetWrittenCount();
        MBusTelegrams.Write(MBusTelegrams.Broadcast, 1, 0x67, apdu, sink);
        receiver.Append(sink.WrittenSpan);
        Assert.Equal(PushFault.Malformed, Take(receiver).Fault);
        Assert.Equal(PushFault.None, Take(receiver).Fault);
        Assert.False(receiver.TryTake(out _));
    }

    [Fact]
    public void WithoutTheKeyOrTheHookTheFaultSaysSo()
    {
        var receiver = new PushReceiver();
        receiver.AppendDatagram(new GeneralGloCiphering(TestDevice.Title, new byte[30]).Encode());
        Assert.Contains(Convert.ToHexString(TestDevice.Title), Fault(PushFault.MissingKey), StringComparison.Ordinal);
        receiver.AppendDatagram(new ServiceCiphered(0xCA, new byte[30]).Encode());
        Fault(PushFault.MissingKey);
        var named = new GeneralCiphering(new(default, TestDevice.Title, default, null, default), null, new byte[30]);
        receiver.AppendDatagram(named.Encode());
        Fault(PushFault.MissingKey);
        receiver.AppendDatagram(new GetResponseNormal(new(1), CosemData.Null).Encode());
        Fault(PushFault.Unexpected);
        receiver.AppendDatagram([DataNotification.Tag, 0, 0]);
        Assert.NotNull(FaultOf(PushFault.Malformed).Decode);
        receiver.AppendDatagram(Wire.ToClient(1, [DataNotification.Tag, 0, 0, 0, 0, 0, 0]).AsSpan()[..^1]);
        Fault(PushFault.Malformed);

        // With the hook the host opens it.
        receiver = new(new()
        {
            OpenGeneral = (apdu, originator, plain) =>
            {
                Assert.Equal(TestDevice.Title, originator.ToArray());
                plain.Write(new DataNotification(1, null, Body()).Encode());
                return SecurityOutcome.Success;
            },
        });
        receiver.AppendDatagram(named.Encode());
        PushMessage push = Take(receiver);
        Assert.Equal((PushFault.None, true), (push.Fault, push.IsAuthenticated));

        string Fault(PushFault kind) => FaultOf(kind).FaultText;

        PushMessage FaultOf(PushFault kind)
        {
            PushMessage bad = Take(receiver);
            Assert.Equal(kind, bad.Fault);
            Assert.NotEmpty(bad.FaultText);
            Assert.Empty(bad.Values);
            return bad;
        }
    }

    [Fact]
    public void ThePushSaysWhatItsValuesAreOrATemplateDoes()
    {
        CaptureObject[] objects = [new(40, new(0, 0, 25, 9, 0), 2), new(8, new(0, 0, 1, 0, 0), 2), new(3, Energy, 2)];
        CosemData[] values = [CosemData.Array([.. objects.Select(o => o.ToData())]), CosemData.DateTimeOctets(Moment), CosemData.DoubleLongUnsigned(77)];
        PushMessage push = Datagram(new(), new DataNotification(1, null, CosemData.Structure(values)));
        Assert.Equal(objects.Select(o => o.Attribute), push.Values.Select(v => v.Attribute!.Value));
        Assert.Equal(CosemData.DoubleLongUnsigned(77), push.Values[2].Value);

        CosemData bare = CosemData.Structure(CosemData.DoubleLongUnsigned(1), CosemData.DoubleLongUnsigned(2));
        push = Datagram(new() { FindTemplate = (_, count) => count == 2 ? [objects[1], objects[2]] : null }, new DataNotification(1, null, bare));
        Assert.Equal([objects[1].Attribute, objects[2].Attribute], push.Values.Select(v => v.Attribute!.Value));
        push = Datagram(new(), new DataNotification(1, null, bare));
        Assert.Equal([null, null], push.Values.Select(v => v.Attribute));
        push = Datagram(new(), new DataNotification(1, null, CosemData.Unsigned(4)));
        Assert.Equal(CosemData.Unsigned(4), Assert.Single(push.Values).Value);
    }

    [Fact]
    public void ACompactArrayIsExpandedWhereverItStands()
    {
        CosemData[] rows = [.. Enumerable.Range(1, 3).Select(i => CosemData.Structure(CosemData.Unsigned((byte)i), CosemData.LongUnsigned((ushort)(100 * i))))];
        Assert.True(CosemData.TryCompactArray(rows, out CosemData compact));
        PushMessage push = Datagram(new(), new DataNotification(1, null, CosemData.Structure(CosemData.Unsigned(1), CosemData.Structure(compact))));
        Assert.Equal(CosemData.Structure(CosemData.Array(rows)), push.Values[1].Value);
        push = Datagram(new(), new EventNotification(null, new(7, Energy, 2), compact));
        Assert.Equal(CosemData.Array(rows), push.Values[0].Value);
    }

    [Fact]
    public void BlocksOfAPushAreJoinedAndOnesWithoutABeginningAreRefused()
    {
        byte[] whole = new DataNotification(1, Moment, Body()).Encode();
        var receiver = new PushReceiver();
        byte[][] pieces = [.. whole.Chunk(9)];
        for (int i = 0; i < pieces.Length; i++)
            receiver.Append(Wire.ToClient(16, new GeneralBlockTransfer((byte)(i == pieces.Length - 1 ? 0x80 : 0x40), (ushort)(i + 1), 0, pieces[i]).Encode()));
        Assert.Equal(Energy, Take(receiver).Values[0].Attribute!.Value.LogicalName);
        receiver.Append(Wire.ToClient(16, new GeneralBlockTransfer(0x80, 64, 0, pieces[0]).Encode()));
        Assert.Equal(PushFault.Malformed, Take(receiver).Fault);
    }

    [Fact]
    public void NoiseIsPassedOverAndHostileOctetsCostNothingButThemselves()
    {
        byte[] good = Wire.ToClient(16, new DataNotification(1, Moment, Body()).Encode());
        byte[][] seeds =
        [
            good, [0x7E, 0xA0, 0x08, 0x02, 0x23, 0x13], [0x68, 0x09, 0x09, 0x68, 0x53, 0xFF, 0x00, 0x01, 0x67], new GeneralBlockTransfer(0x40, 1, 0, new byte[20]).Encode(),
            new GeneralGloCiphering(TestDevice.Title, new byte[40]).Encode(),
        ];
        Gen.Select(Gen.Int[0, seeds.Length - 1], Gen.Byte.Array[0, 6], Gen.Int[0, 1_000], Gen.Bool).Array[1, 10].Sample(parts =>
        {
            var receiver = new PushReceiver(new() { LengthMax = 1_000 });
            foreach (var (seed, bytes, at, datagram) in parts)
            {
                byte[] octets = [.. seeds[seed], .. bytes];
                foreach (byte value in bytes) octets[(at + value) % octets.Length] ^= value;
                if (datagram) receiver.AppendDatagram(octets);
                else receiver.Append(octets);
                int taken = 0;
                while (receiver.TryTake(out PushMessage? push) && taken++ < 1_000) Assert.True(push.Apdu is not null || push.FaultText.Length > 0);
                Assert.True(taken < 1_000);
            }
        }, iter: 20_000, seed: "0N0XIzNsQ0O2");
        var after = new PushReceiver();
        after.Append([0xFF, 0x13, 0x37, .. good]);
        Assert.Equal(PushFault.None, Take(after).Fault);
        Assert.Equal(3, after.OctetsDropped);
        // A stream that never ends a frame is dropped when it is longer than any.
        for (int i = 0; i < 100; i++) after.Append([0x7E, 0xA7, 0xFF, .. new byte[5_000]]);
        while (after.TryTake(out _)) { }
        after.Append(new byte[1_000_000]);
        Assert.True(after.OctetsDropped > 1_000_000);
    }

    private static CosemData Body() => CosemData.Structure(CosemData.LogicalName(Energy), CosemData.DoubleLongUnsigned(1234));

    private static PushMessage Datagram(PushReceiverSettings settings, Apdu apdu)
    {
        var receiver = new PushReceiver(settings);
        receiver.AppendDatagram(apdu.Encode());
        return Take(receiver);
    }

    private static PushMessage Take(PushReceiver receiver)
    {
        Assert.True(receiver.TryTake(out PushMessage? push), "nothing came");
        return push;
    }

    private static PushMessage FirstOf(PushReceiver receiver, byte[] octets, int piece)
    {
        PushMessage? first = null;
        foreach (byte[] part in octets.Chunk(Math.Min(piece, octets.Length)))
        {
            receiver.Append(part);
            if (receiver.TryTake(out PushMessage? push)) first ??= push;
        }
        Assert.NotNull(first);
        return first;
    }

    private static SecurityContext? SecurityOf(Vector vector)
    {
        if (vector.Keys["guek"] is not { } guek) return null;
        byte[] gak = vector.Keys["gak"] is { } key ? Convert.FromHexString(key.GetValue<string>()) : [];
        JsonNode control = Find(vector.Expected, "securityControl")!;
        var policy = new SecurityControl(control["suite"]!.GetValue<int>(), gak.Length > 0 && control["authenticated"]!.GetValue<bool>(), control["encrypted"]!.GetValue<bool>());
        return new(policy, TestDevice.ClientTitle, Convert.FromHexString(guek.GetValue<string>()), gak);
    }

    private static byte[] TitleOf(Vector vector) => Vectors.FindTitle(vector.Expected) is { } title ? Convert.FromHexString(title) : [];

    private static JsonNode? Find(JsonNode? node, string name) => node switch
    {
        JsonObject json when json[name] is { } found => found,
        JsonObject json => json.Select(member => Find(member.Value, name)).FirstOrDefault(found => found is not null),
        JsonArray list => list.Select(item => Find(item, name)).FirstOrDefault(found => found is not null),
        _ => null,
    };

    private static bool Holds(CosemData value, JsonNode raw) => raw.GetValueKind() == System.Text.Json.JsonValueKind.Number
        ? value.TryGetNumber(out decimal number) && number == raw.GetValue<decimal>()
        : Convert.ToHexString(value.OctetSpan) == raw.GetValue<string>() || value.Text == raw.GetValue<string>();
}
