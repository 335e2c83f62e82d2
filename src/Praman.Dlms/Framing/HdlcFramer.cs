using System.Buffers.Binary;
using Praman.Metering;

namespace Praman.Dlms.Framing;

/// <summary>
/// Finds HDLC frames in octets. Frames are delimited by flags and by their length; DLMS uses no octet stuffing, so a flag inside the information
/// field is content (IEC 62056-46). One flag may end a frame and begin the next.
/// </summary>
public static class HdlcFramer
{
    /// <summary>Takes the first frame of <paramref name="source"/>.</summary>
    /// <param name="source">Octets from a line; noise before the first flag is passed over.</param>
    /// <param name="frame">The frame, where complete.</param>
    /// <param name="start">Where the frame's format field stands.</param>
    /// <param name="consumed">Octets done with; a closing flag is left, since it may open the next frame.</param>
    /// <param name="error">Why a frame was refused; its offset is from the start of <paramref name="source"/>.</param>
    public static FrameStatus TryRead(ReadOnlySpan<byte> source, out HdlcFrame frame, out int start, out int consumed, out DecodeError error)
    {
        FrameStatus status = TryTake(source, out frame, out start, out consumed, out HdlcFrameFault fault, out int offset);
        error = default;
        if (status != FrameStatus.Faulty) return status;
        // What is no frame at all ends where the source does; a frame ends before its closing flag.
        ReadOnlySpan<byte> octets = fault is HdlcFrameFault.AnotherType or HdlcFrameFault.NoClosingFlag ? source[start..] : source[start..consumed];
        DecodeError inner = HdlcFrame.Explain(fault, offset, octets);
        error = inner with { Offset = inner.Offset + start };
        return status;
    }

    /// <summary>As <see cref="TryRead"/>, without words; <paramref name="offset"/> is from <paramref name="start"/>.</summary>
    internal static FrameStatus TryTake(ReadOnlySpan<byte> source, out HdlcFrame frame, out int start, out int consumed, out HdlcFrameFault fault, out int offset)
    {
        frame = default;
        (fault, offset, start) = (HdlcFrameFault.None, 0, 0);
        consumed = source.IndexOf(HdlcFrame.Flag);
        if (consumed < 0)
        {
            consumed = source.Length;
            return FrameStatus.Incomplete;
        }
        start = consumed;
        while (start < source.Length && source[start] == HdlcFrame.Flag) start++;
        consumed = start - 1;
        if (source.Length - start < 2) return FrameStatus.Incomplete;
        ushort format = BinaryPrimitives.ReadUInt16BigEndian(source[start..]);
        int length = format & HdlcFrame.LengthMax;
        if (format >> 12 != 0xA)
        {
            (fault, consumed) = (HdlcFrameFault.AnotherType, start);
            return FrameStatus.Faulty;
        }
        if (source.Length - start <= length) return FrameStatus.Incomplete; // the frame and its closing flag
        if (source[start + length] != HdlcFrame.Flag)
        {
            (fault, offset, consumed) = (HdlcFrameFault.NoClosingFlag, length, start);
            return FrameStatus.Faulty;
        }
        consumed = start + length;
        return HdlcFrame.TryTake(source.Slice(start, length), out frame, out fault, out offset) ? FrameStatus.Complete : FrameStatus.Faulty;
    }
}
