using System.Buffers.Binary;
using NodaTime;

namespace Praman.Dlms.Framing;

/// <summary>A slave's own address: eight digits, maker, version and medium (EN 13757-2, EN 13757-3). By it a master selects a slave whose primary address it does not know.</summary>
/// <param name="Identification">Eight digits, one in each nibble; 0xF is any.</param>
/// <param name="Manufacturer">Three letters in 15 bits; 0xFFFF is any.</param>
/// <param name="Version">0xFF is any.</param>
/// <param name="Medium">0xFF is any.</param>
public readonly record struct MBusSecondaryAddress(uint Identification, ushort Manufacturer, byte Version, byte Medium)
{
    /// <summary>Octets of the address.</summary>
    public const int Length = 8;

    /// <summary>True where a slave of this address is meant by <paramref name="asked"/>.</summary>
    public bool IsMeantBy(MBusSecondaryAddress asked)
    {
        for (int shift = 0; shift < 32; shift += 4)
        {
            uint digit = asked.Identification >> shift & 0xF;
            if (digit != 0xF && digit != (Identification >> shift & 0xF)) return false;
        }
        return (asked.Manufacturer == ushort.MaxValue || asked.Manufacturer == Manufacturer) && (asked.Version == byte.MaxValue || asked.Version == Version)
            && (asked.Medium == byte.MaxValue || asked.Medium == Medium);
    }

    internal void Write(Span<byte> octets)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(octets, Identification);
        BinaryPrimitives.WriteUInt16LittleEndian(octets[4..], Manufacturer);
        (octets[6], octets[7]) = (Version, Medium);
    }

    internal static MBusSecondaryAddress Read(ReadOnlySpan<byte> octets) =>
        new(BinaryPrimitives.ReadUInt32LittleEndian(octets), BinaryPrimitives.ReadUInt16LittleEndian(octets[4..]), octets[6], octets[7]);
}

/// <summary>A wired M-Bus link of a client (master) or a server (slave) (EN 13757-2).</summary>
public sealed record MBusLinkSettings
{
    /// <summary>Highest primary address of a slave.</summary>
    public const byte AddressMax = 250;

    /// <summary>Called by this address, the slave that was selected answers.</summary>
    public const byte Selected = 253;

    /// <summary>Called by this address every slave answers: for a bus of one.</summary>
    public const byte AnyAnswers = 254;

    /// <summary>The slave's primary address, 0 to 250; a client may also call 254.</summary>
    public byte Address { get; init; } = 1;

    /// <summary>A server's own secondary address; the one by which a client selects its server, instead of the primary one.</summary>
    public MBusSecondaryAddress? Secondary { get; init; }

    /// <summary>Speed of the bus, from which the wait for an answer follows.</summary>
    public int BitsPerSecond { get; init; } = 2400;

    /// <summary>Client: longest wait for an answer that lasts as long as the longest frame; null for what the speed asks for: 330 bits and 50 ms, and the frame itself.</summary>
    public Duration? ReplyTimeout { get; init; }

    /// <summary>Client: how often a frame is sent again.</summary>
    public int RepeatCountMax { get; init; } = 2;

    /// <summary>Silence after which an unfinished frame is dropped, and a faulty one is over.</summary>
    public Duration InterOctetTimeout { get; init; } = Duration.FromMilliseconds(200);

    /// <summary>Client: wait before a server that has no answer yet is asked again.</summary>
    public Duration PollInterval { get; init; } = Duration.FromMilliseconds(200);

    /// <summary>Client: most times that a server is asked for one answer.</summary>
    public int PollCountMax { get; init; } = 100;

    /// <summary>Longest APDU put together from pieces, in octets.</summary>
    public int ApduLengthMax { get; init; } = 1 << 17;

    internal Duration ReplyWait => ReplyTimeout
        ?? Duration.FromMilliseconds(50) + Duration.FromSeconds((330 + (11 * MBusStream.FrameLengthMax)) / (double)Math.Max(1, BitsPerSecond));

    internal void Check(byte highest)
    {
        if (Address > highest || Address is > AddressMax and < Selected) throw new ArgumentException($"no address of a slave: {Address}", nameof(highest));
        if (RepeatCountMax < 0 || PollCountMax < 1 || BitsPerSecond < 1) throw new ArgumentException("repeats are 0 or more, polls and bits a second 1 or more", nameof(highest));
    }
}
