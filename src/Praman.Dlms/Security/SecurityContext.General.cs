using System.Buffers.Binary;
using System.Security.Cryptography;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Security;

// General-ciphering: the head, and the keys that an APDU names or brings along. A key that serves for one APDU has no counter that could tell a
// repetition: there the transaction-id does. Who answers echoes it; a request's must be above all before it, an answer's must be the request's.
public sealed partial class SecurityContext
{
    private const int TransactionLength = 8;

    private byte[] _keyEncryptionKey = [];
    private bool _ownsPeerKeys;
    private byte[]? _transaction;

    /// <summary>This party's elliptic-curve keys, or null. Not disposed with this.</summary>
    public EllipticKeys? OwnKeys { get; set; }

    /// <summary>The peer's public elliptic-curve keys, or null.</summary>
    public EllipticKeys? PeerKeys { get; private set; }

    /// <summary>True on the side that answers: it echoes transaction-ids, and takes only rising ones where nothing else tells a repetition.</summary>
    public bool IsResponder { get; init; }

    /// <summary>The lowest transaction-id that a request under a key for one APDU, or one that is only signed, may carry; an answer to a request in clear too.</summary>
    public UInt128 TransactionMin { get; set; }

    /// <summary>How the APDU that was opened last had been protected.</summary>
    public OpenedEnvelope Opened { get; private set; }

    /// <summary>True where the APDU that was opened last moved <see cref="TransactionMin"/> and no counter.</summary>
    public bool OpenedByTransaction => Opened.Protection is Protection.GeneralWrapped or Protection.GeneralOnePass or Protection.GeneralStatic or Protection.SignatureOnly;

    /// <summary>
    /// The next transaction-id of what this party asks; 0 takes its invocation counter. A host whose counters are not kept sets it, to what rises
    /// from session to session: the peer takes none again.
    /// </summary>
    public ulong TransactionNext { get; set; }

    // The transaction-id of a request whose answer is awaited; null where none is. Requests in clear have none: then answers' own must rise.
    private ulong? _transactionAwaited;
    private bool _asksWithTransactions;

    /// <summary>Sets the peer's public keys.</summary>
    /// <param name="keys">The keys, or null.</param>
    /// <param name="owned">True where they are disposed with this.</param>
    public void SetPeerKeys(EllipticKeys? keys, bool owned)
    {
        if (_ownsPeerKeys) PeerKeys?.Dispose();
        (PeerKeys, _ownsPeerKeys) = (keys, owned);
    }

    /// <summary>Sets the key-encrypting key, for wrapped keys.</summary>
    public void SetKeyEncryptionKey(ReadOnlySpan<byte> key)
    {
        CryptographicOperations.ZeroMemory(_keyEncryptionKey);
        _keyEncryptionKey = key.ToArray();
    }

    private static Protection EnvelopeOf(in CipheredParts parts) => (parts.Tag, parts.Key) switch
    {
        (GeneralGloCiphering.Tag, _) => Protection.GeneralGlobal,
        (GeneralDedCiphering.Tag, _) => Protection.GeneralDedicated,
        (GeneralCiphering.Tag, KeyChoice.Wrapped) => Protection.GeneralWrapped,
        (GeneralCiphering.Tag, KeyChoice.OnePass) => Protection.GeneralOnePass,
        (GeneralCiphering.Tag, KeyChoice.StaticUnified) => Protection.GeneralStatic,
        (GeneralCiphering.Tag, _) => Protection.GeneralIdentified,
        _ => parts.IsDedicated ? Protection.ServiceDedicated : Protection.ServiceGlobal,
    };

