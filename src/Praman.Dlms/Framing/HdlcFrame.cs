using System.Buffers.Binary;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Framing;

/// <summary>Kinds of HDLC frames that DLMS uses (IEC 62056-46, ISO/IEC 13239).</summary>
public enum HdlcFrameType
{
    Information,
    ReceiveReady,
    ReceiveNotReady,
    Reject,
    Snrm,
    Disc,
    Ua,
    Dm,
    Frmr,
    Ui,
    Unknown,
}

/// <summary>An HDLC address of 1, 2 or 4 octets (IEC 62056-46): in 2 and 4 the upper part is the logical device, the lower the physical.</summary>
/// <param name="Size">1, 2 or 4 octets.</param>
/// <param name="Upper">The address (1 octet), else its upper part.</param>
/// <param name="Lower">The lower part; 0 with one octet.</param>
public readonly record struct HdlcAddress(int Size, int Upper, int Lower)
{
    /// <summary>An address of one octet: 0 to 127.</summary>
    public static HdlcAddress Short(int address) => new(1, address, 0);

    /// <summary>True where the numbers fit the octets.</summary>
    public bool IsValid => Size switch
    {
        1 => Upper is >= 0 and <= 0x7F && Lower == 0,
        2 => Upper is >= 0 and <= 0x7F && Lower is >= 0 and <= 0x7F,
        4 => Upper is >= 0 and <= 0x3FFF && Lower is >= 0 and <= 0x3FFF,
        _ => false,
    };

    /// <summary>The address of all stations: all bits of its parts set.</summary>
    public bool IsBroadcast => Size == 4 ? Lower == 0x3FFF : Size == 2 ? Lower == 0x7F : Upper == 0x7F;

    internal static bool TryRead(ReadOnlySpan<byte> source, out HdlcAddress address)
    {
        address = default;
        int size = 0;
        while (size < source.Length && size < 4 && (source[size] & 1) == 0) size++;
        if (size >= source.Length || size >= 4) return false;
        size++;
        switch (size)
        {
            case 1: address = new(1, source[0] >> 1, 0); return true;
            case 2: address = new(2, source[0] >> 1, source[1] >> 1); return true;
            case 4: address = new(4, (source[0] >> 1 << 7) | (source[1] >> 1), (source[2] >> 1 << 7) | (source[3] >> 1)); return true;
            default: return false;
        }
    }

    internal void Write(ref AxdrWriter writer)
    {
        switch (Size)
        {
            case 1:
                writer.WriteByte((byte)((Upper << 1) | 1));
                break;
            case 2:
                writer.WriteByte((byte)(Upper << 1));
                writer.WriteByte((byte)((Lower << 1) | 1));
                break;
            default:
                writer.WriteByte((byte)(Upper >> 7 << 1));
                writer.WriteByte((byte)(Upper << 1));
                writer.WriteByte((byte)(Lower >> 7 << 1));
                writer.WriteByte((byte)((Lower << 1) | 1));
                break;
        }
    }
}

