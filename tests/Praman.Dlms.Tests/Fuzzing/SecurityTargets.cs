using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Explain;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.Dlms.Tests.Apdus;
using Praman.Dlms.Tests.Association;
using Praman.Dlms.Tests.Security;
using Praman.Metering;

namespace Praman.Dlms.Tests.Fuzzing;

/// <summary>Seals octets as a peer that holds the keys would: what is fuzzed then is what stands behind the tag.</summary>
internal static class Sealing
{
    public static SecurityContext Context(byte[] title, uint counter) =>
        new(SecurityControl.AuthenticatedEncryption, title, TestDevice.Guek, TestDevice.Gak) { SendCounter = counter };

    public static int Seal(SecurityContext context, Protection protection, SecurityControl control, ReadOnlySpan<byte> apdu, Span<byte> destination)
    {
        var writer = new AxdrWriter(destination);
        return context.Protect(protection, control, apdu, ref writer) == SecurityOutcome.Success ? writer.Length : 0;
    }

    public static byte[] Seal(byte[] title, uint counter, Protection protection, SecurityControl control, byte[] apdu)
    {
        using SecurityContext context = Context(title, counter);
        context.SetDedicatedKey(TestDevice.Gak);
        byte[] place = new byte[apdu.Length + 64];
        return place[..Seal(context, protection, control, apdu, place)];
    }

    public static IEnumerable<byte[]> Samples()
    {
        SecurityControl[] controls = [SecurityControl.AuthenticatedEncryption, SecurityControl.EncryptionOnly, SecurityControl.AuthenticationOnly];
        Protection[] protections = [Protection.ServiceGlobal, Protection.GeneralGlobal, Protection.ServiceDedicated, Protection.GeneralDedicated];
        uint counter = 0;
        foreach (byte[] apdu in SampleApdus.All.Select(apdu => apdu.Encode()).Where((octets, index) => octets.Length < 100 && index % 3 == 0))
        {
            counter++;
            byte[] octets = Seal(TestDevice.ClientTitle, counter, protections[counter % 4], controls[counter % 3], apdu);
            if (octets.Length > 0) yield return octets;
        }
    }
}

/// <summary>A ciphered APDU, taken apart and opened with keys.</summary>
internal sealed class CipheredTarget() : FuzzTarget("ciphered")
{
    private readonly byte[] _plain = new byte[FuzzMutator.GrownLengthMax * 2];
    private readonly SecurityContext _context = MakeContext();

    public override bool OffsetIsOfInput => false;

    public override IEnumerable<byte[]> Seeds() => Sealing.Samples();

    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        _context.ReceiveCounterMin = _context.DedicatedReceiveCounterMin = 0;
        SecurityOutcome outcome = _context.Unprotect(input.Span, _plain, out int written, out SecurityHeader header);
        Assert.InRange(written, 0, input.Length);
        if (outcome == SecurityOutcome.Success) Assert.Equal(header.InvocationCounter + 1UL, Math.Max(_context.ReceiveCounterMin, _context.DedicatedReceiveCounterMin));
        else Assert.Equal(0UL, _context.ReceiveCounterMin); // what did not open moved no counter
        return outcome == SecurityOutcome.Success ? FuzzOutcome.Read(_plain[0] | (header.Control.Octet << 8)) : FuzzOutcome.Refused(new(header.Control.Octet, outcome.ToString()));
    }

    protected override void Close() => _context.Dispose();

    private static SecurityContext MakeContext()
    {
        var context = new SecurityContext(default, TestDevice.Title, TestDevice.Guek, TestDevice.Gak);
        context.SetPeerSystemTitle(TestDevice.ClientTitle);
        context.SetDedicatedKey(TestDevice.Gak);
        return context;
    }
}

/// <summary>
/// General-ciphering with keys that are named, wrapped or agreed on, and general-signing: opened by a meter of suite 1. What does not open moves
/// neither counter nor transaction.
/// </summary>
internal sealed class GeneralCipheringTarget() : FuzzTarget("general-ciphering")
{
    private readonly byte[] _plain = new byte[FuzzMutator.GrownLengthMax * 2];
    private readonly SecurityContext _meter = Context(default, isClient: false);

    public override bool OffsetIsOfInput => false;

