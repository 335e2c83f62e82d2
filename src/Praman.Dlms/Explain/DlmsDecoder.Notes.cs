using System.Globalization;
using Praman.Dlms.Framing;

namespace Praman.Dlms.Explain;

// Frames in words.
public sealed partial class DlmsDecoder
{
    private static void NoteFrame(ExplainNode parent, ReadOnlyMemory<byte> input, in HdlcFrame frame, int start)
    {
        const string mac = "IEC 62056-46 (MAC frame)";
        string kind = FrameWords(frame);
        var node = ExplainNode.Over(input.Span.Slice(start - 1, frame.Length + 2), start - 1, null, "hdlc frame", kind, mac);
        parent.Add(node);
        var cursor = new ExplainCursor(input.Slice(start - 1, frame.Length + 2), node, start - 1, null);
        cursor.Take(1, "flag", "the frame begins", mac);
        string segments = frame.IsSegmented ? "more segments follow" : "not segmented";
        cursor.Take(2, "frame format", string.Create(CultureInfo.InvariantCulture, $"type 3, {frame.Length} octets, {segments}"), mac);
        cursor.Take(frame.Destination.Size, "destination address", AddressWords(frame.Destination), mac);
        cursor.Take(frame.Source.Size, "source address", AddressWords(frame.Source), mac);
        cursor.Take(1, "control", kind, "IEC 62056-46 (control field)");
        if (frame.HasHeaderCheck)
        {
            cursor.Take(2, "header check sequence", "verified", mac);
            if (frame.Type is HdlcFrameType.Snrm or HdlcFrameType.Ua) NoteParameters(cursor, frame.Information);
            else cursor.Take(frame.Information.Length, "information", "LLC header and APDU, or a segment of them", mac);
        }
        cursor.Take(2, "frame check sequence", "verified", mac);
        cursor.Take(1, "flag", "the frame ends", mac);
    }

    // The parameter field of SNRM and UA: format 81, group 80, length, then identifier, length, value (IEC 62056-46, HDLC parameter negotiation).
    private static void NoteParameters(ExplainCursor cursor, ReadOnlySpan<byte> information)
    {
        const string clause = "IEC 62056-46 (HDLC parameter negotiation)";
        int end = cursor.Position + information.Length;
        if (information.Length < 3 || information[0] != 0x81 || information[1] != 0x80)
        {
            cursor.Take(information.Length, "information", "parameters of the link", clause);
            return;
        }
        cursor.Take(3, "parameter group", "what each side can take", clause);
        while (cursor.Position + 2 <= end)
        {
            int length = cursor.Peek(1);
            if (length > 4 || cursor.Position + 2 + length > end) break;
            uint value = 0;
            for (int index = 0; index < length; index++) value = (value << 8) | cursor.Peek(2 + index);
            string name = cursor.Peek() switch
            {
                5 => "longest information field, transmit",
                6 => "longest information field, receive",
                7 => "window, transmit",
                8 => "window, receive",
                _ => "parameter",
            };
            cursor.Take(2 + length, name, value.ToString(CultureInfo.InvariantCulture), clause);
        }
        if (cursor.Position < end) cursor.Take(end - cursor.Position, "rest", null, clause);
    }

    private static string FrameWords(in HdlcFrame frame) => frame.Type switch
    {
        HdlcFrameType.Information => string.Create(CultureInfo.InvariantCulture, $"I: information, N(S) {frame.SendSequence}, N(R) {frame.ReceiveSequence}{Poll(frame)}"),
        HdlcFrameType.ReceiveReady => string.Create(CultureInfo.InvariantCulture, $"RR: ready for frame {frame.ReceiveSequence}{Poll(frame)}"),
        HdlcFrameType.ReceiveNotReady => string.Create(CultureInfo.InvariantCulture, $"RNR: not ready, frame {frame.ReceiveSequence} is next{Poll(frame)}"),
        HdlcFrameType.Reject => string.Create(CultureInfo.InvariantCulture, $"REJ: frames from {frame.ReceiveSequence} on are to be sent again{Poll(frame)}"),
        HdlcFrameType.Snrm => "SNRM: the client opens the link",
        HdlcFrameType.Ua => "UA: the link is open, or closed, as asked",
        HdlcFrameType.Disc => "DISC: the client closes the link",
        HdlcFrameType.Dm => "DM: the link is closed",
        HdlcFrameType.Frmr => "FRMR: the frame before was refused",
        HdlcFrameType.Ui => "UI: information sent without a link",
        _ => string.Create(CultureInfo.InvariantCulture, $"control 0x{frame.Control:X2}"),
    };

