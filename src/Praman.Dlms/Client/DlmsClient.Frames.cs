using NodaTime;
using Praman.Dlms.Framing;

namespace Praman.Dlms.Client;

// Frames out and in, and the link below where there is one.
public sealed partial class DlmsClient
{
    private Instant _now;

    /// <summary>When <see cref="Advance"/> is next wanted; null where nothing is awaited, as always over the wrapper.</summary>
    public Instant? Due => _framing.Due;

    /// <summary>Takes in what came from the server, of any length.</summary>
    public ClientStep Received(ReadOnlySpan<byte> octets) => Received(octets, _now);

    /// <summary>Takes in what came from the server until an instant.</summary>
    public ClientStep Received(ReadOnlySpan<byte> octets, Instant now)
    {
        _now = now;
        _framing.Append(octets, now);
        while (true)
        {
            FramingEvent what = _framing.Read(out ReadOnlySpan<byte> apdu);
            if (what == FramingEvent.NeedMore) return Wait();
            if (what != FramingEvent.Apdu)
            {
                if (HandleLink(what) is { } change) return change;
                continue;
            }
            if (_pending is Pending.Link or Pending.LinkEnd) continue;
            if (TakeFrame(apdu) is { } step) return step;
            if (_pending != Pending.Nothing) _framing.AwaitMore(now);
        }
    }

    /// <summary>
    /// Hands in the time: a link asks again for what did not come, or gives up. A host that wants time-outs hands it in before each request,
    /// with what it receives, and at <see cref="Due"/>. Pending where nothing is asked.
    /// </summary>
    public ClientStep Advance(Instant now)
    {
        _now = now;
        FramingEvent what = _framing.Advance(now);
        return (what == FramingEvent.NeedMore ? null : HandleLink(what)) ?? Wait();
    }

    /// <summary>Closes the link below without releasing the association; done at once over the wrapper.</summary>
    public ClientStep Disconnect()
    {
        IsAssociated = false;
        return CloseLink();
    }

    private ClientStep? HandleLink(FramingEvent what)
    {
        Pending was = _pending;
        if (what == FramingEvent.Opened) return was == Pending.Link ? SendAarq() : null;
        if (was == Pending.LinkEnd) return Finish(); // closed, whatever was said
        if (what == FramingEvent.Closed) return null;
        if (_settings.HasLink) IsAssociated = false;
        return Fail(_framing.Error);
    }

    private ClientStep CloseLink()
    {
        ReadOnlyMemory<byte> close = _framing.Close(_now);
        if (close.IsEmpty) return Finish();
        Start(Pending.LinkEnd);
        return new(ClientStatus.Pending, close, null);
    }

    private ClientStep Wait() => _framing.TakeOutput() is { IsEmpty: false } send ? new(ClientStatus.Pending, send, null) : ClientStep.Wait;

    private void BeginFrame()
    {
        int head = _framing.HeadLength;
        _frame.Clear();
        _frame.GetSpan(head);
        _frame.Advance(head);
    }

    private ClientStep EndFrame() => _framing.TryWrite(_frame, _now, out ReadOnlyMemory<byte> send) ? new(ClientStatus.Pending, send, null) : Fail(_framing.Error);
}
