using Praman.Dlms.Axdr;
using Praman.Dlms.Framing;

namespace Praman.Dlms.Tests.Framing;

/// <summary>One frame as it was seen on the line.</summary>
internal sealed record SeenFrame(HdlcFrameType Type, byte Control, HdlcAddress Destination, HdlcAddress Source, byte[] Information, bool IsSegmented)
{
    public bool IsFinal => (Control & 0x10) != 0;

    public int Ns => (Control >> 1) & 7;

    public int Nr => Control >> 5;

    public override string ToString() => Type switch
    {
        HdlcFrameType.Information => $"I{Ns},{Nr}{(IsSegmented ? "+" : "")}{(IsFinal ? "*" : "")}",
        HdlcFrameType.ReceiveReady => $"RR{Nr}{(IsFinal ? "*" : "")}",
        HdlcFrameType.ReceiveNotReady => $"RNR{Nr}{(IsFinal ? "*" : "")}",
        HdlcFrameType.Reject => $"REJ{Nr}{(IsFinal ? "*" : "")}",
        _ => $"{Type.ToString().ToUpperInvariant()}{(IsFinal ? "*" : "")}",
    };
}

/// <summary>Frames of a client of address 16 and a server of address 1, as octets and back.</summary>
internal static class HdlcWire
{
    public static readonly HdlcAddress ClientAt = HdlcAddress.Short(16), ServerAt = HdlcAddress.Short(1);

    public const byte Snrm = 0x93, Disc = 0x53, Ua = 0x73, Dm = 0x1F, Frmr = 0x97, Ui = 0x03, UiPoll = 0x13;

    public static byte[] Frame(HdlcAddress destination, HdlcAddress source, byte control, ReadOnlySpan<byte> information = default, bool segmented = false)
    {
        byte[] buffer = new byte[HdlcFrame.LengthMax + 2];
        var writer = new AxdrWriter(buffer);
        HdlcFrame.Write(ref writer, destination, source, control, information, segmented);
        return writer.Written.ToArray();
    }

    public static byte[] FromClient(byte control, ReadOnlySpan<byte> information = default, bool segmented = false) => Frame(ServerAt, ClientAt, control, information, segmented);

    public static byte[] FromServer(byte control, ReadOnlySpan<byte> information = default, bool segmented = false) => Frame(ClientAt, ServerAt, control, information, segmented);

    /// <summary>Control of an I frame.</summary>
    public static byte I(int ns, int nr, bool final = true) => (byte)((nr << 5) | (ns << 1) | (final ? 0x10 : 0));

    public static byte Rr(int nr, bool final = true) => (byte)((nr << 5) | 0x01 | (final ? 0x10 : 0));

    public static byte Rnr(int nr, bool final = true) => (byte)((nr << 5) | 0x05 | (final ? 0x10 : 0));

    public static byte Rej(int nr, bool final = true) => (byte)((nr << 5) | 0x09 | (final ? 0x10 : 0));

    public static byte[] Parameters(HdlcParameters parameters)
    {
        byte[] buffer = new byte[64];
        var writer = new AxdrWriter(buffer);
        parameters.Write(ref writer);
        return writer.Written.ToArray();
    }

    /// <summary>The frames in octets, all of which must be frames.</summary>
    public static List<SeenFrame> Frames(ReadOnlySpan<byte> octets)
    {
        var seen = new List<SeenFrame>();
        int at = 0;
        while (HdlcFramer.TryRead(octets[at..], out HdlcFrame frame, out _, out int consumed, out _) == FrameStatus.Complete)
        {
            seen.Add(new(frame.Type, frame.Control, frame.Destination, frame.Source, frame.Information.ToArray(), frame.IsSegmented));
            at += consumed;
        }
        Assert.True(octets[at..].IndexOfAnyExcept(HdlcFrame.Flag) < 0, "octets that are no frame were sent");
        return seen;
    }

    /// <summary>The frames in octets, in short: <c>I0,1+ RR2*</c>.</summary>
    public static string Text(ReadOnlySpan<byte> octets) => string.Join(' ', Frames(octets));

    /// <summary>Each frame apart, flags included.</summary>
    public static List<byte[]> Split(ReadOnlySpan<byte> octets) =>
        [.. Frames(octets).Select(f => Frame(f.Destination, f.Source, f.Control, f.Information, f.IsSegmented))];
}
