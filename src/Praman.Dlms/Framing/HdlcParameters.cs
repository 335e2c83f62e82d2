using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Framing;

/// <summary>
/// What one side of an HDLC link can send and take, as SNRM proposes and UA settles it (IEC 62056-46, HDLC parameter negotiation).
/// Each side speaks of itself: its transmit is the other's receive.
/// </summary>
/// <param name="InformationTransmit">Octets of the longest information field that it sends.</param>
/// <param name="InformationReceive">Octets of the longest information field that it takes.</param>
/// <param name="WindowTransmit">Frames that it sends before one is acknowledged, 1 to 7.</param>
/// <param name="WindowReceive">Frames that it takes before it acknowledges.</param>
public readonly record struct HdlcParameters(int InformationTransmit, int InformationReceive, int WindowTransmit, int WindowReceive)
{
    public const int InformationDefault = 128, InformationMax = 2030, WindowMax = 7;

    /// <summary>Shortest field that is agreed to: less than an LLC header and an APDU's tag would carry nothing.</summary>
    public const int InformationMin = 8;

    internal const string Clause = "IEC 62056-46 (HDLC parameter negotiation)";

    private const byte Format = 0x81, Group = 0x80;
    private const int HeadLength = 3;

    private enum Id : byte
    {
        InformationTransmit = 5,
        InformationReceive = 6,
        WindowTransmit = 7,
        WindowReceive = 8,
    }

    /// <summary>What holds where nothing is said: 128 octets and one frame, both ways.</summary>
    public static HdlcParameters Default { get; } = new(InformationDefault, InformationDefault, 1, 1);

    /// <summary>The same limits both ways.</summary>
    public static HdlcParameters Of(int informationLength, int window) => new(informationLength, informationLength, window, window);

    /// <summary>True where lengths are 8 to 2030 octets and windows 1 to 7 frames.</summary>
    public bool IsValid => InformationTransmit is >= InformationMin and <= InformationMax && InformationReceive is >= InformationMin and <= InformationMax
        && WindowTransmit is >= 1 and <= WindowMax && WindowReceive is >= 1 and <= WindowMax;

    /// <summary>What a link has of this side's limits and <paramref name="other"/>'s: the lower of what one sends and the other takes.</summary>
    public HdlcParameters Negotiate(HdlcParameters other) => new(
        Math.Min(InformationTransmit, other.InformationReceive), Math.Min(InformationReceive, other.InformationTransmit),
        Math.Min(WindowTransmit, other.WindowReceive), Math.Min(WindowReceive, other.WindowTransmit));

    /// <summary>Reads the information field of SNRM or UA; what it leaves out has its default, what is unknown is passed over.</summary>
    public static bool TryRead(ReadOnlySpan<byte> information, out HdlcParameters parameters, out DecodeError error)
    {
        parameters = Default;
        error = default;
        if (information.IsEmpty) return true;
        if (information.Length < HeadLength || information[0] != Format || information[1] != Group)
            return Fail(0, "no parameter group: expected 81 80 and its length", out error);
        int end = HeadLength + information[2];
        if (end > information.Length) return Fail(2, $"a parameter group of {information[2]} octets where {information.Length - HeadLength} stand", out error);
        for (int at = HeadLength; at < end;)
        {
            if (end - at < 2 || end - at - 2 < information[at + 1]) return Fail(at, "a parameter that ends after its group", out error);
            var id = (Id)information[at];
            ReadOnlySpan<byte> octets = information.Slice(at + 2, information[at + 1]);
            at += 2 + octets.Length;
            if (id is < Id.InformationTransmit or > Id.WindowReceive) continue;
            if (octets.Length is 0 or > 4) return Fail(at - octets.Length - 1, $"a value of {octets.Length} octets: expected 1 to 4", out error);
            uint value = 0;
            foreach (byte octet in octets) value = (value << 8) | octet;
            bool isLength = id is Id.InformationTransmit or Id.InformationReceive;
            if (value < (isLength ? InformationMin : 1))
                return Fail(at - octets.Length, $"a {(isLength ? "longest information field" : "window")} of {value}: expected {(isLength ? InformationMin : 1)} at least", out error);
            int limited = (int)Math.Min(value, isLength ? InformationMax : WindowMax); // more than frames and sequence numbers hold is never used
            parameters = id switch
            {
                Id.InformationTransmit => parameters with { InformationTransmit = limited },
                Id.InformationReceive => parameters with { InformationReceive = limited },
                Id.WindowTransmit => parameters with { WindowTransmit = limited },
                _ => parameters with { WindowReceive = limited },
            };
        }
        return true;
    }

    /// <summary>Writes the information field of SNRM or UA: lengths in the fewest octets, windows in four.</summary>
    public void Write(ref AxdrWriter writer)
    {
        int length = (2 * (2 + 4)) + 4 + OctetsOf(InformationTransmit) + OctetsOf(InformationReceive);
        writer.WriteByte(Format);
        writer.WriteByte(Group);
        writer.WriteByte((byte)length);
        WriteLength(ref writer, Id.InformationTransmit, InformationTransmit);
        WriteLength(ref writer, Id.InformationReceive, InformationReceive);
        WriteWindow(ref writer, Id.WindowTransmit, WindowTransmit);
        WriteWindow(ref writer, Id.WindowReceive, WindowReceive);
    }

    private static int OctetsOf(int value) => value > byte.MaxValue ? 2 : 1;

    private static void WriteLength(ref AxdrWriter writer, Id id, int value)
    {
        writer.WriteByte((byte)id);
        writer.WriteByte((byte)OctetsOf(value));
        if (value > byte.MaxValue) writer.WriteUInt16((ushort)value);
        else writer.WriteByte((byte)value);
    }

    private static void WriteWindow(ref AxdrWriter writer, Id id, int value)
    {
        writer.WriteByte((byte)id);
        writer.WriteByte(4);
        writer.WriteUInt32((uint)value);
    }

    private static bool Fail(int offset, string reason, out DecodeError error)
    {
        error = new(offset, reason, Clause);
        return false;
    }
}