    public override int AllocatedConstant => 1 << 14; // of keys that are agreed on, and of signatures

    public override IEnumerable<byte[]> Seeds()
    {
        SecurityControl[] controls = [new(0x31), new(0x11), new(0x21)];
        Protection[] protections =
        [
            Protection.GeneralIdentified, Protection.GeneralWrapped, Protection.GeneralOnePass, Protection.GeneralStatic, Protection.SignatureOnly, Protection.GeneralGlobal,
        ];
        byte[][] apdus = [.. SampleApdus.All.Select(apdu => apdu.Encode()).Where(octets => octets.Length is > 8 and < 60).Take(6)];
        foreach (Protection protection in protections)
        {
            foreach (SecurityControl control in controls)
            {
                foreach (bool sign in (bool[])[false, true])
                {
                    using SecurityContext client = Context(control, isClient: true);
                    foreach (byte[] apdu in apdus)
                    {
                        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
                        var writer = new AxdrWriter(buffer);
                        SecurityOutcome outcome = client.Protect(protection, protection == Protection.SignatureOnly ? default : control, sign, apdu, ref writer);
                        writer.Flush();
                        if (outcome == SecurityOutcome.Success) yield return buffer.WrittenSpan.ToArray();
                    }
                }
            }
        }
    }

    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        (_meter.ReceiveCounterMin, _meter.BroadcastReceiveCounterMin, _meter.TransactionMin) = (0, 0, 0);
        SecurityOutcome outcome = _meter.Unprotect(input.Span, _plain, out int written, out SecurityHeader header);
        Assert.InRange(written, 0, input.Length);
        if (outcome == SecurityOutcome.Success) return FuzzOutcome.Read(_plain[0] | (header.Control.Octet << 8) | ((int)_meter.Opened.Protection << 16) | (_meter.Opened.IsSigned ? 1 << 20 : 0));
        Assert.Equal((0UL, 0UL, UInt128.Zero), (_meter.ReceiveCounterMin, _meter.BroadcastReceiveCounterMin, _meter.TransactionMin));
        return FuzzOutcome.Refused(new(header.Control.Octet, outcome.ToString()));
    }

    protected override void Close() => _meter.Dispose();

    private static SecurityContext Context(SecurityControl policy, bool isClient)
    {
        const int suite = 1;
        (byte[] own, byte[] peer) = isClient ? (SuiteDevice.ClientTitle, SuiteDevice.Title) : (SuiteDevice.Title, SuiteDevice.ClientTitle);
        var context = new SecurityContext(new((byte)(policy.Octet | suite)), own, SuiteDevice.Key(suite, 0x10), SuiteDevice.Key(suite, 0x40))
        {
            SendCounter = 100, IsResponder = !isClient, OwnKeys = isClient ? SuiteDevice.ClientKeys(suite) : SuiteDevice.MeterKeys(suite),
        };
        context.SetPeerSystemTitle(peer);
        context.SetBroadcastKey(SuiteDevice.Key(suite, 0x70));
        context.SetKeyEncryptionKey(SuiteDevice.Key(suite, 0xA0));
        context.SetPeerKeys(isClient ? SuiteDevice.MeterKeys(suite) : SuiteDevice.ClientKeys(suite), owned: false);
        return context;
    }
}

/// <summary>The decoder that explains any octets: a document in words and JSON, which costs more than the octets, and is bounded.</summary>
internal sealed class DocumentTarget() : FuzzTarget("document")
{
    private DlmsDecoder _decoder = MakeDecoder();
    private DlmsDocument? _document;

    // Every field of a document is a node with its hex and its words: a factor of its own, kept from growing.
    public override int AllocatedPerOctet => 2_048;

    public override int AllocatedConstant => 1 << 16;

    // A long input is a conversation of thousands of messages: the limit is for each 16 KiB begun.
    public override double SlowMs(int length) => 100 * (1 + (length / 16_384));

    public override int SessionLength => 16;

    public override bool OffsetIsOfInput => false; // an offset may be one of the plain text

    public override IReadOnlyList<string> VectorLayers => ["apdu", "axdr", "hdlc", "wrapper", "mbus", "cosem-date-time"];

