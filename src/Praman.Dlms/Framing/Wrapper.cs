using System.Buffers.Binary;
using Praman.Metering;

namespace Praman.Dlms.Framing;

/// <summary>The TCP/UDP wrapper before an APDU: version, ports and length, 16 bits each (IEC 62056-4-7, wrapper).</summary>
/// <param name="Source">wPort of the sender: client SAP or logical device.</param>
/// <param name="Destination">wPort of the receiver.</param>
/// <param name="ApduLength">Octets of the APDU that follows.</param>
public readonly record struct WrapperHeader(ushort Source, ushort Destination, ushort ApduLength)
{
    /// <summary>Octets of a header.</summary>
    public const int Length = 8;

    /// <summary>The only version there is.</summary>
    public const ushort Version = 1;

    /// <summary>Octets of the longest APDU.</summary>
    public const int ApduLengthMax = ushort.MaxValue;

    internal const string Clause = "IEC 62056-4-7 (wrapper)";

    /// <summary>Writes eight octets; <paramref name="destination"/> must hold them.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination[6..], ApduLength);
        BinaryPrimitives.WriteUInt16BigEndian(destination, Version);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], Source);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], Destination);
    }

    /// <summary>Takes the first frame of <paramref name="source"/>.</summary>
    /// <returns>Complete with header and APDU; Incomplete when more octets are needed; Faulty with an error where it is no wrapper.</returns>
    public static FrameStatus TryRead(ReadOnlySpan<byte> source, int apduLengthMax, out WrapperHeader header, out ReadOnlySpan<byte> apdu, out DecodeError error)
    {
        header = default;
        apdu = default;
        error = default;
        if (source.Length >= 2 && BinaryPrimitives.ReadUInt16BigEndian(source) is var version && version != Version)
        {
            error = new(0, $"wrapper version {version}: expected 1", Clause);
            return FrameStatus.Faulty;
        }
        if (source.Length < Length) return FrameStatus.Incomplete;
        header = new(BinaryPrimitives.ReadUInt16BigEndian(source[2..]), BinaryPrimitives.ReadUInt16BigEndian(source[4..]), BinaryPrimitives.ReadUInt16BigEndian(source[6..]));
        if (header.ApduLength == 0 || header.ApduLength > apduLengthMax)
        {
            error = new(6, $"an APDU of {header.ApduLength} octets: expected 1 to {apduLengthMax}", Clause);
            return FrameStatus.Faulty;
        }
        if (source.Length - Length < header.ApduLength) return FrameStatus.Incomplete;
        apdu = source.Slice(Length, header.ApduLength);
        return FrameStatus.Complete;
    }
}

/// <summary>What was found at the head of a stream.</summary>
public enum FrameStatus
{
    Complete,

    /// <summary>More octets are needed.</summary>
    Incomplete,

    /// <summary>What stands there is no frame; a stream cannot go on from here.</summary>
    Faulty,
}
