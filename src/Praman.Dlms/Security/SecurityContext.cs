using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Security;

/// <summary>
/// The keys, titles, counters and policy of one association, and what is done with them (IEC 62056-5-3, security suites 0 to 2). Opening and
/// protecting under a global, dedicated or broadcast key allocate nothing outside general-ciphering. Each key has its own counters, one a direction.
/// Not for use by two threads at once.
/// </summary>
public sealed partial class SecurityContext : IDisposable
{
    private readonly byte[] _ownTitle;
    private readonly byte[] _authenticationKey;
    private readonly GcmCipher? _global;
    private GcmCipher? _dedicated;
    private GcmCipher? _broadcast;
    private byte[]? _peerTitle;

    /// <param name="policy">What every APDU has to satisfy, and how ours are protected.</param>
    /// <param name="ownSystemTitle">Eight octets.</param>
    /// <param name="encryptionKey">The global unicast encryption key (GUEK), or empty where there is none.</param>
    /// <param name="authenticationKey">The authentication key (GAK), or empty where there is none.</param>
    public SecurityContext(SecurityControl policy, ReadOnlySpan<byte> ownSystemTitle, ReadOnlySpan<byte> encryptionKey, ReadOnlySpan<byte> authenticationKey)
    {
        if (ownSystemTitle.Length != GcmCipher.SystemTitleLength) throw new ArgumentException("A system title has 8 octets.", nameof(ownSystemTitle));
        if (authenticationKey.Length is not (0 or 16 or 32)) throw new ArgumentException("An authentication key has 16 or 32 octets.", nameof(authenticationKey));
        Policy = policy;
        _ownTitle = ownSystemTitle.ToArray();
        _authenticationKey = authenticationKey.ToArray();
        _global = encryptionKey.IsEmpty ? null : new GcmCipher(encryptionKey);
    }

    /// <summary>What every APDU has to satisfy, and how ours are protected.</summary>
    public SecurityControl Policy { get; set; }

    public ReadOnlySpan<byte> OwnSystemTitle => _ownTitle;

    /// <summary>The peer's title; empty until it is known.</summary>
    public ReadOnlySpan<byte> PeerSystemTitle => _peerTitle;

    public ReadOnlySpan<byte> AuthenticationKey => _authenticationKey;

    /// <summary>The cipher of the global key, for HLS mechanism 5; null where there is no key.</summary>
    public GcmCipher? GlobalCipher => _global;

    public bool HasDedicatedKey => _dedicated is not null;

    /// <summary>The counter that the next protected APDU takes.</summary>
    public uint SendCounter { get; set; }

    /// <summary>The lowest counter that an APDU under the global key may carry: one above the last that was verified.</summary>
    public ulong ReceiveCounterMin { get; set; }

    /// <summary>
    /// How far above the lowest one a counter may be in an APDU that is encrypted only, where no tag proves it. No bound unless set: a server sets
    /// one, so that nobody without a key can move its counter to the end.
    /// </summary>
    public ulong UnverifiedCounterJumpMax { get; set; } = ulong.MaxValue;

    /// <summary>The same as <see cref="ReceiveCounterMin"/> under the dedicated key.</summary>
    public ulong DedicatedReceiveCounterMin { get; set; }

    /// <summary>The same as <see cref="ReceiveCounterMin"/> under the broadcast key.</summary>
    public ulong BroadcastReceiveCounterMin { get; set; }

    /// <summary>Sets the peer's system title, as ACSE carried it.</summary>
    public void SetPeerSystemTitle(ReadOnlySpan<byte> title)
    {
        if (title.Length != GcmCipher.SystemTitleLength) throw new ArgumentException("A system title has 8 octets.", nameof(title));
        _peerTitle = title.ToArray();
    }

    /// <summary>Sets the key of this association only; its receive counter starts again.</summary>
    public void SetDedicatedKey(ReadOnlySpan<byte> key)
    {
        _dedicated?.Dispose();
        _dedicated = key.IsEmpty ? null : new GcmCipher(key);
        DedicatedReceiveCounterMin = 0;
    }

    /// <summary>Sets the global broadcast encryption key.</summary>
    public void SetBroadcastKey(ReadOnlySpan<byte> key)
    {
        _broadcast?.Dispose();
        _broadcast = key.IsEmpty ? null : new GcmCipher(key);
    }

    /// <summary>Takes the next send counter, for HLS mechanism 5 and the like.</summary>
    public bool TryTakeCounter(out uint counter)
    {
        counter = SendCounter;
        if (counter == uint.MaxValue) return false;
        SendCounter++;
        return true;
    }

    /// <summary>Protects an APDU by the policy and writes the ciphered APDU.</summary>
    public SecurityOutcome Protect(Protection protection, ReadOnlySpan<byte> apdu, ref AxdrWriter writer) => Protect(protection, Policy, apdu, ref writer);

