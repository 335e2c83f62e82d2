using NodaTime;
using Praman.Dlms.Framing;
using Praman.Metering;

namespace Praman.Dlms.Server;

/// <summary>How a server's APDUs are framed. Answers are written where <see cref="Begin"/> says and sent by <see cref="End"/>.</summary>
internal abstract class ServerFraming
{
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
internal sealed class WrapperServerFraming(LogicalDevice device) : ServerFraming
{
    private readonly WrapperFramer _framer = new();
    private int _start;

    public override void Append(ReadOnlySpan<byte> octets, Instant now) => _framer.Append(octets);

    public override FramingEvent Read(GrowingBuffer output, out ushort clientSap, out ReadOnlySpan<byte> apdu)
    {
        while (true)
        {
            FrameStatus status = _framer.TryRead(out WrapperHeader header, out apdu, out DecodeError _);
            clientSap = header.Source;
            if (status == FrameStatus.Faulty) return FramingEvent.Faulty;
            if (status == FrameStatus.Incomplete) return FramingEvent.NeedMore;
            if (header.Destination == device.ServerSap) return FramingEvent.Apdu; // else not for this device
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
        new WrapperHeader(device.ServerSap, clientSap, (ushort)length).Write(output.Span[_start..]);
    }

    public override void Cancel(GrowingBuffer output) => output.Truncate(_start);
}

/// <summary>HDLC (IEC 62056-46): the link answers only when it is polled, so an answer may leave in a later reply.</summary>
internal sealed class HdlcServerFraming(HdlcSettings settings) : ServerFraming
{
    private readonly HdlcServerLink _link = new(settings);
    private readonly GrowingBuffer _answer = new();

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
