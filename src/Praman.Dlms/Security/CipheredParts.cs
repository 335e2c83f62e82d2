using System.Buffers.Binary;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Security;

/// <summary>A ciphered APDU taken apart in place (IEC 62056-5-3, protected APDU).</summary>
public readonly ref struct CipheredParts
{
    private CipheredParts(byte tag, bool isDedicated, ReadOnlySpan<byte> systemTitle, SecurityHeader header, ReadOnlySpan<byte> text, ReadOnlySpan<byte> authentication)
    {
        Tag = tag;
        IsDedicated = isDedicated;
        SystemTitle = systemTitle;
        Header = header;
        Text = text;
        AuthenticationTag = authentication;
    }

    /// <summary>The envelope's tag.</summary>
    public byte Tag { get; }

    /// <summary>True where the dedicated key is named.</summary>
    public bool IsDedicated { get; }

    /// <summary>The sender's title; empty in service ciphering.</summary>
    public ReadOnlySpan<byte> SystemTitle { get; }

    public SecurityHeader Header { get; }

    /// <summary>Cipher text, or plain text where only authenticated.</summary>
    public ReadOnlySpan<byte> Text { get; }

    /// <summary>The tag; empty where there is none.</summary>
    public ReadOnlySpan<byte> AuthenticationTag { get; }

    /// <summary>Takes apart glo-, ded-, general-glo- and general-ded-ciphering.</summary>
    public static SecurityOutcome TryParse(ReadOnlySpan<byte> apdu, out CipheredParts parts)
    {
        parts = default;
        var reader = new AxdrReader(apdu);
        if (!reader.TryReadByte(out byte tag)) return SecurityOutcome.Malformed;
        ReadOnlySpan<byte> title = default;
        bool dedicated;
        if (tag is GeneralGloCiphering.Tag or GeneralDedCiphering.Tag)
        {
            dedicated = tag == GeneralDedCiphering.Tag;
            if (!reader.TryReadOctets(out title) || title.Length is not (0 or GcmCipher.SystemTitleLength)) return SecurityOutcome.Malformed;
        }
        else if (!ServiceCiphering.TryGetPlain(tag, out _, out dedicated)) return SecurityOutcome.NotCiphered;
        if (!reader.TryReadOctets(out ReadOnlySpan<byte> content) || !reader.IsAtEnd) return SecurityOutcome.Malformed;
        return TryParseContent(tag, dedicated, title, content, out parts) ? SecurityOutcome.Success : SecurityOutcome.Malformed;
    }

    /// <summary>Takes apart security header, text and tag.</summary>
    public static bool TryParseContent(byte tag, bool dedicated, ReadOnlySpan<byte> title, ReadOnlySpan<byte> content, out CipheredParts parts)
    {
        parts = default;
        if (content.Length < SecurityHeader.Length) return false;
        var control = new SecurityControl(content[0]);
        if (content.Length <= control.Overhead) return false; // an APDU has an octet at least
        int tagLength = control.Overhead - SecurityHeader.Length;
        var header = new SecurityHeader(control, BinaryPrimitives.ReadUInt32BigEndian(content[1..]));
        parts = new(tag, dedicated, title, header, content[SecurityHeader.Length..^tagLength], content[^tagLength..]);
        return true;
    }

    /// <summary>Deciphers with a given key, and checks the tag where there is one; no counter and no policy is looked at.</summary>
    public SecurityOutcome Open(GcmCipher cipher, ReadOnlySpan<byte> systemTitle, ReadOnlySpan<byte> authenticationKey, Span<byte> plainText)
    {
        ArgumentNullException.ThrowIfNull(cipher);
        switch (Header.Control.IsEncrypted, Header.Control.IsAuthenticated)
        {
            case (true, true):
                return cipher.TryDecrypt(systemTitle, Header, authenticationKey, Text, AuthenticationTag, plainText) ? SecurityOutcome.Success : SecurityOutcome.TagMismatch;
            case (false, true):
                Text.CopyTo(plainText);
                return cipher.Verify(systemTitle, Header, authenticationKey, Text, AuthenticationTag) ? SecurityOutcome.Success : SecurityOutcome.TagMismatch;
            case (true, false):
                cipher.ApplyKeyStream(systemTitle, Header.InvocationCounter, Text, plainText);
                return ContentFits(plainText[0]) ? SecurityOutcome.Success : SecurityOutcome.ContentMismatch;
            default:
                Text.CopyTo(plainText);
                return ContentFits(plainText[0]) ? SecurityOutcome.Success : SecurityOutcome.ContentMismatch;
        }
    }

    private bool ContentFits(byte first)
    {
        if (!ServiceCiphering.TryGetPlain(Tag, out byte announced, out _))
        {
            return ServiceCiphering.TryGetGlobal(first, out _)
                || first is DataNotification.Tag or GeneralBlockTransfer.Tag or ExceptionResponse.Tag or AccessRequest.Tag or AccessResponse.Tag;
        }
        return first == announced || (announced == InitiateResponse.Tag && first == ConfirmedServiceError.Tag);
    }
}
