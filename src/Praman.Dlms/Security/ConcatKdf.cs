using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Praman.Dlms.Security;

/// <summary>What an agreed key is for; it enters the derivation as the algorithm's identifier.</summary>
public enum KeyPurpose
{
    /// <summary>AES-GCM under the key.</summary>
    Encryption = 0,

    /// <summary>AES key wrap under the key: a key-encrypting key.</summary>
    Wrapping = 2,
}

/// <summary>
/// The single-step key derivation by concatenation (NIST SP 800-56A, 5.8.1; IEC 62056-5-3, key derivation function): hash of a counter, the shared
/// secret and OtherInfo, which is AlgorithmID, PartyUInfo and PartyVInfo. SHA-256 with suite 1, SHA-384 with suite 2.
/// </summary>
public static class ConcatKdf
{
    // 2.16.756.5.8.3.n: AES-GCM-128, AES-GCM-256, AES-WRAP-128, AES-WRAP-256.
    private static ReadOnlySpan<byte> AlgorithmArc => [0x60, 0x85, 0x74, 0x05, 0x08, 0x03];

    private const int HashLengthMax = 48, RoundsMax = 255;

    /// <summary>Fills <paramref name="key"/>.</summary>
    /// <param name="suite">1 or 2.</param>
    /// <param name="sharedSecret">Z: the x coordinate that both parties computed.</param>
    /// <param name="purpose">What the key is for.</param>
    /// <param name="partyU">System title of the originator, and in the static unified model length and value of its transaction-id.</param>
    /// <param name="partyV">System title of the recipient.</param>
    /// <param name="key">Takes the first octets of the hash.</param>
    public static void Derive(int suite, ReadOnlySpan<byte> sharedSecret, KeyPurpose purpose, ReadOnlySpan<byte> partyU, ReadOnlySpan<byte> partyV, Span<byte> key)
    {
        if (!SecuritySuite.HasCurve(suite)) throw new ArgumentOutOfRangeException(nameof(suite), suite, "only suites 1 and 2 derive keys");
        using var hash = IncrementalHash.CreateHash(SecuritySuite.Hash(suite));
        if (key.Length > RoundsMax * hash.HashLengthInBytes) throw new ArgumentException("More key than this derivation gives.", nameof(key));
        Span<byte> counter = stackalloc byte[sizeof(uint)];
        Span<byte> round = stackalloc byte[HashLengthMax];
        round = round[..hash.HashLengthInBytes];
        for (uint number = 1; !key.IsEmpty; number++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(counter, number);
            hash.AppendData(counter);
            hash.AppendData(sharedSecret);
            hash.AppendData(AlgorithmArc);
            hash.AppendData([(byte)((int)purpose + (suite == 2 ? 1 : 0))]);
            hash.AppendData(partyU);
            hash.AppendData(partyV);
            hash.GetHashAndReset(round);
            int count = Math.Min(round.Length, key.Length);
            round[..count].CopyTo(key);
            key = key[count..];
        }
        CryptographicOperations.ZeroMemory(round);
    }
}