    /// <summary>Protects an APDU with <paramref name="control"/> and writes the ciphered APDU; nothing is written where it fails.</summary>
    public SecurityOutcome Protect(Protection protection, SecurityControl control, ReadOnlySpan<byte> apdu, ref AxdrWriter writer)
    {
        if (apdu.IsEmpty) return SecurityOutcome.Malformed;
        if (protection == Protection.SignatureOnly) return Sign(apdu, ref writer);
        if (protection >= Protection.GeneralIdentified) return ProtectGeneral(protection, control, apdu, ref writer);
        bool dedicated = protection is Protection.ServiceDedicated or Protection.GeneralDedicated;
        byte tag;
        if (protection == Protection.ServiceGlobal)
        {
            if (!ServiceCiphering.TryGetGlobal(apdu[0], out tag)) return SecurityOutcome.NotCiphered;
        }
        else if (protection == Protection.ServiceDedicated)
        {
            if (!ServiceCiphering.TryGetDedicated(apdu[0], out tag)) return SecurityOutcome.NotCiphered;
        }
        else tag = dedicated ? GeneralDedCiphering.Tag : GeneralGloCiphering.Tag;

        GcmCipher? cipher = dedicated ? _dedicated : control.IsBroadcastKeySet ? _broadcast : _global;
        if (cipher is null) return SecurityOutcome.MissingKey;
        if (control.IsCompressed) return SecurityOutcome.CompressionNotSupported;
        if (control.IsAuthenticated && _authenticationKey.Length == 0) return SecurityOutcome.MissingAuthenticationKey;
        if (!TryTakeCounter(out uint counter)) return SecurityOutcome.CounterExhausted;

        writer.WriteByte(tag);
        if (protection is Protection.GeneralGlobal or Protection.GeneralDedicated) writer.WriteOctets(_ownTitle);
        WriteContent(cipher, new(control, counter), apdu, default, ref writer);
        return SecurityOutcome.Success;
    }

    // Length, security header, text and tag.
    private void WriteContent(GcmCipher cipher, SecurityHeader header, ReadOnlySpan<byte> apdu, scoped ReadOnlySpan<byte> head, ref AxdrWriter writer)
    {
        SecurityControl control = header.Control;
        writer.WriteLength(control.Overhead + apdu.Length);
        writer.WriteByte(control.Octet);
        writer.WriteUInt32(header.InvocationCounter);
        Span<byte> text = writer.Reserve(apdu.Length + (control.IsAuthenticated ? GcmCipher.TagLength : 0));
        Span<byte> authentication = text[apdu.Length..];
        text = text[..apdu.Length];
        switch (control.IsEncrypted, control.IsAuthenticated)
        {
            case (true, true): cipher.Encrypt(_ownTitle, header, _authenticationKey, apdu, text, authentication, head); break;
            case (true, false): cipher.ApplyKeyStream(_ownTitle, header.InvocationCounter, apdu, text); break;
            default:
                apdu.CopyTo(text);
                if (control.IsAuthenticated) cipher.Authenticate(_ownTitle, header, _authenticationKey, apdu, authentication, head);
                break;
        }
    }

    /// <summary>
    /// Opens a ciphered APDU into <paramref name="plainText"/> (never longer than the APDU). One that is neither authenticated nor encrypted is
    /// refused, whatever the policy. The receive counter moves only after the tag verifies. Without a tag it moves after the first octet proves to be
    /// of the announced service, and a counter beyond <see cref="UnverifiedCounterJumpMax"/> is refused; a server looks at the whole content besides.
    /// </summary>
    public SecurityOutcome Unprotect(ReadOnlySpan<byte> apdu, Span<byte> plainText, out int written) => Unprotect(apdu, plainText, out written, out _);

    /// <inheritdoc cref="Unprotect(ReadOnlySpan{byte}, Span{byte}, out int)"/>
    public SecurityOutcome Unprotect(ReadOnlySpan<byte> apdu, Span<byte> plainText, out int written, out SecurityHeader header)
    {
        written = 0;
        header = default;
        Opened = default;
        _transaction = null;
        if (apdu.IsEmpty) return SecurityOutcome.Malformed;
        if (apdu[0] == GeneralSigning.Tag) return OpenSigned(apdu, plainText, out written, out header);
        var before = (ReceiveCounterMin, DedicatedReceiveCounterMin, BroadcastReceiveCounterMin);
        SecurityOutcome outcome = OpenCiphered(apdu, plainText, out written, out header);
        if (outcome == SecurityOutcome.Success && plainText[0] == GeneralSigning.Tag) outcome = StripSignature(plainText, ref written);
        else if (outcome == SecurityOutcome.Success && RequiresSignature) outcome = SecurityOutcome.PolicyNotMet;
        if (outcome == SecurityOutcome.Success) return outcome;
        // What is refused moves no counter: without a tag, that the first octet names a signature is chance.
        (ReceiveCounterMin, DedicatedReceiveCounterMin, BroadcastReceiveCounterMin) = before;
        plainText[..written].Clear();
        written = 0;
        return outcome;
    }

