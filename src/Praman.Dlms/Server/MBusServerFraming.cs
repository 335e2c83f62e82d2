using NodaTime;
using Praman.Dlms.Framing;

namespace Praman.Dlms.Server;

/// <summary>A wired M-Bus (EN 13757-2): the slave speaks when it is called, so an answer leaves in a later reply.</summary>
internal sealed class MBusServerFraming(MBusLinkSettings settings, ushort serverSap) : ServerFraming
{
    private readonly MBusServerLink _link = new(settings, serverSap);
    private readonly GrowingBuffer _answer = new();
    private bool _isOpen;

    public override ushort ServerSap => _link.Called;

    public override bool IsOpen => _isOpen;

    public override int PendingLength => _link.QueuedLength;

    public override bool TryReset()
    {
        _link.Reset();
        _isOpen = false;
        return true;
    }

    public override void Append(ReadOnlySpan<byte> octets, Instant now) => _link.Append(octets, now);

    public override FramingEvent Read(GrowingBuffer output, out ushort clientSap, out ReadOnlySpan<byte> apdu)
    {
        MBusEvent what = _link.Read(out apdu);
        clientSap = _link.Client;
        if (what == MBusEvent.Apdu) return FramingEvent.Apdu;
        if (what == MBusEvent.None)
        {
            output.Append(_link.TakeOutput().Span);
            return FramingEvent.NeedMore;
        }
        _isOpen = true;
        return FramingEvent.Opened;
    }

    public override GrowingBuffer Begin(GrowingBuffer output)
    {
        _answer.Clear();
        return _answer;
    }

    public override void End(GrowingBuffer output, ushort clientSap) => _link.Send(_answer.Span, (byte)clientSap);

    public override void Cancel(GrowingBuffer output) => _answer.Clear();
}
