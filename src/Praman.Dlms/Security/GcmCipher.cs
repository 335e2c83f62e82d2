using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Praman.Dlms.Security;

/// <summary>
/// AES-GCM with the DLMS nonce (system title of 8 octets, invocation counter of 4) and tag of 12 octets, under one key that is expanded once
/// (IEC 62056-5-3, security suites; NIST SP 800-38D). Spans in and out; nothing is allocated. Not for use by two threads at once.
/// </summary>
public sealed class GcmCipher : IDisposable
{
    /// <summary>Octets of the authentication tag.</summary>
    public const int TagLength = 12;

    /// <summary>Octets of a system title.</summary>
    public const int SystemTitleLength = 8;

    private const int NonceLength = 12;
    private const int AuthenticatedDataMax = 1 + 32;
    private const int StackMax = 256;

    private readonly AesGcm _gcm;

    /// <param name="key">16 octets (suites 0 and 1) or 32 (suite 2).</param>
    public GcmCipher(ReadOnlySpan<byte> key)
    {
        if (key.Length is not (16 or 32)) throw new ArgumentException($"A key has 16 or 32 octets, not {key.Length}.", nameof(key));
        _gcm = new AesGcm(key, TagLength);
    }

    /// <summary>Encrypts and authenticates; <paramref name="cipherText"/> has the length of the plain text.</summary>
    /// <param name="systemTitle">The sender's.</param>
    /// <param name="header">Security control and invocation counter.</param>
    /// <param name="authenticationKey">16 or 32 octets.</param>
    /// <param name="plainText">The octets.</param>
    /// <param name="cipherText">Takes them encrypted.</param>
    /// <param name="tag">Takes the tag.</param>
    /// <param name="head">What the tag covers besides: the fields before key-info in general-ciphering.</param>
    public void Encrypt(ReadOnlySpan<byte> systemTitle, SecurityHeader header, ReadOnlySpan<byte> authenticationKey, ReadOnlySpan<byte> plainText,
        Span<byte> cipherText, Span<byte> tag, ReadOnlySpan<byte> head = default)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        SetNonce(nonce, systemTitle, header.InvocationCounter);
        byte[]? rented = head.IsEmpty ? null : ArrayPool<byte>.Shared.Rent(AuthenticatedDataMax + head.Length);
        Span<byte> data = rented ?? stackalloc byte[AuthenticatedDataMax];
        data = Associated(data, header.Control, authenticationKey, head);
        _gcm.Encrypt(nonce, plainText, cipherText, tag, data);
        CryptographicOperations.ZeroMemory(data);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Decrypts where the tag verifies; else false, and nothing of the plain text is delivered.</summary>
    public bool TryDecrypt(ReadOnlySpan<byte> systemTitle, SecurityHeader header, ReadOnlySpan<byte> authenticationKey, ReadOnlySpan<byte> cipherText,
        ReadOnlySpan<byte> tag, Span<byte> plainText, ReadOnlySpan<byte> head = default)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        SetNonce(nonce, systemTitle, header.InvocationCounter);
        byte[]? rented = head.IsEmpty ? null : ArrayPool<byte>.Shared.Rent(AuthenticatedDataMax + head.Length);
        Span<byte> data = rented ?? stackalloc byte[AuthenticatedDataMax];
        data = Associated(data, header.Control, authenticationKey, head);
        try
        {
            _gcm.Decrypt(nonce, cipherText, tag, plainText, data);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(data);
            if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>
    /// Encrypts or decrypts without a tag (encryption-only, or a tag that cannot be checked): counter mode is its own inverse. Who uses this has
    /// no proof that the text is what was sent.
    /// </summary>
    public void ApplyKeyStream(ReadOnlySpan<byte> systemTitle, uint invocationCounter, ReadOnlySpan<byte> input, Span<byte> output)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        Span<byte> unused = stackalloc byte[TagLength];
        SetNonce(nonce, systemTitle, invocationCounter);
        _gcm.Encrypt(nonce, input, output, unused);
    }

    /// <summary>The tag over octets that stay in clear (authentication-only, and HLS mechanism 5): GMAC.</summary>
    public void Authenticate(ReadOnlySpan<byte> systemTitle, SecurityHeader header, ReadOnlySpan<byte> authenticationKey, ReadOnlySpan<byte> text, Span<byte> tag,
        ReadOnlySpan<byte> head = default)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        SetNonce(nonce, systemTitle, header.InvocationCounter);
        int length = 1 + authenticationKey.Length + head.Length + text.Length;
        byte[]? rented = length > StackMax ? ArrayPool<byte>.Shared.Rent(length) : null;
        Span<byte> data = rented ?? stackalloc byte[StackMax];
        data = data[..length];
        text.CopyTo(data[Associated(data, header.Control, authenticationKey, head).Length..]);
        _gcm.Encrypt(nonce, default, default, tag, data);
        CryptographicOperations.ZeroMemory(data);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Compares a tag over octets in clear, in fixed time.</summary>
    public bool Verify(ReadOnlySpan<byte> systemTitle, SecurityHeader header, ReadOnlySpan<byte> authenticationKey, ReadOnlySpan<byte> text, ReadOnlySpan<byte> tag,
        ReadOnlySpan<byte> head = default)
    {
        Span<byte> expected = stackalloc byte[TagLength];
        Authenticate(systemTitle, header, authenticationKey, text, expected, head);
        return CryptographicOperations.FixedTimeEquals(expected, tag);
    }

    private static void SetNonce(Span<byte> nonce, ReadOnlySpan<byte> systemTitle, uint invocationCounter)
    {
        if (systemTitle.Length != SystemTitleLength) throw new ArgumentException($"A system title has 8 octets, not {systemTitle.Length}.", nameof(systemTitle));
        systemTitle.CopyTo(nonce);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[SystemTitleLength..], invocationCounter);
    }

    private static Span<byte> Associated(Span<byte> place, SecurityControl control, ReadOnlySpan<byte> authenticationKey, ReadOnlySpan<byte> head)
    {
        place[0] = control.Octet;
        authenticationKey.CopyTo(place[1..]);
        head.CopyTo(place[(1 + authenticationKey.Length)..]);
        return place[..(1 + authenticationKey.Length + head.Length)];
    }

    public void Dispose() => _gcm.Dispose();
}