    private SecurityOutcome OpenCiphered(ReadOnlySpan<byte> apdu, Span<byte> plainText, out int written, out SecurityHeader header)
    {
        written = 0;
        header = default;
        SecurityOutcome outcome = CipheredParts.TryParse(apdu, out CipheredParts parts);
        if (outcome != SecurityOutcome.Success) return outcome;
        header = parts.Header;
        if (plainText.Length < parts.Text.Length) return SecurityOutcome.Malformed;
        if (header.Control.IsCompressed) return SecurityOutcome.CompressionNotSupported;
        if (!header.Control.Satisfies(Policy))
            return header.Control.Suite == Policy.Suite ? SecurityOutcome.PolicyNotMet : SecurityOutcome.SuiteNotSupported;
        // Nothing in it would prove a key, whatever the policy says; and its counter is anybody's.
        if (!header.Control.IsAuthenticated && !header.Control.IsEncrypted) return SecurityOutcome.PolicyNotMet;
        if (header.Control.IsAuthenticated && _authenticationKey.Length == 0) return SecurityOutcome.MissingAuthenticationKey;
        if (!parts.RecipientTitle.IsEmpty && !parts.RecipientTitle.SequenceEqual(_ownTitle)) return SecurityOutcome.UnexpectedSystemTitle;

        ReadOnlySpan<byte> title = parts.SystemTitle.IsEmpty ? _peerTitle : parts.SystemTitle;
        if (title.Length != GcmCipher.SystemTitleLength) return SecurityOutcome.MissingSystemTitle;
        if (_peerTitle is not null && !title.SequenceEqual(_peerTitle)) return SecurityOutcome.UnexpectedSystemTitle;

        outcome = Open(parts, parts.IsDedicated, title, plainText);
        if (outcome is SecurityOutcome.MissingKey or SecurityOutcome.TagMismatch or SecurityOutcome.ContentMismatch && parts.Tag == GeneralDedCiphering.Tag)
        {
            // A server in the field answers an AARQ that carried a dedicated key in a dedicated envelope under the global key.
            ulong before = ReceiveCounterMin;
            SecurityOutcome second = Open(parts, dedicated: false, title, plainText);
            if (second == SecurityOutcome.Success && plainText[0] is InitiateResponse.Tag or ConfirmedServiceError.Tag) outcome = second;
            else ReceiveCounterMin = before; // what is refused moves no counter
        }
        if (outcome != SecurityOutcome.Success)
        {
            plainText[..parts.Text.Length].Clear();
            return outcome;
        }
        _peerTitle ??= title.ToArray();
        written = parts.Text.Length;
        Opened = new(EnvelopeOf(parts), header.Control, false, parts.IsBroadcast);
        if (parts.Tag == GeneralCiphering.Tag) _transaction = parts.TransactionId.ToArray();
        return SecurityOutcome.Success;
    }

    private SecurityOutcome Open(in CipheredParts parts, bool dedicated, ReadOnlySpan<byte> title, Span<byte> plainText)
    {
        if (parts.Tag == GeneralCiphering.Tag && parts.Key is not (KeyChoice.Unicast or KeyChoice.Broadcast)) return OpenOnce(parts, title, plainText);
        SecurityHeader header = parts.Header;
        bool broadcast = parts.IsBroadcast;
        GcmCipher? cipher = dedicated ? _dedicated : broadcast ? _broadcast : _global;
        if (cipher is null) return SecurityOutcome.MissingKey;
        ulong min = dedicated ? DedicatedReceiveCounterMin : broadcast ? BroadcastReceiveCounterMin : ReceiveCounterMin;
        if (header.InvocationCounter < min) return SecurityOutcome.CounterReplayed;
        bool isVerified = header.Control.IsAuthenticated;
        if (!isVerified && header.InvocationCounter - min > UnverifiedCounterJumpMax) return SecurityOutcome.CounterTooFar;
        Span<byte> text = plainText[..parts.Text.Length];
        SecurityOutcome outcome = parts.Open(cipher, title, _authenticationKey, text);
        if (outcome != SecurityOutcome.Success) return outcome;
        if (dedicated) DedicatedReceiveCounterMin = header.InvocationCounter + 1UL;
        else if (broadcast) BroadcastReceiveCounterMin = header.InvocationCounter + 1UL;
        else ReceiveCounterMin = header.InvocationCounter + 1UL;
        return SecurityOutcome.Success;
    }

    public void Dispose()
    {
        _global?.Dispose();
        _dedicated?.Dispose();
        _broadcast?.Dispose();
        if (_ownsPeerKeys) PeerKeys?.Dispose();
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(_keyEncryptionKey);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(_authenticationKey);
    }
}
