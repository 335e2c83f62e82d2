using NodaTime;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Dlms.Client;

/// <summary>How a client's APDUs are framed.</summary>
internal abstract class ClientFraming
{
    /// <summary>Octets that stand before the APDU in what <see cref="TryWrite"/> is given.</summary>
    public abstract int HeadLength { get; }

    /// <summary>When <see cref="Advance"/> is next wanted; null where nothing is awaited.</summary>
    public virtual Instant? Due => null;

    /// <summary>What went wrong after <see cref="FramingEvent.Faulty"/>.</summary>
    public abstract ClientError Error { get; }

    /// <summary>Opens the link below; nothing to send where there is none.</summary>
    public virtual ReadOnlyMemory<byte> Open(Instant now) => default;

    /// <summary>Closes the link below; nothing to send where there is none.</summary>
    public virtual ReadOnlyMemory<byte> Close(Instant now) => default;

    /// <summary>Frames an APDU; false, with <see cref="Error"/>, where that cannot be.</summary>
    public abstract bool TryWrite(GrowingBuffer frame, Instant now, out ReadOnlyMemory<byte> send);

    public abstract void Append(ReadOnlySpan<byte> octets, Instant now);

    public abstract FramingEvent Read(out ReadOnlySpan<byte> apdu);

    /// <summary>Does what is due.</summary>
    public virtual FramingEvent Advance(Instant now) => FramingEvent.NeedMore;

    /// <summary>What came was not what is awaited: a link whose server speaks only when it is called calls it once more.</summary>
    public virtual void AwaitMore(Instant now)
    {
    }

    /// <summary>What the link below wants sent; nothing where there is none.</summary>
    public virtual ReadOnlyMemory<byte> TakeOutput() => default;

    public abstract void Reset();
}

/// <summary>The wrapper of TCP and UDP (IEC 62056-4-7).</summary>
internal sealed class WrapperClientFraming(ushort clientSap, ushort serverSap) : ClientFraming
{
    private readonly WrapperFramer _framer = new();
    private ClientError? _error;

    public override int HeadLength => WrapperHeader.Length;

    public override ClientError Error => _error!;

    public override bool TryWrite(GrowingBuffer frame, Instant now, out ReadOnlyMemory<byte> send)
    {
        send = frame.Memory;
        int length = frame.Length - WrapperHeader.Length;
        if (length > WrapperHeader.ApduLengthMax)
        {
            _error = new(ClientErrorKind.TooLong, $"a request of {length} octets does not fit a frame");
            return false;
        }
        new WrapperHeader(clientSap, serverSap, (ushort)length).Write(frame.Span);
        return true;
    }

    public override void Append(ReadOnlySpan<byte> octets, Instant now) => _framer.Append(octets);

    public override FramingEvent Read(out ReadOnlySpan<byte> apdu)
    {
        while (true)
        {
            FrameStatus status = _framer.TryRead(out WrapperHeader header, out apdu, out DecodeError error);
            if (status == FrameStatus.Incomplete) return FramingEvent.NeedMore;
            if (status == FrameStatus.Faulty)
            {
                _error = new(ClientErrorKind.Malformed, error.ToString()) { Decode = error };
                return FramingEvent.Faulty;
            }
            if (header.Source == serverSap && header.Destination == clientSap) return FramingEvent.Apdu;
        }
    }

    public override void Reset() => _framer.Reset();
}

/// <summary>HDLC (IEC 62056-46).</summary>
internal sealed class HdlcClientFraming(HdlcSettings settings, ushort clientSap) : ClientFraming
{
    private readonly HdlcClientLink _link = new(settings, clientSap);
    private ClientError _error = new(ClientErrorKind.LinkLost, "the HDLC link is not open");

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
        return sent;
    }

    public override void Append(ReadOnlySpan<byte> octets, Instant now) => _link.Append(octets, now);

    public override FramingEvent Read(out ReadOnlySpan<byte> apdu)
    {
        while (true)
        {
            HdlcEvent what = _link.Read(out apdu);
            if (what != HdlcEvent.Unnumbered) return Translate(what); // a push by UI is no answer to anything
        }
    }

    public override FramingEvent Advance(Instant now) => Translate(_link.Advance(now));

    public override ReadOnlyMemory<byte> TakeOutput() => _link.TakeOutput();

    public override void Reset() => _link.Reset();

    private FramingEvent Translate(HdlcEvent what)
    {
        if (what == HdlcEvent.Failed) _error = new(ClientErrorKind.LinkLost, _link.FaultText) { Link = _link.Fault };
        return what switch
        {
            HdlcEvent.Apdu => FramingEvent.Apdu,
            HdlcEvent.Connected => FramingEvent.Opened,
            HdlcEvent.Disconnected => FramingEvent.Closed,
            HdlcEvent.Failed => FramingEvent.Faulty,
            _ => FramingEvent.NeedMore,
        };
    }
}
