using NodaTime;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;

namespace Praman.Dlms.Client;

/// <summary>A wired M-Bus (EN 13757-2).</summary>
internal sealed class MBusClientFraming(MBusLinkSettings settings, byte clientSap, byte serverSap) : ClientFraming
{
    private readonly MBusClientLink _link = new(settings, clientSap, serverSap);
    private ClientError _error = new(ClientErrorKind.LinkLost, "the M-Bus link is not open");
    private Instant _now;

    public override int HeadLength => 0;

    public override Instant? Due => _link.Due;

    public override ClientError Error => _error;

    public override ReadOnlyMemory<byte> Open(Instant now)
    {
        _link.Connect(now);
        return _link.TakeOutput();
    }

    public override ReadOnlyMemory<byte> Close(Instant now)
    {
        if (!_link.IsConnected) return default;
        _link.Disconnect(now);
        return _link.TakeOutput();
    }

    public override bool TryWrite(GrowingBuffer frame, Instant now, out ReadOnlyMemory<byte> send)
    {
        bool sent = _link.TrySend(frame.Span, now);
        send = sent ? _link.TakeOutput() : default;
        if (!sent) _error = new(ClientErrorKind.LinkLost, _link.IsConnected ? "the M-Bus link still sends what was asked before" : "the M-Bus link is not open");
        return sent;
    }

    public override void Append(ReadOnlySpan<byte> octets, Instant now)
    {
        _now = now;
        _link.Append(octets, now);
    }

    public override FramingEvent Read(out ReadOnlySpan<byte> apdu) => Translate(_link.Read(_now, out apdu));

    public override FramingEvent Advance(Instant now) => Translate(_link.Advance(now));

    public override void AwaitMore(Instant now) => _link.AwaitMore(now);

    public override ReadOnlyMemory<byte> TakeOutput() => _link.TakeOutput();

    public override void Reset() => _link.Reset();

    private FramingEvent Translate(MBusEvent what)
    {
        if (what == MBusEvent.Failed) _error = new(ClientErrorKind.LinkLost, _link.FaultText);
        return what switch
        {
            MBusEvent.Apdu => FramingEvent.Apdu,
            MBusEvent.Connected => FramingEvent.Opened,
            MBusEvent.Disconnected => FramingEvent.Closed,
            MBusEvent.Failed => FramingEvent.Faulty,
            _ => FramingEvent.NeedMore,
        };
    }
}
