using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Praman.Proof.Experimental.Pedersen;

/// <summary>
/// Experimental. The secret of one meter from which the blinding factor of each of its intervals is derived (HKDF with SHA-256, RFC 5869). The octets of
/// the whole day go into each: a day that differs in anything, a corrected version of the same day included, has other factors, so that no factor ever
/// hides two values, and the same day has the same commitments however often they are made.
/// </summary>
[Experimental(PedersenOption.DiagnosticId)]
public sealed class BlindingSecret : IDisposable
{
    /// <summary>Octets of a secret.</summary>
    public const int Length = 32;

    private readonly byte[] _key = new byte[Digest.Length];
    private bool _isErased;

    /// <summary>Takes 32 octets, which no other meter may have.</summary>
    public BlindingSecret(ReadOnlySpan<byte> octets)
    {
        if (octets.Length != Length) throw new ArgumentException($"A secret has {Length} octets, not {octets.Length}.", nameof(octets));
        HKDF.Extract(HashAlgorithmName.SHA256, octets, Label, _key);
    }

    /// <summary>The salt of the extraction, and what each expansion begins with.</summary>
    internal static ReadOnlySpan<byte> Label => "praman-pedersen-blinding/1"u8;

    /// <summary>A secret from the system's generator.</summary>
    public static BlindingSecret Create()
    {
        Span<byte> octets = stackalloc byte[Length];
        RandomNumberGenerator.Fill(octets);
        var secret = new BlindingSecret(octets);
        CryptographicOperations.ZeroMemory(octets);
        return secret;
    }

    /// <summary>The factor of an interval: 48 octets of the expansion, mod n, which differs from uniform by less than 2^−128. Nothing is allocated.</summary>
    /// <param name="day">SHA-256 of the day's canonical octets.</param>
    /// <param name="interval">From 0.</param>
    internal Scalar Derive(in Digest day, int interval)
    {
        ObjectDisposedException.ThrowIf(_isErased, this);
        for (byte attempt = 0; ; attempt++)
        {
            Scalar factor = Derive(day, interval, attempt);
            if (!factor.IsZero) return factor; // 0 hides nothing; it comes once in 2^256
        }
    }

    private Scalar Derive(in Digest day, int interval, byte attempt)
    {
        // Info of RFC 5869: the label, the day, the interval, the attempt; before it the block before, after it the block's number.
        int infoLength = Label.Length + Digest.Length + 3;
        Span<byte> text = stackalloc byte[Digest.Length + infoLength + 1], wide = stackalloc byte[2 * Digest.Length];
        Span<byte> info = text.Slice(Digest.Length, infoLength);
        Label.CopyTo(info);
        day.CopyTo(info[Label.Length..]);
        BinaryPrimitives.WriteUInt16BigEndian(info[^3..], (ushort)interval);
        info[^1] = attempt;
        text[^1] = 1;
        Commitment.Authenticate(_key, text[Digest.Length..], wide[..Digest.Length]);
        wide[..Digest.Length].CopyTo(text);
        text[^1] = 2;
        Commitment.Authenticate(_key, text, wide[Digest.Length..]);
        Scalar factor = Scalar.Reduce(wide[..Scalar.WideLength]);
        CryptographicOperations.ZeroMemory(wide);
        CryptographicOperations.ZeroMemory(text[..Digest.Length]);
        return factor;
    }

    /// <summary>Overwrites the key: what was committed can be opened no more.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        _isErased = true;
    }
}
