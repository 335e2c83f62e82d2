using System.Buffers.Binary;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Security;

/// <summary>A ciphered APDU taken apart in place (IEC 62056-5-3, protected APDU).</summary>
public readonly ref struct CipheredParts
{
    private const int DateTimeLength = 12;

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

    /// <summary>In general-ciphering the fields before key-info, lengths among them, which the tag covers; else empty.</summary>
    public ReadOnlySpan<byte> Head { get; private init; }

    /// <summary>In general-ciphering the transaction-id; else empty.</summary>
    public ReadOnlySpan<byte> TransactionId { get; private init; }

    /// <summary>In general-ciphering whom it is for, empty for anybody; else empty.</summary>
    public ReadOnlySpan<byte> RecipientTitle { get; private init; }

    /// <summary>In general-ciphering how its key is named; null where it is not, and in the other envelopes.</summary>
    public KeyChoice? Key { get; private init; }

    /// <summary>Of a wrapped key what is wrapped, of a key agreed in one pass the ephemeral key and its signature.</summary>
    public ReadOnlySpan<byte> KeyData { get; private init; }

    /// <summary>True where the broadcast key is named.</summary>
    public bool IsBroadcast => !IsDedicated && (Tag == GeneralCiphering.Tag ? Key == KeyChoice.Broadcast : Header.Control.IsBroadcastKeySet);

    /// <summary>Takes apart glo-, ded-, general-glo-, general-ded- and general-ciphering.</summary>
    public static SecurityOutcome TryParse(ReadOnlySpan<byte> apdu, out CipheredParts parts)
    {
        parts = default;
        var reader = new AxdrReader(apdu);
        if (!reader.TryReadByte(out byte tag)) return SecurityOutcome.Malformed;
        ReadOnlySpan<byte> title = default;
        bool dedicated;
        if (tag == GeneralCiphering.Tag) return TryParseGeneral(apdu, ref reader, out parts);
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

    private static SecurityOutcome TryParseGeneral(ReadOnlySpan<byte> apdu, scoped ref AxdrReader reader, out CipheredParts parts)
    {
        parts = default;
        int headAt = reader.Position;
        if (!reader.TryReadOctets(out ReadOnlySpan<byte> transaction) || !reader.TryReadOctets(out ReadOnlySpan<byte> originator)
            || !reader.TryReadOctets(out ReadOnlySpan<byte> recipient) || !reader.TryReadOctets(out ReadOnlySpan<byte> dateTime) || !reader.TryReadOctets(out _))
            return SecurityOutcome.Malformed;
        if (originator.Length is not (0 or GcmCipher.SystemTitleLength) || recipient.Length is not (0 or GcmCipher.SystemTitleLength)
            || dateTime.Length is not (0 or DateTimeLength)) return SecurityOutcome.Malformed;
        ReadOnlySpan<byte> head = apdu[headAt..reader.Position];
        if (!reader.TryReadByte(out byte hasKey) || hasKey > 1) return SecurityOutcome.Malformed;
        KeyChoice? key = null;
        ReadOnlySpan<byte> keyData = default;
        if (hasKey == 1 && (key = ReadKey(ref reader, out keyData)) is null) return SecurityOutcome.Malformed;
        if (!reader.TryReadOctets(out ReadOnlySpan<byte> content) || !reader.IsAtEnd) return SecurityOutcome.Malformed;
        if (!TryParseContent(GeneralCiphering.Tag, false, originator, content, out CipheredParts plain)) return SecurityOutcome.Malformed;
        if (plain.Header.Control.IsBroadcastKeySet) return SecurityOutcome.Malformed; // in this envelope key-info says which key, and the bit is zero
        parts = plain with { Head = head, TransactionId = transaction, RecipientTitle = recipient, Key = key, KeyData = keyData };
        return SecurityOutcome.Success;
    }

    private static KeyChoice? ReadKey(scoped ref AxdrReader reader, out ReadOnlySpan<byte> keyData)
    {
        keyData = default;
        if (!reader.TryReadByte(out byte choice)) return null;
        if (choice != KeyInfo.Agreed)
        {
            if (!reader.TryReadByte(out byte id) || (choice == KeyInfo.Wrapped && !reader.TryReadOctets(out keyData))) return null;
            return (choice, id) switch
            {
                (KeyInfo.Identified, 0) => KeyChoice.Unicast,
                (KeyInfo.Identified, 1) => KeyChoice.Broadcast,
                (KeyInfo.Wrapped, 0) => KeyChoice.Wrapped,
                _ => null,
            };
        }
        if (!reader.TryReadOctets(out ReadOnlySpan<byte> parameters) || !reader.TryReadOctets(out keyData) || parameters.Length != 1) return null;
        return parameters[0] switch
        {
            KeyAgreement.OnePass => KeyChoice.OnePass,
            KeyAgreement.StaticUnified when keyData.IsEmpty => KeyChoice.StaticUnified,
            _ => null,
        };
    }

    /// <summary>Deciphers with a given key, and checks the tag where there is one; no counter and no policy is looked at.</summary>
    public SecurityOutcome Open(GcmCipher cipher, ReadOnlySpan<byte> systemTitle, ReadOnlySpan<byte> authenticationKey, Span<byte> plainText)
    {
        ArgumentNullException.ThrowIfNull(cipher);
        switch (Header.Control.IsEncrypted, Header.Control.IsAuthenticated)
        {
            case (true, true):
                return cipher.TryDecrypt(systemTitle, Header, authenticationKey, Text, AuthenticationTag, plainText, Head) ? SecurityOutcome.Success : SecurityOutcome.TagMismatch;
            case (false, true):
                Text.CopyTo(plainText);
                return cipher.Verify(systemTitle, Header, authenticationKey, Text, AuthenticationTag, Head) ? SecurityOutcome.Success : SecurityOutcome.TagMismatch;
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
                || first is DataNotification.Tag or GeneralBlockTransfer.Tag or ExceptionResponse.Tag or AccessRequest.Tag or AccessResponse.Tag or GeneralSigning.Tag;
        }
        return first == announced || (announced == InitiateResponse.Tag && first == ConfirmedServiceError.Tag);
    }
}

/// <summary>Which key a general-ciphering APDU names (IEC 62056-5-3, Key-Info).</summary>
public enum KeyChoice
{
    /// <summary>The global unicast encryption key.</summary>
    Unicast,

    /// <summary>The global broadcast encryption key.</summary>
    Broadcast,

    /// <summary>A key that comes along, wrapped under the key-encrypting key.</summary>
    Wrapped,

    /// <summary>A key agreed in one pass: C(1e, 1s).</summary>
    OnePass,

    /// <summary>A key agreed from static keys: C(0e, 2s).</summary>
    StaticUnified,
}