    private static string Poll(in HdlcFrame frame) => frame.PollFinal ? ", poll/final" : "";

    private static string AddressWords(HdlcAddress address)
    {
        if (address.Size == 1)
        {
            string who = address.Upper switch
            {
                0 => "nobody",
                1 => "management logical device, or server 1",
                16 => "public client",
                32 => "meter reader client (IS 15959)",
                48 => "utility setting client (IS 15959)",
                64 => "push client (IS 15959)",
                127 => "all stations",
                _ => "client or server",
            };
            return string.Create(CultureInfo.InvariantCulture, $"{address.Upper}: {who}");
        }
        return string.Create(CultureInfo.InvariantCulture, $"logical device {address.Upper}, physical device {address.Lower}");
    }

    private static void NoteWrapper(ExplainNode parent, ReadOnlyMemory<byte> input, WrapperHeader header, int position)
    {
        var node = ExplainNode.Over(input.Span.Slice(position, WrapperHeader.Length), position, null, "wrapper", "header of an APDU over TCP or UDP", WrapperHeader.Clause);
        parent.Add(node);
        var cursor = new ExplainCursor(input.Slice(position, WrapperHeader.Length), node, position, null);
        cursor.Take(2, "version", "1", WrapperHeader.Clause);
        cursor.Take(2, "source wPort", AddressWords(HdlcAddress.Short(header.Source)), WrapperHeader.Clause);
        cursor.Take(2, "destination wPort", AddressWords(HdlcAddress.Short(header.Destination)), WrapperHeader.Clause);
        cursor.Take(2, "length", string.Create(CultureInfo.InvariantCulture, $"an APDU of {header.ApduLength} octets"), WrapperHeader.Clause);
    }

    private static void NoteMBus(ExplainNode parent, ReadOnlyMemory<byte> input, in MBusFrame frame, int position)
    {
        const string transport = "EN 13757-1 (transport)";
        var node = ExplainNode.Over(input.Span.Slice(position, frame.FrameLength), position, null, "m-bus long frame",
            frame.IsLast ? "the last piece of an APDU" : "a piece of an APDU", MBusFrame.Clause);
        parent.Add(node);
        var cursor = new ExplainCursor(input.Slice(position, frame.FrameLength), node, position, null);
        cursor.Take(4, "start and length", string.Create(CultureInfo.InvariantCulture, $"{frame.Length} octets from C to the end of the piece"), MBusFrame.Clause);
        cursor.Take(1, "C", frame.Control == 0x53 ? "SND_UD: user data" : null, MBusFrame.Clause);
        cursor.Take(1, "A", frame.Address == 255 ? "broadcast, no answer" : null, MBusFrame.Clause);
        cursor.Take(1, "CI", string.Create(CultureInfo.InvariantCulture, $"piece {frame.Sequence}{(frame.IsLast ? ", the last" : "; more follow")}"), transport);
        cursor.Take(1, "STSAP", string.Create(CultureInfo.InvariantCulture, $"from {frame.Source}"), transport);
        cursor.Take(1, "DTSAP", string.Create(CultureInfo.InvariantCulture, $"to {frame.Destination}"), transport);
        cursor.Take(frame.Payload.Length, "payload", "a piece of the APDU", transport);
        cursor.Take(1, "checksum", "verified", MBusFrame.Clause);
        cursor.Take(1, "stop", null, MBusFrame.Clause);
    }
}
