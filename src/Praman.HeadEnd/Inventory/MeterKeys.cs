using System.Buffers.Binary;
using System.Security.Cryptography;
using Praman.Dlms.Server;

namespace Praman.HeadEnd.Inventory;

/// <summary>One meter's keys in clear, for the length of a session. Its text says nothing; disposing wipes it.</summary>
public sealed class MeterKeys : IDisposable
{
    /// <summary>Octets of a key of suite 0.</summary>
    public const int KeyLength = 16;

    /// <summary>Longest secret of low-level security.</summary>
    public const int LowSecretLengthMax = 16;

    /// <summary>Longest secret of high-level security.</summary>
    public const int HighSecretLengthMax = DeviceSecurity.SecretLengthMax;

    private readonly byte[] _encryption;
    private readonly byte[] _authentication;
    private readonly byte[] _highSecret;
    private readonly byte[] _lowSecret;

    /// <param name="encryption">Global unicast encryption key, 16 octets or empty.</param>
    /// <param name="authentication">Authentication key, 16 octets or empty.</param>
    /// <param name="highSecret">Secret of high-level security: 16 octets for mechanism 2, up to 64 for 3, 4 and 6; else empty.</param>
    /// <param name="lowSecret">Password of low-level security, up to 16 octets.</param>
    /// <exception cref="ArgumentException">A key has another length; the message holds no octet of it.</exception>
    public MeterKeys(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, ReadOnlySpan<byte> highSecret = default, ReadOnlySpan<byte> lowSecret = default)
    {
        if (encryption.Length is not (0 or KeyLength)) throw new ArgumentException($"an encryption key has {KeyLength} octets, not {encryption.Length}", nameof(encryption));
        if (authentication.Length is not (0 or KeyLength)) throw new ArgumentException($"an authentication key has {KeyLength} octets, not {authentication.Length}", nameof(authentication));
        if (highSecret.Length > HighSecretLengthMax) throw new ArgumentException($"a high-level secret has at most {HighSecretLengthMax} octets, not {highSecret.Length}", nameof(highSecret));
        if (lowSecret.Length > LowSecretLengthMax) throw new ArgumentException($"a low-level secret has at most {LowSecretLengthMax} octets, not {lowSecret.Length}", nameof(lowSecret));
        _encryption = encryption.ToArray();
        _authentication = authentication.ToArray();
        _highSecret = highSecret.ToArray();
        _lowSecret = lowSecret.ToArray();
    }

    public ReadOnlyMemory<byte> Encryption => _encryption;

    /// <summary>
    /// Names the encryption key without telling it: the counters of a meter's answers are kept under it, so that no step of a key change can leave
    /// the old key's counter on the new key, and the old key, put back, finds its own.
    /// </summary>
    public long Epoch => _encryption.Length == 0 ? 0 : BinaryPrimitives.ReadInt64BigEndian(HMACSHA256.HashData(_encryption, "praman key epoch"u8));

    public ReadOnlyMemory<byte> Authentication => _authentication;

    public ReadOnlyMemory<byte> HighSecret => _highSecret;

    public ReadOnlyMemory<byte> LowSecret => _lowSecret;

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_encryption);
        CryptographicOperations.ZeroMemory(_authentication);
        CryptographicOperations.ZeroMemory(_highSecret);
        CryptographicOperations.ZeroMemory(_lowSecret);
    }

    public override string ToString() => "keys";
}
