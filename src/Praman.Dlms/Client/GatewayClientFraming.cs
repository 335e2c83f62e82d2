using NodaTime;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;

namespace Praman.Dlms.Client;

/// <summary>The header of a meter behind a gateway, within the wrapper or an HDLC link to the gateway. What other meters, or the gateway itself, say is passed over.</summary>
internal sealed class GatewayClientFraming(ClientFraming inner, GatewayAddress meter) : ClientFraming
{
    public override int HeadLength => inner.HeadLength + GatewayHeader.LengthOf(meter);

    public override Instant? Due => inner.Due;

    public override ClientError Error => inner.Error;

    public override ReadOnlyMemory<byte> Open(Instant now) => inner.Open(now);

    public override ReadOnlyMemory<byte> Close(Instant now) => inner.Close(now);

    public override bool TryWrite(GrowingBuffer frame, Instant now, out ReadOnlyMemory<byte> send)
    {
        GatewayHeader.Write(frame.Span[inner.HeadLength..], meter, isResponse: false);
        return inner.TryWrite(frame, now, out send);
    }

    public override void Append(ReadOnlySpan<byte> octets, Instant now) => inner.Append(octets, now);

    public override FramingEvent Read(out ReadOnlySpan<byte> apdu)
    {
        while (true)
        {
            FramingEvent what = inner.Read(out apdu);
            if (what != FramingEvent.Apdu) return what;
            if (!GatewayHeader.TryRead(apdu, out GatewayHeader header, out _) || !header.Address.Equals(meter)) continue;
            apdu = apdu[header.Length..];
            return what;
        }
    }

    public override FramingEvent Advance(Instant now) => inner.Advance(now);

    public override void AwaitMore(Instant now) => inner.AwaitMore(now);

    public override ReadOnlyMemory<byte> TakeOutput() => inner.TakeOutput();

    public override void Reset() => inner.Reset();
}
