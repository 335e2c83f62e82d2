using System.Buffers;

namespace Praman.Dlms.Framing;

/// <summary>
/// An APDU as wired M-Bus long frames (EN 13757-1, transport by CI field; EN 13757-2): pieces that CI numbers 0 to 15, over and over, the last one marked.
/// </summary>
public static class MBusTelegrams
{
    /// <summary>SND_UD: data that asks for no answer beside an acknowledgement.</summary>
    public const byte SendUserData = 0x53;

    /// <summary>Address of all on the bus, who do not acknowledge.</summary>
    public const byte Broadcast = 0xFF;

    /// <summary>Octets of an APDU that one frame carries at most: 255, less C, A, CI and both SAPs.</summary>
    public const int PayloadMax = 255 - MBusFrame.Fields;

    /// <summary>Writes an APDU as one frame or several.</summary>
    /// <param name="address">Primary address, or <see cref="Broadcast"/>.</param>
    /// <param name="source">STSAP: who sends.</param>
    /// <param name="destination">DTSAP: for whom.</param>
    /// <param name="apdu">What is carried.</param>
    /// <param name="frames">Where the frames are appended.</param>
    /// <param name="control">The C field.</param>
    /// <exception cref="ArgumentException">There is no APDU.</exception>
    public static void Write(byte address, byte source, byte destination, ReadOnlySpan<byte> apdu, IBufferWriter<byte> frames, byte control = SendUserData)
    {
        ArgumentNullException.ThrowIfNull(frames);
        if (apdu.IsEmpty) throw new ArgumentException("an APDU has at least one octet", nameof(apdu));
        for (int sequence = 0; !apdu.IsEmpty; sequence++)
        {
            ReadOnlySpan<byte> piece = apdu[..Math.Min(apdu.Length, PayloadMax)];
            apdu = apdu[piece.Length..];
            MBusFrame.Write(control, address, MBusFrame.Transport(sequence, isLast: apdu.IsEmpty), source, destination, piece, frames);
        }
    }
}
