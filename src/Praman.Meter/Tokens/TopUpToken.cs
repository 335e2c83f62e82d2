using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Praman.Meter.Tokens;

/// <summary>
/// A top-up of one meter, 24 octets: amount (4) and number (4), big-endian, and the first 16 octets of HMAC-SHA256 over both and the serial number, under
/// a key that is derived from the meter's master key (HKDF-SHA256, RFC 5869) and serves nothing else: the master key itself wraps keys, and a key that does
/// two things may give one away by the other. Numbers rise: a token is taken once, and none that is older than one that was taken. This is the virtual meter's own form, not STS.
/// </summary>
public static class TopUpToken
{
    /// <summary>Octets of a token.</summary>
    public const int Length = 24;

    private const int HeadLength = 8;

    private static ReadOnlySpan<byte> Label => "praman top-up token 2"u8;

    /// <summary>Makes a token.</summary>
    /// <param name="amount">In the account's currency and scale; above 0.</param>
    /// <param name="number">Which top-up of this meter it is.</param>
    /// <param name="serial">The meter's serial number.</param>
    /// <param name="masterKey">The meter's master key.</param>
    public static byte[] Make(int amount, uint number, string serial, ReadOnlySpan<byte> masterKey)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(amount);
        byte[] token = new byte[Length];
        BinaryPrimitives.WriteInt32BigEndian(token, amount);
        BinaryPrimitives.WriteUInt32BigEndian(token.AsSpan(4), number);
        Tag(token, serial, masterKey).CopyTo(token.AsSpan(HeadLength));
        return token;
    }

    /// <summary>Opens a token; false where it is not of this meter, or was altered, or the meter has no master key.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> token, string serial, ReadOnlySpan<byte> masterKey, out int amount, out uint number)
    {
        (amount, number) = (0, 0);
        if (token.Length != Length || masterKey.IsEmpty || !CryptographicOperations.FixedTimeEquals(Tag(token, serial, masterKey), token[HeadLength..])) return false;
        (amount, number) = (BinaryPrimitives.ReadInt32BigEndian(token), BinaryPrimitives.ReadUInt32BigEndian(token[4..]));
        return amount > 0;
    }

    private static ReadOnlySpan<byte> Tag(ReadOnlySpan<byte> token, string serial, ReadOnlySpan<byte> masterKey)
    {
        Span<byte> key = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, masterKey, key, salt: [], info: Label);
        try
        {
            return HMACSHA256.HashData(key, [.. token[..HeadLength], .. Encoding.ASCII.GetBytes(serial)]).AsSpan(0, Length - HeadLength);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
