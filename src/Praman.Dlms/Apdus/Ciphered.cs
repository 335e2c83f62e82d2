using Praman.Dlms.Axdr;
using Praman.Dlms.Security;

namespace Praman.Dlms.Apdus;

/// <summary>An APDU whose content is protected: security header, cipher text (or plain text where only authenticated), tag (IEC 62056-5-3).</summary>
/// <param name="Content">All of it, from the security control to the tag.</param>
public abstract record CipheredApdu(ReadOnlyMemory<byte> Content) : Apdu
{
    internal const string Clause = "IEC 62056-5-3 (protected APDU)";

    public SecurityHeader Header =>
        new(new(Content.Span[0]), System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(Content.Span[1..]));

    /// <summary>The protected octets without header and tag.</summary>
    public ReadOnlyMemory<byte> Payload => Content[SecurityHeader.Length..^TagLength];

    /// <summary>The authentication tag; empty where the APDU carries none.</summary>
    public ReadOnlyMemory<byte> AuthenticationTag => Content[^TagLength..];

    private int TagLength => Header.Control.IsAuthenticated ? GcmCipher.TagLength : 0;

    internal static bool TryReadContent(ref AxdrReader reader, out ReadOnlyMemory<byte> content)
    {
        content = default;
        int start = reader.Position;
        if (!reader.TryReadOctets(out ReadOnlySpan<byte> octets)) return false;
        if (octets.Length < SecurityHeader.Length || octets.Length < new SecurityControl(octets[0]).Overhead)
            return reader.FailAt(start, $"{octets.Length} octets of protected content: too few for header and tag", Clause);
        content = octets.ToArray();
        return true;
    }
}

/// <summary>A glo- or ded- ciphered service: the tag says which APDU it carries and which key protects it (IEC 62056-5-3).</summary>
public sealed record ServiceCiphered(byte ServiceTag, ReadOnlyMemory<byte> Content) : CipheredApdu(Content)
{
    public override byte TagOctet => ServiceTag;

    public bool IsDedicated => ServiceCiphering.IsDedicated(ServiceTag);

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(ServiceTag);
        writer.WriteOctets(Content.Span);
    }

    internal static ServiceCiphered? Read(byte tag, ref AxdrReader reader) => TryReadContent(ref reader, out ReadOnlyMemory<byte> content) ? new(tag, content) : null;
}

/// <summary>General-Glo-Ciphering: any APDU under the global key, with the sender's system title (IEC 62056-5-3).</summary>
public sealed record GeneralGloCiphering(ReadOnlyMemory<byte> SystemTitle, ReadOnlyMemory<byte> Content) : CipheredApdu(Content)
{
    public const byte Tag = 0xDB;

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        writer.WriteOctets(SystemTitle.Span);
        writer.WriteOctets(Content.Span);
    }

    internal static GeneralGloCiphering? Read(ref AxdrReader reader) =>
        ApduLists.TryReadMemory(ref reader, out ReadOnlyMemory<byte> title) && TryReadContent(ref reader, out ReadOnlyMemory<byte> content) ? new(title, content) : null;
}

/// <summary>General-Ded-Ciphering: any APDU under the dedicated key, with the sender's system title (IEC 62056-5-3).</summary>
public sealed record GeneralDedCiphering(ReadOnlyMemory<byte> SystemTitle, ReadOnlyMemory<byte> Content) : CipheredApdu(Content)
{
    public const byte Tag = 0xDC;

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        writer.WriteOctets(SystemTitle.Span);
        writer.WriteOctets(Content.Span);
    }

    internal static GeneralDedCiphering? Read(ref AxdrReader reader) =>
        ApduLists.TryReadMemory(ref reader, out ReadOnlyMemory<byte> title) && TryReadContent(ref reader, out ReadOnlyMemory<byte> content) ? new(title, content) : null;
}

/// <summary>Which tag protects which service (IEC 62056-5-3, XDLMS-APDU).</summary>
public static class ServiceCiphering
{
    /// <summary>The glo- tag of a service: 0xC0 GET-Request → 0xC8; false where it has none.</summary>
    public static bool TryGetGlobal(byte tag, out byte globalTag)
    {
        globalTag = tag switch
        {
            0x01 or 0x05 or 0x06 or 0x08 or 0x0C or 0x0D or 0x0E or 0x16 or 0x18 => (byte)(tag + 32),
            >= 0xC0 and <= 0xC7 and not 0xC6 => (byte)(tag + 8),
            _ => 0,
        };
        return globalTag != 0;
    }

    /// <summary>The ded- tag of a service: 0xC0 GET-Request → 0xD0; false where it has none.</summary>
    public static bool TryGetDedicated(byte tag, out byte dedicatedTag)
    {
        dedicatedTag = tag switch
        {
            0x01 or 0x05 or 0x06 or 0x08 or 0x0C or 0x0D or 0x0E or 0x16 or 0x18 => (byte)(tag + 64),
            >= 0xC0 and <= 0xC7 and not 0xC6 => (byte)(tag + 16),
            _ => 0,
        };
        return dedicatedTag != 0;
    }

    public static bool IsGlobal(byte tag) => TryGetPlain(tag, out _, out bool dedicated) && !dedicated;

    public static bool IsDedicated(byte tag) => TryGetPlain(tag, out _, out bool dedicated) && dedicated;

    /// <summary>The tag of the service that a glo- or ded- tag protects.</summary>
    public static bool TryGetPlain(byte tag, out byte plain, out bool dedicated)
    {
        (plain, dedicated) = tag switch
        {
            >= 0xC8 and <= 0xCF => ((byte)(tag - 8), false),
            >= 0xD0 and <= 0xD7 => ((byte)(tag - 16), true),
            >= 33 and <= 56 => ((byte)(tag - 32), false),
            >= 65 and <= 88 => ((byte)(tag - 64), true),
            _ => ((byte)0, false),
        };
        if (dedicated ? TryGetDedicated(plain, out byte same) : TryGetGlobal(plain, out same)) return same == tag;
        (plain, dedicated) = (0, false);
        return false;
    }
}
