using System.Buffers.Binary;
using System.Security.Cryptography;
using Praman.Dlms.Server;
using Praman.Transports.Addresses;

namespace Praman.HeadEnd.Inventory;

/// <summary>One meter's keys in clear, for the length of a session. Its text says nothing; disposing wipes it.</summary>
public sealed class MeterKeys : IDisposable
{
    /// <summary>Octets of a key of suites 0 and 1.</summary>
    public const int KeyLength = 16;

    /// <summary>Octets of a key of suite 2.</summary>
    public const int KeyLengthMax = 32;

    /// <summary>Longest secret of low-level security.</summary>
    public const int LowSecretLengthMax = 16;

    /// <summary>Longest secret of high-level security.</summary>
    public const int HighSecretLengthMax = DeviceSecurity.SecretLengthMax;

    private readonly byte[] _encryption;
    private readonly byte[] _authentication;
    private readonly byte[] _highSecret;
    private readonly byte[] _lowSecret;

    /// <param name="encryption">Global unicast encryption key, 16 octets, 32 in suite 2, or empty.</param>
    /// <param name="authentication">Authentication key, likewise.</param>
    /// <param name="highSecret">Secret of high-level security: 16 octets for mechanism 2, up to 64 for 3, 4 and 6; else empty.</param>
    /// <param name="lowSecret">Password of low-level security, up to 16 octets.</param>
    /// <param name="pairs">Key pairs and certificates of suites 1 and 2; disposed with these. Null for none.</param>
    /// <exception cref="ArgumentException">A key has another length; the message holds no octet of it.</exception>
    public MeterKeys(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, ReadOnlySpan<byte> highSecret = default, ReadOnlySpan<byte> lowSecret = default,
        MeterKeyPairs? pairs = null)
    {
        if (encryption.Length is not (0 or KeyLength or KeyLengthMax)) throw new ArgumentException($"an encryption key has {KeyLength} octets, in suite 2 {KeyLengthMax}, not {encryption.Length}", nameof(encryption));
        if (authentication.Length is not (0 or KeyLength or KeyLengthMax)) throw new ArgumentException($"an authentication key has {KeyLength} octets, in suite 2 {KeyLengthMax}, not {authentication.Length}", nameof(authentication));
        if (highSecret.Length > HighSecretLengthMax) throw new ArgumentException($"a high-level secret has at most {HighSecretLengthMax} octets, not {highSecret.Length}", nameof(highSecret));
        if (lowSecret.Length > LowSecretLengthMax) throw new ArgumentException($"a low-level secret has at most {LowSecretLengthMax} octets, not {lowSecret.Length}", nameof(lowSecret));
        _encryption = encryption.ToArray();
        _authentication = authentication.ToArray();
        _highSecret = highSecret.ToArray();
        _lowSecret = lowSecret.ToArray();
        Pairs = pairs;
    }

    /// <summary>The keys that stand in an address; the caller disposes them.</summary>
    /// <exception cref="ArgumentException">A key has a length that is none; the message holds no octet of it.</exception>
    public static MeterKeys Of(MeterAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        bool isLow = address.Authentication == LinkAuthentication.Lls;
        MeterKeyPairs? pairs = address.SignatureKey.IsEmpty && address.AgreementKey.IsEmpty ? null
            : new(address.SignatureKey.Span, address.AgreementKey.Span, address.MeterSignature.Span, address.MeterAgreement.Span, address.Authority.Span);
        return new(address.EncryptionKey.Span, address.AuthenticationKey.Span, isLow ? default : address.Secret.Span, isLow ? address.Secret.Span : default, pairs);
    }

    public ReadOnlyMemory<byte> Encryption => _encryption;

    /// <summary>
    /// Names the encryption key without telling it: the counters of a meter's answers are kept under it, so that no step of a key change can leave
    /// the old key's counter on the new key, and the old key, put back, finds its own.
    /// </summary>
    public long Epoch => _encryption.Length == 0 ? 0 : BinaryPrimitives.ReadInt64BigEndian(HMACSHA256.HashData(_encryption, "praman key epoch"u8));

    /// <summary>
    /// The same for what the meter sends unasked: pushes have counters of their own in the store, because answers of a session may overtake them on
    /// their way.
    /// </summary>
    public long PushEpoch => _encryption.Length == 0 ? 0 : BinaryPrimitives.ReadInt64BigEndian(HMACSHA256.HashData(_encryption, "praman push epoch"u8));

    public ReadOnlyMemory<byte> Authentication => _authentication;

    public ReadOnlyMemory<byte> HighSecret => _highSecret;

    public ReadOnlyMemory<byte> LowSecret => _lowSecret;

    /// <summary>Key pairs and certificates of suites 1 and 2; null for none.</summary>
    public MeterKeyPairs? Pairs { get; }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_encryption);
        CryptographicOperations.ZeroMemory(_authentication);
        CryptographicOperations.ZeroMemory(_highSecret);
        CryptographicOperations.ZeroMemory(_lowSecret);
        Pairs?.Dispose();
    }

    public override string ToString() => "keys";
}