    private SecurityOutcome ProtectGeneral(Protection protection, SecurityControl control, ReadOnlySpan<byte> apdu, ref AxdrWriter writer)
    {
        if (control.IsCompressed) return SecurityOutcome.CompressionNotSupported;
        if (control.IsAuthenticated && _authenticationKey.Length == 0) return SecurityOutcome.MissingAuthenticationKey;
        bool once = protection != Protection.GeneralIdentified;
        if (once && !control.IsAuthenticated) return SecurityOutcome.PolicyNotMet; // nothing would prove the transaction-id
        if (_peerTitle is null && once) return SecurityOutcome.MissingSystemTitle;
        bool broadcast = control.IsBroadcastKeySet;
        control = new((byte)(control.Octet & ~BroadcastBit));
        if (!TryTakeCounter(out uint counter)) return SecurityOutcome.CounterExhausted;

        var head = new AxdrWriter(stackalloc byte[HeadLengthMax]);
        ReadOnlySpan<byte> transaction = WriteHead(counter, broadcast ? default : _peerTitle, ref head);
        Span<byte> key = stackalloc byte[SecuritySuite.KeyLength(control.Suite)];
        byte[] keyData = [];
        SecurityOutcome outcome = once ? MakeKey(protection, transaction, key, out keyData) : SecurityOutcome.Success;
        if (outcome != SecurityOutcome.Success) return outcome;
        GcmCipher? cipher = once ? new GcmCipher(key) : broadcast ? _broadcast : _global;
        CryptographicOperations.ZeroMemory(key);
        if (cipher is null) return SecurityOutcome.MissingKey;

        writer.WriteByte(GeneralCiphering.Tag);
        writer.WriteBytes(head.Written);
        writer.WriteBoolean(true);
        KeyInfo info = protection switch
        {
            Protection.GeneralIdentified => new(KeyInfo.Identified, broadcast ? (byte)1 : (byte)0, default, default),
            Protection.GeneralWrapped => new(KeyInfo.Wrapped, 0, default, keyData),
            Protection.GeneralOnePass => new(KeyInfo.Agreed, 0, OnePassParameters, keyData),
            _ => new(KeyInfo.Agreed, 0, StaticParameters, default),
        };
        info.Write(ref writer);
        // A new key begins at zero; one from static keys may come again with its transaction-id, so it takes the running counter.
        uint used = protection is Protection.GeneralWrapped or Protection.GeneralOnePass ? 0 : counter;
        WriteContent(cipher, new(control, used), apdu, head.Written, ref writer);
        if (once) cipher.Dispose();
        return SecurityOutcome.Success;
    }

    private const byte BroadcastBit = 0x40;
    private const int HeadLengthMax = 1 + 255 + 2 + (2 * (1 + GcmCipher.SystemTitleLength)) + 2;
    private static readonly ReadOnlyMemory<byte> OnePassParameters = new[] { KeyAgreement.OnePass }, StaticParameters = new[] { KeyAgreement.StaticUnified };

    // Transaction-id, both titles, no date-time, no other information. Gives the transaction-id back.
    private ReadOnlySpan<byte> WriteHead(uint counter, ReadOnlySpan<byte> recipient, ref AxdrWriter writer)
    {
        int length;
        if (IsResponder && _transaction is { Length: > 0 and <= 255 } echoed)
        {
            writer.WriteOctets(echoed);
            length = echoed.Length;
        }
        else
        {
            ulong transaction = TransactionNext == 0 ? counter : TransactionNext++;
            writer.WriteByte(TransactionLength);
            writer.WriteUInt64(transaction);
            length = TransactionLength;
            if (!IsResponder) (_transactionAwaited, _asksWithTransactions) = (transaction, true);
        }
        int start = writer.Length - length;
        writer.WriteOctets(_ownTitle);
        writer.WriteOctets(recipient);
        writer.WriteByte(0);
        writer.WriteByte(0);
        return writer.Written.Slice(start, length);
    }