/// <summary>One HDLC frame of format type 3, taken apart in place, check sequences verified (IEC 62056-46).</summary>
public readonly ref struct HdlcFrame
{
    public const byte Flag = 0x7E;

    /// <summary>Octets of the longest frame between its flags.</summary>
    public const int LengthMax = 0x7FF;

    internal const string Clause = "IEC 62056-46 (MAC frame)";

    internal const int LengthMin = 7; // format 2, addresses 1 + 1, control 1, check sequence 2

    private HdlcFrame(ushort format, HdlcAddress destination, HdlcAddress source, byte control, bool hasHeaderCheck, ReadOnlySpan<byte> information)
    {
        Format = format;
        Destination = destination;
        Source = source;
        Control = control;
        HasHeaderCheck = hasHeaderCheck;
        Information = information;
    }

    public ushort Format { get; }

    /// <summary>Octets between the flags.</summary>
    public int Length => Format & LengthMax;

    /// <summary>True where more frames of the same APDU follow.</summary>
    public bool IsSegmented => (Format & 0x800) != 0;

    public HdlcAddress Destination { get; }

    public HdlcAddress Source { get; }

    public byte Control { get; }

    /// <summary>True where a header check sequence (and information) is present.</summary>
    public bool HasHeaderCheck { get; }

    public ReadOnlySpan<byte> Information { get; }

    public bool PollFinal => (Control & 0x10) != 0;

    /// <summary>N(S) of an I frame.</summary>
    public int SendSequence => (Control >> 1) & 7;

    /// <summary>N(R) of an I, RR, RNR or REJ frame.</summary>
    public int ReceiveSequence => Control >> 5;

    public HdlcFrameType Type => TypeOf(Control);

    internal static HdlcFrameType TypeOf(byte control) => (control & 0xEF) switch
    {
        _ when (control & 1) == 0 => HdlcFrameType.Information,
        _ when (control & 0x0F) == 0x01 => HdlcFrameType.ReceiveReady,
        _ when (control & 0x0F) == 0x05 => HdlcFrameType.ReceiveNotReady,
        _ when (control & 0x0F) == 0x09 => HdlcFrameType.Reject,
        0x83 => HdlcFrameType.Snrm,
        0x43 => HdlcFrameType.Disc,
        0x63 => HdlcFrameType.Ua,
        0x0F => HdlcFrameType.Dm,
        0x87 => HdlcFrameType.Frmr,
        0x03 => HdlcFrameType.Ui,
        _ => HdlcFrameType.Unknown,
    };

    /// <summary>Reads what stands between two flags.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, out HdlcFrame frame, out DecodeError error)
    {
        bool isFrame = TryTake(octets, out frame, out HdlcFrameFault fault, out int offset);
        error = isFrame ? default : Explain(fault, offset, octets);
        return isFrame;
    }

    /// <summary>As <see cref="TryRead"/>, without words, for a line on which noise must cost nothing.</summary>
    internal static bool TryTake(ReadOnlySpan<byte> octets, out HdlcFrame frame, out HdlcFrameFault fault, out int offset)
    {
        frame = default;
        if (octets.Length < LengthMin) return Fail(HdlcFrameFault.TooShort, octets.Length, out fault, out offset);
        ushort format = BinaryPrimitives.ReadUInt16BigEndian(octets);
        if (format >> 12 != 0xA) return Fail(HdlcFrameFault.AnotherType, 0, out fault, out offset);
        if ((format & LengthMax) != octets.Length) return Fail(HdlcFrameFault.AnotherLength, 0, out fault, out offset);
        if (!HdlcAddress.TryRead(octets[2..^2], out HdlcAddress destination)) return Fail(HdlcFrameFault.NoDestination, 2, out fault, out offset);
        int at = 2 + destination.Size;
        if (!HdlcAddress.TryRead(octets[at..^2], out HdlcAddress source)) return Fail(HdlcFrameFault.NoSource, at, out fault, out offset);
        at += source.Size;
        if (at >= octets.Length - 2) return Fail(HdlcFrameFault.NoControl, at, out fault, out offset);
        byte control = octets[at++];
        if (Crc16X25.Compute(octets[..^2]) != BinaryPrimitives.ReadUInt16LittleEndian(octets[^2..]))
            return Fail(HdlcFrameFault.FrameCheck, octets.Length - 2, out fault, out offset);
        ReadOnlySpan<byte> rest = octets[at..^2];
        if (!rest.IsEmpty && (rest.Length < 2 || Crc16X25.Compute(octets[..at]) != BinaryPrimitives.ReadUInt16LittleEndian(rest)))
            return Fail(HdlcFrameFault.HeaderCheck, at, out fault, out offset);
        frame = new(format, destination, source, control, !rest.IsEmpty, rest.IsEmpty ? default : rest[2..]);
        (fault, offset) = (HdlcFrameFault.None, 0);
        return true;
    }

    /// <summary>A fault in words.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="offset">Where, from the format field on.</param>
    /// <param name="octets">From the format field on.</param>
    internal static DecodeError Explain(HdlcFrameFault fault, int offset, ReadOnlySpan<byte> octets)
    {
        ushort format = octets.Length < 2 ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(octets);
        return new(offset, fault switch
        {
            HdlcFrameFault.TooShort => $"a frame of {octets.Length} octets: expected {LengthMin} at least",
            HdlcFrameFault.AnotherType => $"frame format 0x{format:X4}: expected type 3, 0xA…",
            HdlcFrameFault.AnotherLength => $"a frame length of {format & LengthMax} where {octets.Length} octets stand",
            HdlcFrameFault.NoDestination => "no destination address of 1, 2 or 4 octets",
            HdlcFrameFault.NoSource => "no source address of 1, 2 or 4 octets",
            HdlcFrameFault.NoControl => "no control field",
            HdlcFrameFault.FrameCheck => "the frame check sequence is wrong: the frame is to be discarded",
            HdlcFrameFault.HeaderCheck => "the header check sequence is wrong: the frame is to be discarded",
            _ => $"no closing flag 0x7E after {format & LengthMax} octets",
        }, Clause);
    }

    /// <summary>Writes a frame between flags, with its check sequences.</summary>
    public static void Write(ref AxdrWriter writer, HdlcAddress destination, HdlcAddress source, byte control, scoped ReadOnlySpan<byte> information, bool segmented = false)
    {
        int length = 2 + destination.Size + source.Size + 1 + 2 + (information.IsEmpty ? 0 : information.Length + 2);
        if (length > LengthMax) throw new ArgumentException($"A frame of {length} octets: {LengthMax} at most.", nameof(information));
        Span<byte> place = writer.Reserve(length + 2);
        place[0] = place[^1] = Flag;
        Span<byte> frame = place[1..^1];
        var head = new AxdrWriter(frame);
        head.WriteUInt16((ushort)(0xA000 | (segmented ? 0x800 : 0) | length));
        destination.Write(ref head);
        source.Write(ref head);
        head.WriteByte(control);
        if (!information.IsEmpty)
        {
            int headLength = head.Length;
            BinaryPrimitives.WriteUInt16LittleEndian(frame[headLength..], Crc16X25.Compute(frame[..headLength]));
            information.CopyTo(frame[(headLength + 2)..]);
        }
        BinaryPrimitives.WriteUInt16LittleEndian(frame[^2..], Crc16X25.Compute(frame[..^2]));
    }

    private static bool Fail(HdlcFrameFault what, int where, out HdlcFrameFault fault, out int offset)
    {
        (fault, offset) = (what, where);
        return false;
    }
}

/// <summary>Why octets are no frame.</summary>
internal enum HdlcFrameFault
{
    None,
    TooShort,
    AnotherType,
    AnotherLength,
    NoDestination,
    NoSource,
    NoControl,
    FrameCheck,
    HeaderCheck,
    NoClosingFlag,
}
