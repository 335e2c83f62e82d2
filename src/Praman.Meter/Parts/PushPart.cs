using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.Dlms.Server;
using Praman.Meter.Load;
using Praman.Metering;

namespace Praman.Meter.Parts;

/// <summary>What begins a push by itself; its method and scripts begin any.</summary>
[Flags]
internal enum PushTriggers
{
    None = 0,
    Alarm = 1,
    PowerUp = 2,
}

/// <summary>
/// Push setup, class 40: a push that was begun is put together when it falls due and laid out for the host. Without a destination nothing is sent. An
/// alarm that comes while one is under way is pushed after it.
/// </summary>
internal sealed class PushPart : MeterPart
{
    /// <summary>Ports of the wrapper: the meter's, and that of who is pushed to.</summary>
    internal const ushort ServerPort = 1, ClientPort = 64;

    private readonly VirtualMeter _meter;
    private readonly MeterParts _parts;
    private readonly PushSetup _setup;
    private readonly PushTriggers _triggers;
    private bool _hasBegun;
    private bool _again;
    private uint _invoke;
    private ulong _draws;

    public PushPart(VirtualMeter meter, MeterParts parts, ObisCode name, PushTriggers triggers, PushSetup setup) : base(setup) =>
        (_meter, _parts, Name, _triggers, _setup) = (meter, parts, name, triggers, setup);

    public ObisCode Name { get; }

    public static PushPart For(VirtualMeter meter, MeterParts parts, ObisCode name, PushTriggers triggers)
    {
        PushPart? part = null;
        part = new(meter, parts, name, triggers, new PushSetup { NextRandom = below => part!.Draw(below) });
        return part;
    }

    public override Instant? DueAfter(VirtualMeter meter, Instant after, Instant until) => _setup.DueAt is not { } due || due > until ? null
        : due > after ? due : after < until ? after + Duration.FromTicks(1) : null;

    public override void Act(CosemContext context)
    {
        if (!_setup.TrySend(context.Now)) return;
        (byte transport, ReadOnlyMemory<byte> address, _) = _setup.SendDestination;
        if (address.IsEmpty) End(context.Now, arrived: true); // nobody to send it to
        else if (!TryFrame(context, out ReadOnlyMemory<byte> frame)) End(context.Now, arrived: false);
        else _parts.Pushes.Enqueue(new(Name, transport, Encoding.Latin1.GetString(address.Span), frame, _setup.TryCount, context.Now, _setup.AwaitsConfirmation ? _invoke : null));
    }

    public override void PowerUp(CosemContext context)
    {
        if (_hasBegun && _triggers.HasFlag(PushTriggers.PowerUp)) Begin(context.Now);
        _hasBegun = true;
    }

    /// <summary>An alarm was raised.</summary>
    public void Alarm(Instant now)
    {
        if (_triggers.HasFlag(PushTriggers.Alarm)) Begin(now);
    }

    /// <summary>The host says what came of what it sent.</summary>
    public void End(Instant now, bool arrived, bool confirmed = false)
    {
        IsStale = true;
        // Sent is not arrived where the setup waits for more; without a destination there is nobody to confirm.
        if (arrived && (confirmed || !_setup.AwaitsConfirmation || _setup.SendDestination.Address.IsEmpty)) _setup.NoteSuccess(now, confirmed);
        else _setup.NoteFailure(now, _meter.OffsetAt(now));
        if (!_again || _setup.IsActive) return;
        _again = false;
        Begin(now);
    }

    private void Begin(Instant now)
    {
        IsStale = true;
        if (!_setup.TryBegin(now, _meter.OffsetAt(now))) _again = _setup.IsActive;
    }

    private bool TryFrame(CosemContext context, out ReadOnlyMemory<byte> frame)
    {
        frame = default;
        var body = new ArrayBufferWriter<byte>();
        var writer = new AxdrWriter(body);
        _setup.WriteBody(context, ref writer);
        writer.Flush();
        KeySet keys = _meter.Security.KeysOf(MeterObis.UtilitySecurity);
        if (!CosemData.TryDecode(body.WrittenSpan, out CosemData values, out _) || !_setup.TryGetProtection(out PushProtection? protection)
            || !keys.TryTakeNext(out uint counter)) return false;
        var notification = new DataNotification(new LongInvokeId(_invoke = (_invoke + 1) & LongInvokeId.IdMax, confirmed: _setup.AwaitsConfirmation).Octets, _meter.Stamp(_meter.Clock.Read(context.Now)), values);
        using SecurityContext security = SecurityOf(protection, keys, counter, context.Now);
        if (!TryProtect(security, protection, notification.Encode(), out ArrayBufferWriter<byte>? ciphered)) return false;
        if (ciphered.WrittenCount > ushort.MaxValue) return false; // longer than a wrapper can say
        byte[] octets = new byte[WrapperHeader.Length + ciphered.WrittenCount];
        new WrapperHeader(ServerPort, ClientPort, (ushort)ciphered.WrittenCount).Write(octets);
        ciphered.WrittenSpan.CopyTo(octets.AsSpan(WrapperHeader.Length));
        frame = octets;
        return true;
    }

    // Transaction-ids follow the counter, two to a push: its signature may take one. No other push of these keys has them.
    private SecurityContext SecurityOf(PushProtection protection, KeySet keys, uint counter, Instant now)
    {
        DeviceSecurity held = _meter.Security;
        var security = new SecurityContext(new SecurityControl(keys.Suite, protection.IsAuthenticated, protection.IsEncrypted), held.SystemTitle.Span, keys.Guek.Span, keys.Gak.Span)
        {
            SendCounter = counter, OwnKeys = held.OwnKeys, TransactionNext = ((ulong)counter * 2) + 1,
        };
        if (protection.Recipient.Length != GcmCipher.SystemTitleLength) return security;
        security.SetPeerSystemTitle(protection.Recipient.Span);
        security.SetPeerKeys(held.FindClientKeys(protection.Recipient.Span, now, out bool owned), owned);
        if (held.MasterKey.Length == keys.Guek.Length) security.SetKeyEncryptionKey(held.MasterKey.Span);
        return security;
    }

    private static bool TryProtect(SecurityContext security, PushProtection protection, byte[] apdu, [NotNullWhen(true)] out ArrayBufferWriter<byte>? ciphered)
    {
        ciphered = new ArrayBufferWriter<byte>();
        var sink = new AxdrWriter(ciphered);
        bool signsOutside = protection is { Signature: PushSignature.Outside, Envelope: not Protection.SignatureOnly };
        SecurityOutcome outcome = security.Protect(protection.Envelope, security.Policy, protection.Signature == PushSignature.Inside, apdu, ref sink);
        sink.Flush();
        if (outcome != SecurityOutcome.Success || !signsOutside) return outcome == SecurityOutcome.Success;
        byte[] within = ciphered.WrittenSpan.ToArray();
        ciphered.ResetWrittenCount();
        var outer = new AxdrWriter(ciphered);
        outcome = security.Sign(within, ref outer);
        outer.Flush();
        return outcome == SecurityOutcome.Success;
    }

    // From serial number, setup and count alone, so that a run can be repeated; meters differ, which is what the delay is for.
    private int Draw(int below)
    {
        ulong hash = 0xCBF2_9CE4_8422_2325;
        foreach (char letter in _meter.Serial) hash = (hash ^ letter) * 0x100_0000_01B3;
        return SeedHash.Below(SeedHash.Of(hash, Name.B, ++_draws), below);
    }
}