    private SecurityOutcome MakeKey(Protection protection, ReadOnlySpan<byte> transaction, Span<byte> key, out byte[] keyData)
    {
        keyData = [];
        if (protection == Protection.GeneralWrapped)
        {
            if (_keyEncryptionKey.Length == 0) return SecurityOutcome.MissingKey;
            RandomNumberGenerator.Fill(key);
            keyData = KeyWrap.Wrap(_keyEncryptionKey, key);
            return SecurityOutcome.Success;
        }
        if (OwnKeys is null || PeerKeys is null || OwnKeys.Suite != Policy.Suite) return SecurityOutcome.MissingKey;
        bool made = protection == Protection.GeneralOnePass
            ? KeyAgreement.TryBeginOnePass(OwnKeys, PeerKeys, _ownTitle, _peerTitle, key, out keyData)
            : KeyAgreement.TryStatic(OwnKeys, PeerKeys, _ownTitle, transaction, _peerTitle, key);
        return made ? SecurityOutcome.Success : SecurityOutcome.MissingKey;
    }

    // A key that serves for this APDU alone.
    private SecurityOutcome OpenOnce(in CipheredParts parts, ReadOnlySpan<byte> title, Span<byte> plainText)
    {
        if (parts.Key is null) return SecurityOutcome.MissingKey; // without key-info there is no key to go by
        if (!parts.Header.Control.IsAuthenticated) return SecurityOutcome.PolicyNotMet; // nothing would prove the transaction-id
        SecurityOutcome outcome = JudgeTransaction(parts.TransactionId, out ulong transaction);
        if (outcome != SecurityOutcome.Success) return outcome;
        Span<byte> key = stackalloc byte[SecuritySuite.KeyLength(parts.Header.Control.Suite)];
        outcome = ReadKey(parts, title, key);
        if (outcome != SecurityOutcome.Success) return outcome;
        using var cipher = new GcmCipher(key);
        CryptographicOperations.ZeroMemory(key);
        outcome = parts.Open(cipher, title, _authenticationKey, plainText[..parts.Text.Length]);
        if (outcome == SecurityOutcome.Success) Conclude(transaction);
        return outcome;
    }

    private SecurityOutcome ReadKey(in CipheredParts parts, ReadOnlySpan<byte> title, Span<byte> key)
    {
        if (parts.Key == KeyChoice.Wrapped)
        {
            if (_keyEncryptionKey.Length == 0) return SecurityOutcome.MissingKey;
            if (parts.KeyData.Length != KeyWrap.WrappedLength(key.Length)) return SecurityOutcome.Malformed;
            return KeyWrap.TryUnwrap(_keyEncryptionKey, parts.KeyData, key) ? SecurityOutcome.Success : SecurityOutcome.KeyNotUnwrapped;
        }
        if (OwnKeys is null || PeerKeys is null || OwnKeys.Suite != Policy.Suite) return SecurityOutcome.MissingKey;
        if (parts.Key == KeyChoice.OnePass) return KeyAgreement.FinishOnePass(OwnKeys, PeerKeys, parts.KeyData, title, _ownTitle, key);
        return KeyAgreement.TryStatic(OwnKeys, PeerKeys, title, parts.TransactionId, _ownTitle, key) ? SecurityOutcome.Success : SecurityOutcome.MissingKey;
    }

    private SecurityOutcome JudgeTransaction(ReadOnlySpan<byte> id, out ulong transaction)
    {
        transaction = 0;
        if (id.Length is 0 or > TransactionLength) return SecurityOutcome.Malformed;
        Span<byte> padded = stackalloc byte[TransactionLength];
        id.CopyTo(padded[^id.Length..]);
        transaction = BinaryPrimitives.ReadUInt64BigEndian(padded);
        if (IsResponder || !_asksWithTransactions) return transaction >= TransactionMin ? SecurityOutcome.Success : SecurityOutcome.CounterReplayed;
        return transaction == _transactionAwaited ? SecurityOutcome.Success : SecurityOutcome.CounterReplayed;
    }

    // Only after the tag or the signature verified.
    private void Conclude(ulong transaction)
    {
        if (IsResponder || !_asksWithTransactions) TransactionMin = transaction + UInt128.One; // above the last there is none
        else _transactionAwaited = null;
    }
}
