using Praman.Dlms.Apdus;
using Praman.Dlms.Client;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Dlms.Tests.Association;

/// <summary>What the tests put on the wire between a client and a server, and read there.</summary>
internal static class Wire
{
    /// <summary>A frame from a client to the server.</summary>
    public static byte[] ToServer(ushort client, ReadOnlySpan<byte> apdu) => Frame(client, 1, apdu);

    /// <summary>A frame from the server to a client.</summary>
    public static byte[] ToClient(ushort client, ReadOnlySpan<byte> apdu) => Frame(1, client, apdu);

    /// <summary>The APDU of a frame; the test fails where there is none or it is unreadable.</summary>
    public static Apdu Decode(ReadOnlyMemory<byte> frame)
    {
        Assert.True(frame.Length > WrapperHeader.Length, "no answer came");
        Assert.True(Apdu.TryDecode(frame.Span[WrapperHeader.Length..], out Apdu? apdu, out DecodeError error), error.ToString());
        return apdu!;
    }

    /// <summary>Carries octets to and fro until the request is done, failed, or nothing more comes.</summary>
    public static ClientStep Walk(DlmsClient client, DlmsServerAssociation server, ClientStep step, NodaTime.Instant now)
    {
        while (step.Status == ClientStatus.Pending && !step.Send.IsEmpty) step = client.Received(server.Receive(step.Send.Span, now).Span);
        return step;
    }

    private static byte[] Frame(ushort source, ushort destination, ReadOnlySpan<byte> apdu)
    {
        byte[] frame = new byte[WrapperHeader.Length + apdu.Length];
        new WrapperHeader(source, destination, (ushort)apdu.Length).Write(frame);
        apdu.CopyTo(frame.AsSpan(WrapperHeader.Length));
        return frame;
    }
}
