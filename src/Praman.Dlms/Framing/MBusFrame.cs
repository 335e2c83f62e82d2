using System.Buffers;
using Praman.Metering;

namespace Praman.Dlms.Framing;

/// <summary>
/// A wired M-Bus long frame that carries a piece of an APDU (EN 13757-2; EN 13757-1, transport by CI field): 68 L L 68, C, A, CI, source and
/// destination SAP, octets, checksum, 16. In CI bits 0 to 3 number the piece and bit 4 marks the last.
/// </summary>
public readonly ref struct MBusFrame
{
    internal const string Clause = "EN 13757-2 (long frame)";

    /// <summary>C, A, CI and both SAPs.</summary>
    internal const int Fields = 5;

    internal const byte Start = 0x68, Stop = 0x16;

    private const byte LastMark = 0x10, SequenceMask = 0x0F;
    internal const int Head = 4, Tail = 2;

    private MBusFrame(byte length, byte control, byte address, byte controlInformation, byte source, byte destination, ReadOnlySpan<byte> payload)
    {
        Length = length;
        Control = control;
        Address = address;
        ControlInformation = controlInformation;
        Source = source;
        Destination = destination;
        Payload = payload;
    }

    /// <summary>Octets from C to the end of the payload.</summary>
    public byte Length { get; }

    public byte Control { get; }

    public byte Address { get; }

    public byte ControlInformation { get; }

    public bool IsLast => (ControlInformation & LastMark) != 0;

    public int Sequence => ControlInformation & SequenceMask;

    /// <summary>STSAP.</summary>
    public byte Source { get; }

    /// <summary>DTSAP.</summary>
    public byte Destination { get; }

    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Octets of the whole frame.</summary>
    public int FrameLength => Length + Head + Tail;

    /// <summary>Reads the frame that <paramref name="source"/> begins with; its checksum has been verified.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out MBusFrame frame, out DecodeError error)
    {
        frame = default;
        error = default;
        if (!TryReadBody(source, Fields, out ReadOnlySpan<byte> body, out error)) return false;
        frame = new((byte)body.Length, body[0], body[1], body[2], body[3], body[4], body[Fields..]);
        return true;
    }

    /// <summary>What stands between the head and the checksum of the long frame that <paramref name="source"/> begins with; it has <paramref name="least"/> octets or more.</summary>
    internal static bool TryReadBody(ReadOnlySpan<byte> source, int least, out ReadOnlySpan<byte> body, out DecodeError error)
    {
        body = default;
        error = default;
        if (source.Length < Head || source[0] != Start || source[3] != Start || source[1] != source[2])
            return Fail(0, "no start of a long frame: expected 68 L L 68", out error);
        int length = source[1];
        if (length < least) return Fail(1, $"a long frame of {length} octets: expected {least} at least", out error);
        if (source.Length < length + Head + Tail)
            return Fail(source.Length, $"the octets end here: a long frame of {length + Head + Tail} was announced", out error);
        body = source.Slice(Head, length);
        int sum = 0;
        foreach (byte octet in body) sum += octet;
        if ((byte)sum != source[Head + length])
            return Fail(Head + length, $"checksum 0x{source[Head + length]:X2}: expected 0x{(byte)sum:X2}", out error);
        return source[Head + length + 1] == Stop || Fail(Head + length + 1, $"0x{source[Head + length + 1]:X2} where the stop octet 16 was expected", out error);
    }

    /// <summary>Whether a CI field numbers a piece of an APDU.</summary>
    internal static bool IsTransport(byte controlInformation) => (controlInformation & ~(LastMark | SequenceMask)) == 0;

    /// <summary>The CI field of a piece.</summary>
    internal static byte Transport(int sequence, bool isLast) => (byte)((sequence & SequenceMask) | (isLast ? LastMark : 0));

    internal static void Write(byte control, byte address, byte controlInformation, byte source, byte destination, ReadOnlySpan<byte> payload, IBufferWriter<byte> sink)
    {
        int length = Fields + payload.Length;
        Span<byte> frame = sink.GetSpan(Head + length + Tail)[..(Head + length + Tail)];
        frame[0] = frame[3] = Start;
        frame[1] = frame[2] = checked((byte)length);
        (frame[4], frame[5], frame[6], frame[7], frame[8]) = (control, address, controlInformation, source, destination);
        payload.CopyTo(frame[(Head + Fields)..]);
        byte sum = 0;
        foreach (byte octet in frame.Slice(Head, length)) sum += octet;
        (frame[^2], frame[^1]) = (sum, Stop);
        sink.Advance(frame.Length);
    }

    private static bool Fail(int offset, string reason, out DecodeError error)
    {
        error = new(offset, reason, Clause);
        return false;
    }
}