    public override IEnumerable<byte[]> Seeds() =>
    [
        .. SampleApdus.All.Select(apdu => apdu.Encode()),
        .. SampleFrames.Hdlc(),
        .. SampleApdus.All.Take(20).Select(apdu => SampleFrames.Wrapped(apdu.Encode())),
        .. Sealing.Samples(),
        .. new DataTarget().Seeds().Take(20),
        .. new CompactArrayTarget().Seeds(),
        .. new DateTimeTarget().Seeds(),
        .. new MBusTarget().Seeds().Take(10),
    ];

    public override IEnumerable<byte[]> Dear()
    {
        const int room = FuzzMutator.GrownLengthMax;
        byte[] push = new DataNotification(1, null, CosemData.Structure(CosemData.LogicalName(new(1, 0, 1, 8, 0, 255)), CosemData.Unsigned(7))).Encode();
        yield return FuzzCorpus.Repeat(room / (push.Length + 8), SampleFrames.Wrapped(push)); // a reading in each of many frames
        yield return FuzzCorpus.Repeat(room / (push.Length + 15), SampleFrames.Hdlc(HdlcAddress.Short(16), HdlcAddress.Short(1), 0x13, [.. LlcHeader.Response, .. push]));
        yield return FuzzCorpus.Repeat(room / 9, SampleFrames.Hdlc(HdlcAddress.Short(1), HdlcAddress.Short(16), 0x31, []));
        byte[] release = [];
        while (release.Length < room) release = new Rlrq(null) { UserInformation = release }.Encode(); // one in another, thousands deep
        yield return release;
        byte[] user = [0x0F, 0, 0, 0, 1, 0, 0x01, 0x82, 0x3F, 0xFF, .. FuzzCorpus.Repeat(0x3FFF, 0x00)];
        byte[] fields = [.. FuzzCorpus.Repeat(room / 10, 0xBE, 0x03, 0x04, 0x01, 0x00), 0xBE, 0x82, 0x40, 0x0D, 0x04, 0x82, 0x40, 0x09, .. user];
        yield return [0x62, 0x82, (byte)(fields.Length >> 8), (byte)fields.Length, .. fields]; // many of a field that may stand once
        yield return [0x01, 0x82, 0x7F, 0xFF, .. FuzzCorpus.Repeat(0x7FFF, 0x00)];
        yield return [0x01, 0x82, 0x3F, 0xFF, .. FuzzCorpus.Repeat(0x3FFF, 0x02, 0x01, 0x11, 0x00)];
        foreach (byte[] dear in CompactArrayTarget.DearOnes()) yield return dear;
    }

    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        bool read = _decoder.TryDecode(input, out _document, out DecodeError error);
        return FuzzOutcome.Of(read, read ? HashOf(_document!) : 0, error);
    }

    public override void Use()
    {
        if (_document is null) return;
        Assert.NotEmpty(_document.ToJson().ToJsonString(Compact));
        foreach (DlmsReading reading in _document.Readings) _ = reading.Text;
    }

    private static readonly System.Text.Json.JsonSerializerOptions Compact = new() { MaxDepth = 1_000 };

    public override int Repair(Span<byte> buffer, int length, ref FuzzRandom random)
    {
        if (length < 2 || random.OneIn(3)) return length;
        return buffer[0] switch
        {
            0x7E => SampleFrames.RepairHdlc(buffer, length),
            0x68 => SampleFrames.RepairMBus(buffer, length),
            0x00 => SampleFrames.RepairWrapper(buffer, length),
            _ => length,
        };
    }

    public override void Restart(FuzzRandom random) => _decoder = MakeDecoder();

    private static int HashOf(DlmsDocument document)
    {
        int shape = document.Layer.Length * 31;
        foreach (ExplainNode node in document.Explain.Take(8)) shape = (shape * 31) ^ (node.Field.Length << 8) ^ Math.Min(node.Children.Count, 16);
        return shape;
    }

    private static DlmsDecoder MakeDecoder()
    {
        var keys = new DlmsKeys();
        keys.TryAdd("guek", TestDevice.Guek, out _);
        keys.TryAdd("gak", TestDevice.Gak, out _);
        keys.TryAdd("dedicated", TestDevice.Gak, out _);
        keys.TryAdd("systemTitle", TestDevice.ClientTitle, out _);
        return new DlmsDecoder(keys);
    }
}
