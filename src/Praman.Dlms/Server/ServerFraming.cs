using NodaTime;
using Praman.Dlms.Framing;
using Praman.Metering;

namespace Praman.Dlms.Server;

/// <summary>How a server's APDUs are framed. Answers are written where <see cref="Begin"/> says and sent by <see cref="End"/>.</summary>
internal abstract class ServerFraming
{
    /// <summary>The logical device that the last APDU was for.</summary>
    public abstract ushort ServerSap { get; }

    /// <summary>True while the link below is open; over the wrapper there is none.</summary>
    public virtual bool IsOpen => false;

    /// <summary>Octets that wait besides those in the reply.</summary>
    public virtual int PendingLength => 0;

    /// <summary>Forgets link and octets where the line below stays, as a serial one does; false where only a new connection helps.</summary>
    public virtual bool TryReset() => false;

    public abstract void Append(ReadOnlySpan<byte> octets, Instant now);

    /// <summary>The next thing in what was appended; what the framing itself has to say goes to <paramref name="output"/>.</summary>
    public abstract FramingEvent Read(GrowingBuffer output, out ushort clientSap, out ReadOnlySpan<byte> apdu);

    /// <summary>Where the answer is to be written, behind what stands there.</summary>
    public abstract GrowingBuffer Begin(GrowingBuffer output);

    /// <summary>Sends what was written since <see cref="Begin"/>.</summary>
    public abstract void End(GrowingBuffer output, ushort clientSap);

    /// <summary>Drops what was written since <see cref="Begin"/>.</summary>
    public abstract void Cancel(GrowingBuffer output);
}

/// <summary>The wrapper of TCP and UDP (IEC 62056-4-7).</summary>
/// <param name="serverSap">The logical device that answers; null where any may.</param>
internal sealed class WrapperServerFraming(ushort? serverSap) : ServerFraming
{
    private readonly WrapperFramer _framer = new();
    private ushort _called = serverSap ?? 0;
    private int _start;

    public override ushort ServerSap => _called;

    public override void Append(ReadOnlySpan<byte> octets, Instant now) => _framer.Append(octets);

    public override FramingEvent Read(GrowingBuffer output, out ushort clientSap, out ReadOnlySpan<byte> apdu)
    {
        while (true)
        {
            FrameStatus status = _framer.TryRead(out WrapperHeader header, out apdu, out DecodeError _);
            clientSap = header.Source;
            if (status == FrameStatus.Faulty) return FramingEvent.Faulty;
            if (status == FrameStatus.Incomplete) return FramingEvent.NeedMore;
            if (serverSap is { } own && header.Destination != own) continue; // not for this device
            _called = header.Destination;
            return FramingEvent.Apdu;
        }
    }

    public override GrowingBuffer Begin(GrowingBuffer output)
    {
        _start = output.Length;
        output.GetSpan(WrapperHeader.Length);
        output.Advance(WrapperHeader.Length);
        return output;
    }

    public override void End(GrowingBuffer output, ushort clientSap)
    {
        int length = output.Length - _start - WrapperHeader.Length;
        new WrapperHeader(_called, clientSap, (ushort)length).Write(output.Span[_start..]);
    }

    public override void Cancel(GrowingBuffer output) => output.Truncate(_start);
}

/// <summary>HDLC (IEC 62056-46): the link answers only when it is polled, so an answer may leave in a later reply.</summary>
internal sealed class HdlcServerFraming(HdlcSettings settings) : ServerFraming
{
    private readonly HdlcServerLink _link = new(settings);
    private readonly GrowingBuffer _answer = new();

    public override ushort ServerSap => (ushort)settings.Server.Upper;

    public override bool IsOpen => _link.IsConnected;

    public override int PendingLength => _link.QueuedLength;

    public override bool TryReset()
    {
        _link.Reset();
        return true;
    }

    public override void Append(ReadOnlySpan<byte> octets, Instant now) => _link.Append(octets, now);

    public override FramingEvent Read(GrowingBuffer output, out ushort clientSap, out ReadOnlySpan<byte> apdu)
    {
        HdlcEvent what = _link.Read(out apdu);
        clientSap = (ushort)_link.Client;
        switch (what)
        {
            case HdlcEvent.Apdu or HdlcEvent.Unnumbered:
                return FramingEvent.Apdu;
            case HdlcEvent.Connected:
                return FramingEvent.Opened;
            case HdlcEvent.Disconnected:
                return FramingEvent.Closed;
            default:
                output.Append(_link.TakeOutput().Span);
                return FramingEvent.NeedMore;
        }
    }

    public override GrowingBuffer Begin(GrowingBuffer output)
    {
        _answer.Clear();
        return _answer;
    }

    public override void End(GrowingBuffer output, ushort clientSap) => _link.Send(_answer.Span);

    public override void Cancel(GrowingBuffer output) => _answer.Clear();
}
